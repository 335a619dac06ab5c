-- What the version with this schema asks of its store; made by `./dev keep-statements`.

-- both src/app/sealed_store.h select_whether_any_secret
SELECT EXISTS (SELECT 1 FROM endpoint_secrets) OR EXISTS (SELECT 1 FROM endpoints WHERE request_box IS NOT NULL) OR EXISTS (SELECT 1 FROM idempotency_keys) OR EXISTS (SELECT 1 FROM users WHERE totp_box IS NOT NULL);
-- both src/app/sealed_store.h select_any_endpoint_secret
SELECT merchant_id, endpoint_id FROM endpoint_secrets ORDER BY merchant_id, endpoint_id LIMIT 1;
-- both src/app/sealed_store.h select_endpoint_secrets
SELECT merchant_id, endpoint_id, number, secret_box FROM endpoint_secrets;
-- both src/app/sealed_store.h update_endpoint_secret
UPDATE endpoint_secrets SET secret_box = $4 WHERE merchant_id = $1 AND endpoint_id = $2 AND number = $3;
-- both src/app/sealed_store.h select_endpoint_extras
SELECT merchant_id, id, request_box FROM endpoints WHERE request_box IS NOT NULL;
-- both src/app/sealed_store.h update_endpoint_extras
UPDATE endpoints SET request_box = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/app/sealed_store.h select_totp_secrets
SELECT merchant_id, id, totp_box FROM users WHERE totp_box IS NOT NULL;
-- both src/app/sealed_store.h update_totp_secret
UPDATE users SET totp_box = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/app/sealed_store.h select_telephone_codes
SELECT merchant_id, telephone, code_box FROM telephone_codes;
-- both src/app/sealed_store.h update_telephone_code
UPDATE telephone_codes SET code_box = $2 WHERE merchant_id = $1;
-- both src/app/sealed_store.h select_answers
SELECT merchant_id, idempotency_key, body FROM idempotency_keys WHERE body IS NOT NULL;
-- both src/app/sealed_store.h update_answer
UPDATE idempotency_keys SET body = $3 WHERE merchant_id = $1 AND idempotency_key = $2;
-- both src/app/sealed_store.h select_latest_payment
SELECT count(*), max(created_at) FROM payments;
-- both src/db/migration_store.h select_version
SELECT coalesce(max(version), 0) FROM schema_migrations;
-- both src/db/migration_store.h insert_migration
INSERT INTO schema_migrations (version, name, applied_at, older_may_run) VALUES ($1, $2, $3, $4);
-- both src/db/migration_store.h select_first_to_know
SELECT min(version) FROM schema_migrations WHERE version > $1 AND older_may_run = 0;
-- sqlite src/db/move.cpp select_tables
SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name;
-- sqlite src/db/move.cpp select_columns
SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid;
-- sqlite src/db/move.cpp select_sequences
SELECT name, value FROM sequences;
-- postgres src/db/move.cpp set_sequence
SELECT setval('ids_' || $1, $2);
-- postgres src/db/move.cpp insert_move
INSERT INTO moves (id, began_at) VALUES (1, $1) ON CONFLICT DO NOTHING;
-- postgres src/db/move.cpp select_move
SELECT ended_at FROM moves WHERE id = 1;
-- postgres src/db/move.cpp end_move
UPDATE moves SET ended_at = $1 WHERE id = 1;
-- both src/db/move.cpp select_any_merchant
SELECT EXISTS (SELECT 1 FROM merchants);
-- postgres src/db/open.cpp select_schema
SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migrations';
-- postgres src/db/postgres_connection.cpp lock_everything
SELECT pg_advisory_xact_lock($1);
-- postgres src/db/postgres_connection.cpp share_everything
SELECT pg_advisory_xact_lock_shared($1);
-- postgres src/db/postgres_connection.cpp lock_lane
SELECT pg_advisory_xact_lock($1);
-- postgres src/db/postgres_connection.cpp set_mark
INSERT INTO commit_marks AS mark (id, number, set_at) VALUES ($1, $2, now()) ON CONFLICT (id) DO UPDATE SET number = excluded.number, set_at = excluded.set_at;
-- postgres src/db/postgres_connection.cpp select_mark
SELECT number FROM commit_marks WHERE id = $1;
-- postgres src/db/postgres_connection.cpp new_mark
SELECT nextval('commit_mark_ids');
-- postgres src/db/postgres_connection.cpp lock_mark
SELECT pg_advisory_lock(hashtext(current_schema()), CAST(CAST($1 AS bigint) % 2147483647 AS integer));
-- postgres src/db/postgres_connection.cpp unlock_mark
SELECT pg_advisory_unlock(hashtext(current_schema()), CAST(CAST($1 AS bigint) % 2147483647 AS integer));
-- postgres src/db/postgres_connection.cpp select_salt
SELECT hashtextextended(current_schema(), 0);
-- postgres src/db/postgres_notices.cpp select_channel
SELECT 'epay_' || current_schema();
-- postgres src/db/postgres_notices.cpp notify
SELECT pg_notify($1, $2);
-- postgres src/db/postgres_notices.cpp select_one
SELECT 1;
-- postgres src/db/postgres_schema.cpp lock_schema
SELECT pg_advisory_xact_lock(2, 1);
-- postgres src/db/postgres_schema.cpp select_server
SELECT CAST(current_setting('server_version_num') AS integer);
-- postgres src/db/postgres_schema.cpp select_tables
SELECT count(*), count(*) FILTER (WHERE tablename = 'schema_migrations') FROM pg_tables WHERE schemaname = current_schema();
-- postgres src/db/postgres_schema.cpp select_version
SELECT coalesce(max(version), 0) FROM schema_migrations;
-- postgres src/db/postgres_schema.cpp insert_migration
INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3);
-- postgres src/db/postgres_schema.cpp count_unfinished
SELECT count(*) FROM moves WHERE ended_at IS NULL;
-- sqlite src/db/sqlite_connection.cpp insert_migration
INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3);
-- sqlite src/db/sqlite_connection.cpp reserve_ids
INSERT INTO sequences (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value;
-- sqlite src/db/sqlite_connection.cpp select_tables
SELECT count(*), coalesce(sum(name = 'schema_migrations'), 0) FROM sqlite_schema;
-- sqlite src/db/sqlite_connection.cpp select_version
SELECT coalesce(max(version), 0) FROM schema_migrations;
-- sqlite src/db/sqlite_restore.cpp select_whether_ours
SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations';
-- sqlite src/db/sqlite_restore.cpp skip_ids
UPDATE sequences SET value = value + $1;
-- both src/events/event_store.h insert_event
INSERT INTO events (merchant_id, id, mode, type, payment_id, payload, created_at, sequence, previous_id) VALUES ($1, coalesce((SELECT id FROM events WHERE merchant_id = $1 AND id > coalesce((SELECT beyond_id FROM event_starts WHERE merchant_id = $1), 0) ORDER BY id DESC LIMIT 1), (SELECT beyond_id FROM event_starts WHERE merchant_id = $1), 0) + 1, $2, $3, $4, $5, $6, $7, $8) RETURNING id;
-- both src/events/event_store.h skip_event_ids
INSERT INTO event_starts (merchant_id, beyond_id) SELECT m.id, $1 + coalesce((SELECT e.id FROM events e WHERE e.merchant_id = m.id AND e.id > coalesce(s.beyond_id, 0) ORDER BY e.id DESC LIMIT 1), s.beyond_id, 0) FROM merchants m LEFT JOIN event_starts s ON s.merchant_id = m.id WHERE true ON CONFLICT (merchant_id) DO UPDATE SET beyond_id = excluded.beyond_id;
-- both src/events/event_store.h select_asking_endpoints
SELECT id FROM endpoints WHERE merchant_id = $1 AND enabled = 1 AND (event_types & $2) <> 0 AND (mode IS NULL OR mode = $3) ORDER BY id;
-- both src/events/event_store.h insert_delivery
INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, uncounted_tries, due_at, updated_at, owner) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7);
-- both src/events/event_store.h update_next_event
UPDATE deliveries SET next_event_id = $4 WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND status IN (1, 4) AND tries < $5;
-- both src/events/event_store.h select_previous_event
SELECT EXISTS (SELECT 1 FROM deliveries d WHERE d.merchant_id = $1 AND d.endpoint_id = $3 AND d.event_id = e.id), e.previous_id FROM events e WHERE e.merchant_id = $1 AND e.id = $2;
-- both src/events/event_store.h insert_endpoint
INSERT INTO endpoints (merchant_id, id, url, mode, description, event_types, rate_limit, in_flight_max, timeout_seconds, schedule, enabled, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 1, $11, $11);
-- both src/events/event_store.h insert_endpoint_url
INSERT INTO endpoint_urls (merchant_id, endpoint_id, version, url) VALUES ($1, $2, $3, $4);
-- both src/events/event_store.h update_endpoint
UPDATE endpoints SET url = $3, mode = $4, description = $5, event_types = $6, rate_limit = $7, in_flight_max = $8, timeout_seconds = $9, schedule = $10, version = version + 1, updated_at = $11 WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL;
-- both src/events/event_store.h enable_endpoint
UPDATE endpoints SET enabled = 1, disabled_reason = NULL, disabled_at = NULL, version = version + 1, updated_at = $3 WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL;
-- both src/events/event_store.h disable_endpoint
UPDATE endpoints SET enabled = 0, disabled_reason = $3, disabled_at = $4, version = version + 1, updated_at = $4 WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL;
-- both src/events/event_store.h delete_endpoint
UPDATE endpoints SET enabled = 0, deleted_at = $3, version = version + 1, updated_at = $3 WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL;
-- both src/events/event_store.h update_extras
UPDATE endpoints SET request_box = $3, version = version + 1 WHERE merchant_id = $1 AND id = $2;
-- both src/events/event_store.h select_endpoint
SELECT merchant_id, id, url, mode, description, event_types, rate_limit, in_flight_max, timeout_seconds, schedule, request_box, enabled, disabled_reason, disabled_at, deleted_at, version, created_at, updated_at FROM endpoints WHERE merchant_id = $1 AND id = $2;
-- both src/events/event_store.h select_endpoints
SELECT merchant_id, id, url, mode, description, event_types, rate_limit, in_flight_max, timeout_seconds, schedule, request_box, enabled, disabled_reason, disabled_at, deleted_at, version, created_at, updated_at FROM endpoints WHERE merchant_id = $1 AND deleted_at IS NULL ORDER BY id;
-- both src/events/event_store.h select_endpoint_url
SELECT url FROM endpoint_urls WHERE merchant_id = $1 AND endpoint_id = $2 AND version <= $3 ORDER BY version DESC LIMIT 1;
-- both src/events/event_store.h insert_secret
INSERT INTO endpoint_secrets (merchant_id, endpoint_id, number, scheme, secret_box, created_at) VALUES ($1, $2, coalesce((SELECT max(number) FROM endpoint_secrets WHERE merchant_id = $1 AND endpoint_id = $2), 0) + 1, $3, $4, $5);
-- both src/events/event_store.h expire_secrets
UPDATE endpoint_secrets SET expires_at = $3 WHERE merchant_id = $1 AND endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $3);
-- both src/events/event_store.h delete_secrets
DELETE FROM endpoint_secrets WHERE merchant_id = $1 AND endpoint_id = $2 AND (expires_at <= $3 OR number NOT IN (SELECT number FROM endpoint_secrets WHERE merchant_id = $1 AND endpoint_id = $2 ORDER BY number DESC LIMIT $4));
-- both src/events/event_store.h select_secrets
SELECT number, scheme, secret_box, created_at, expires_at FROM endpoint_secrets WHERE merchant_id = $1 AND endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $3) ORDER BY number DESC;
-- both src/events/event_store.h select_health
SELECT failing_since, failures, last_failure_at, rests_until, breaker_opened, told, told_at FROM endpoint_health WHERE merchant_id = $1 AND endpoint_id = $2;
-- both src/events/event_store.h save_health
INSERT INTO endpoint_health (merchant_id, endpoint_id, failing_since, failures, last_failure_at, rests_until, breaker_opened, told, told_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (merchant_id, endpoint_id) DO UPDATE SET failing_since = excluded.failing_since, failures = excluded.failures, last_failure_at = excluded.last_failure_at, rests_until = excluded.rests_until, breaker_opened = excluded.breaker_opened, told = excluded.told, told_at = excluded.told_at;
-- both src/events/event_store.h delete_health
DELETE FROM endpoint_health WHERE merchant_id = $1 AND endpoint_id = $2;
-- both src/events/event_store.h select_next_lane
SELECT merchant_id, endpoint_id, background, owner, due_at FROM deliveries WHERE due_at IS NOT NULL AND (merchant_id, endpoint_id) > ($1, $2) ORDER BY merchant_id, endpoint_id, background, owner, due_at LIMIT 1;
-- both src/events/event_store.h select_next_owner
SELECT owner FROM deliveries WHERE due_at IS NOT NULL AND merchant_id = $1 AND endpoint_id = $2 AND background = $3 AND owner > $4 ORDER BY owner LIMIT 1;
-- both src/events/event_store.h select_first_due
SELECT due_at FROM deliveries WHERE due_at IS NOT NULL AND merchant_id = $1 AND endpoint_id = $2 AND background = $3 AND owner = $4 ORDER BY due_at LIMIT 1;
-- both src/events/event_store.h claim_due
UPDATE deliveries SET owner = $5 WHERE merchant_id = $1 AND endpoint_id = $2 AND owner = $4 AND event_id IN (SELECT event_id FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND background = $3 AND owner = $4 AND due_at >= $6 AND due_at <= $7 ORDER BY due_at, event_id LIMIT $8);
-- both src/events/event_store.h select_due
SELECT d.event_id, e.type, e.mode, e.sequence, d.tries, d.uncounted_tries, d.due_at, d.redelivery_id, d.background, d.resends, d.owner, e.payload FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.background = $3 AND d.owner = $4 AND d.due_at >= $5 AND d.due_at <= $6 ORDER BY d.due_at, d.event_id LIMIT $7;
-- both src/events/event_store.h select_delivery_to_send
SELECT d.event_id, e.type, e.mode, e.sequence, d.tries, d.uncounted_tries, d.due_at, d.redelivery_id, d.background, d.resends, d.owner, e.payload FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id = $3;
-- both src/events/event_store.h insert_attempt
INSERT INTO delivery_attempts (merchant_id, endpoint_id, event_id, number, started_at, endpoint_version, status, failure, answer, dns_us, connect_us, tls_us, first_byte_us, total_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING;
-- both src/events/event_store.h update_delivery
UPDATE deliveries SET status = CASE WHEN $4 <> 2 AND resends <> $9 THEN 1 ELSE $4 END, tries = CAST($5 AS BIGINT), uncounted_tries = CASE WHEN resends <> $9 THEN CAST($5 AS BIGINT) ELSE $6 END, due_at = CASE WHEN $4 <> 2 AND resends <> $9 THEN CAST($8 AS BIGINT) ELSE CAST($7 AS BIGINT) END, updated_at = $8, owner = CASE WHEN $4 <> 2 AND resends <> $9 THEN CAST($11 AS BIGINT) ELSE $12 END WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND tries = CAST($5 AS BIGINT) - 1 AND owner IN ($10, CAST($11 AS BIGINT)) RETURNING next_event_id, status, uncounted_tries, due_at, resends, owner;
-- both src/events/event_store.h unblock_delivery
UPDATE deliveries SET status = 1, due_at = $4, updated_at = $4, owner = $5 WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND status = 4;
-- both src/events/event_store.h select_delivery_status
SELECT status, owner FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3;
-- both src/events/event_store.h resend_delivery
UPDATE deliveries SET status = 1, uncounted_tries = tries, resends = resends + 1, redelivery_id = $4, background = $5, due_at = $6, updated_at = $6, owner = $7 WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3;
-- both src/events/event_store.h select_to_cancel
SELECT event_id FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND due_at IS NOT NULL LIMIT $3;
-- both src/events/event_store.h cancel_delivery
UPDATE deliveries SET status = 5, due_at = NULL, updated_at = $4 WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND status IN (1, 4) RETURNING next_event_id;
-- both src/events/event_store.h select_next_attempts_lane
SELECT merchant_id, endpoint_id FROM delivery_attempts WHERE (merchant_id, endpoint_id) > ($1, $2) ORDER BY merchant_id, endpoint_id LIMIT 1;
-- both src/events/event_store.h delete_attempts
DELETE FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND (event_id, number) IN (SELECT event_id, number FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id < $5 AND started_at < $3 ORDER BY event_id, number LIMIT $4);
-- both src/events/event_store.h select_deliveries
SELECT d.endpoint_id, d.event_id, d.status, d.tries, d.due_at, e.type FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id WHERE d.merchant_id = $1 ORDER BY d.event_id DESC LIMIT $2;
-- both src/events/event_store.h count_outside_change
UPDATE outside_changes SET changes = changes + 1 WHERE id = 1;
-- both src/events/event_store.h select_outside_changes
SELECT changes FROM outside_changes WHERE id = 1;
-- both src/events/log_store.h select_heads_after
SELECT id, type, mode FROM events WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3;
-- both src/events/log_store.h select_heads_before
SELECT id, type, mode FROM events WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;
-- both src/events/log_store.h select_event
SELECT id, type, mode, sequence, payment_id, created_at, payload FROM events WHERE merchant_id = $1 AND id = $2;
-- both src/events/log_store.h select_newest_event
SELECT id FROM events WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1;
-- both src/events/log_store.h select_lanes
SELECT id FROM endpoints WHERE merchant_id = $1 AND deleted_at IS NULL ORDER BY id DESC;
-- both src/events/log_store.h select_deleted_lanes
SELECT id FROM endpoints WHERE merchant_id = $1 AND deleted_at IS NOT NULL ORDER BY id DESC LIMIT $2;
-- both src/events/log_store.h select_lane_deliveries
SELECT d.event_id, e.type, e.mode, e.payment_id, e.created_at, d.status, d.tries, d.due_at, d.updated_at FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id >= $3 AND d.event_id <= $4 ORDER BY d.event_id DESC LIMIT $5;
-- both src/events/log_store.h select_lane_failures
SELECT d.event_id, e.type, e.mode, e.payment_id, e.created_at, d.status, d.tries, d.due_at, d.updated_at FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id WHERE d.status = 3 AND d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id >= $3 AND d.event_id <= $4 ORDER BY d.event_id DESC LIMIT $5;
-- both src/events/log_store.h select_attempts
SELECT number, started_at, endpoint_version, status, failure, answer, dns_us, connect_us, tls_us, first_byte_us, total_us FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 ORDER BY number DESC LIMIT $4;
-- both src/events/owner_store.h select_endpoint_owner
SELECT merchant_id FROM endpoints WHERE id = $1;
-- both src/events/owner_store.h select_redelivery_owner
SELECT merchant_id FROM redeliveries WHERE id = $1;
-- both src/events/redelivery_store.h insert_redelivery
INSERT INTO redeliveries (merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, cursor_event_id, status, total, sent, delivered, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, $13);
-- both src/events/redelivery_store.h update_redelivery
UPDATE redeliveries SET cursor_event_id = $3, status = $4, sent = $5, updated_at = $6 WHERE merchant_id = $1 AND id = $2;
-- both src/events/redelivery_store.h count_redelivered
UPDATE redeliveries SET delivered = delivered + 1 WHERE merchant_id = $1 AND id = $2;
-- both src/events/redelivery_store.h select_redelivery
SELECT merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, cursor_event_id, status, total, sent, delivered, created_at, updated_at FROM redeliveries WHERE merchant_id = $1 AND id = $2;
-- both src/events/redelivery_store.h select_redeliveries
SELECT merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, cursor_event_id, status, total, sent, delivered, created_at, updated_at FROM redeliveries WHERE merchant_id = $1 ORDER BY id DESC LIMIT $2;
-- both src/events/redelivery_store.h select_redeliveries_of_mode
SELECT r.merchant_id, r.id, r.endpoint_id, r.kind, r.delivered_too, r.since, r.until, r.first_event_id, r.last_event_id, r.cursor_event_id, r.status, r.total, r.sent, r.delivered, r.created_at, r.updated_at FROM redeliveries r JOIN endpoints e ON e.merchant_id = r.merchant_id AND e.id = r.endpoint_id WHERE r.merchant_id = $1 AND (e.mode IS NULL OR e.mode = $2) ORDER BY r.id DESC LIMIT $3;
-- both src/events/redelivery_store.h select_running
SELECT merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, cursor_event_id, status, total, sent, delivered, created_at, updated_at FROM redeliveries WHERE status = 1 AND (merchant_id, id) > ($1, $2) ORDER BY merchant_id, id LIMIT $3;
-- both src/events/redelivery_store.h select_running_for_endpoint
SELECT id FROM redeliveries WHERE status = 1 AND merchant_id = $1 AND endpoint_id = $2 LIMIT 1;
-- both src/events/redelivery_store.h select_last_event
SELECT id FROM events WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1;
-- both src/events/redelivery_store.h select_event_from
SELECT id, created_at FROM events WHERE merchant_id = $1 AND id >= $2 ORDER BY id LIMIT 1;
-- both src/events/redelivery_store.h count_failed
SELECT count(*) FROM deliveries WHERE status = 3 AND merchant_id = $1 AND endpoint_id = $2 AND event_id > $3 AND event_id <= $4;
-- both src/events/redelivery_store.h select_failed
SELECT d.event_id, e.created_at FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id WHERE d.status = 3 AND d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id > $3 AND d.event_id <= $4 ORDER BY d.event_id LIMIT $5;
-- both src/events/redelivery_store.h select_events_to_replay
SELECT e.id, e.created_at, e.type, e.mode, d.status FROM events e LEFT JOIN deliveries d ON d.merchant_id = e.merchant_id AND d.endpoint_id = $2 AND d.event_id = e.id WHERE e.merchant_id = $1 AND e.id > $3 AND e.id <= $4 ORDER BY e.id LIMIT $5;
-- both src/events/redelivery_store.h count_untried
SELECT count(*) FROM (SELECT redelivery_id, tries, uncounted_tries FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND background = 1 AND due_at IS NOT NULL ORDER BY owner, due_at LIMIT $4) AS due WHERE redelivery_id = $3 AND tries = uncounted_tries;
-- both src/events/redelivery_store.h insert_missing_delivery
INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, uncounted_tries, updated_at) VALUES ($1, $2, $3, 1, 0, 0, $4) ON CONFLICT DO NOTHING;
-- both src/ledger/ledger_store.h insert_transfer
INSERT INTO transfers (merchant_id, id, payment_id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
-- both src/ledger/ledger_store.h debit_account
INSERT INTO accounts (merchant_id, code, currency, debits_minor, credits_minor) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (merchant_id, code, currency) DO UPDATE SET debits_minor = accounts.debits_minor + excluded.debits_minor WHERE accounts.debits_minor <= 9223372036854775807 - excluded.debits_minor;
-- both src/ledger/ledger_store.h credit_account
INSERT INTO accounts (merchant_id, code, currency, debits_minor, credits_minor) VALUES ($1, $2, $3, 0, $4) ON CONFLICT (merchant_id, code, currency) DO UPDATE SET credits_minor = accounts.credits_minor + excluded.credits_minor WHERE accounts.credits_minor <= 9223372036854775807 - excluded.credits_minor;
-- both src/ledger/ledger_store.h credit_wallet
INSERT INTO accounts (merchant_id, code, currency, debits_minor, credits_minor) VALUES ($1, $2, $3, 0, $4) ON CONFLICT (merchant_id, code, currency) DO UPDATE SET credits_minor = accounts.credits_minor + excluded.credits_minor WHERE accounts.credits_minor <= 9223372036854775807 - excluded.credits_minor RETURNING credits_minor - debits_minor;
-- both src/ledger/ledger_store.h debit_wallet
UPDATE accounts SET debits_minor = debits_minor + $4 WHERE merchant_id = $1 AND code = $2 AND currency = $3 AND credits_minor - debits_minor >= $4 RETURNING credits_minor - debits_minor;
-- both src/ledger/ledger_store.h select_balance
SELECT credits_minor - debits_minor FROM accounts WHERE merchant_id = $1 AND code = $2 AND currency = $3;
-- both src/ledger/ledger_store.h count_wallet_day
INSERT INTO wallet_days (merchant_id, mode, currency, day, entries, available_in_minor, available_out_minor, held_in_minor, held_out_minor) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8) ON CONFLICT (merchant_id, mode, currency, day) DO UPDATE SET entries = wallet_days.entries + 1, available_in_minor = wallet_days.available_in_minor + excluded.available_in_minor, available_out_minor = wallet_days.available_out_minor + excluded.available_out_minor, held_in_minor = wallet_days.held_in_minor + excluded.held_in_minor, held_out_minor = wallet_days.held_out_minor + excluded.held_out_minor;
-- both src/ledger/ledger_store.h select_full_account
SELECT code FROM accounts WHERE merchant_id = $1 AND currency = $2 AND (debits_minor > $3 OR credits_minor > $3) LIMIT 1;
-- both src/ledger/ledger_store.h select_balances
SELECT code, currency, credits_minor - debits_minor FROM accounts WHERE merchant_id = $1 ORDER BY currency, code;
-- both src/ledger/ledger_store.h select_next_merchant
SELECT min(merchant_id) FROM (SELECT min(merchant_id) AS merchant_id FROM accounts WHERE merchant_id > $1 UNION ALL SELECT min(merchant_id) AS merchant_id FROM transfers WHERE merchant_id > $1) AS next;
-- both src/ledger/ledger_store.h select_accounts
SELECT code, currency, debits_minor, credits_minor FROM accounts WHERE merchant_id = $1 ORDER BY code, currency;
-- both src/ledger/ledger_store.h select_transfers
SELECT id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor FROM transfers WHERE merchant_id = $1 ORDER BY id;
-- both src/ledger/ledger_store.h select_days_of_wallets
SELECT mode, currency, day, entries, available_in_minor, available_out_minor, held_in_minor, held_out_minor FROM wallet_days WHERE merchant_id = $1 ORDER BY mode, currency, day;
-- both src/ledger/wallet_store.h select_entries_down
SELECT id, payment_id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor FROM transfers WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;
-- both src/ledger/wallet_store.h select_entries_up
SELECT id, payment_id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor FROM transfers WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3;
-- both src/ledger/wallet_store.h select_entry_from
SELECT id, created_at FROM transfers WHERE merchant_id = $1 AND id >= $2 ORDER BY id LIMIT 1;
-- both src/ledger/wallet_store.h select_last_entry
SELECT id FROM transfers WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1;
-- both src/ledger/wallet_store.h select_wallet_days
SELECT day, entries, available_in_minor, available_out_minor, held_in_minor, held_out_minor FROM wallet_days WHERE merchant_id = $1 AND mode = $2 AND currency = $3 AND day >= $4 ORDER BY day;
-- both src/ledger/wallet_store.h select_wallet_day_up_to
SELECT day FROM wallet_days WHERE merchant_id = $1 AND mode = $2 AND currency = $3 AND day <= $4 ORDER BY day DESC LIMIT 1;
-- both src/ledger/wallet_store.h select_first_wallet_day
SELECT day FROM wallet_days WHERE merchant_id = $1 AND mode = $2 AND currency = $3 ORDER BY day LIMIT 1;
-- both src/lists/customer_list_store.h select_customers_down
SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id DESC LIMIT $5;
-- both src/lists/customer_list_store.h select_customers_up
SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id LIMIT $5;
-- both src/lists/customer_list_store.h select_link
SELECT kind, status, currency, amount_minor, customer_previous_id FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/lists/figures_store.h select_days
SELECT day, currency, method, succeeded, succeeded_minor, fees_minor, failed, kind FROM payment_days WHERE merchant_id = $1 AND mode = $2 AND day >= $3 AND day <= $4 ORDER BY day, kind, currency, method;
-- both src/lists/payment_list_store.h select_payment_from
SELECT id, created_at FROM payments WHERE merchant_id = $1 AND mode = $2 AND id >= $3 ORDER BY id LIMIT 1;
-- both src/lists/payment_list_store.h select_last_payment
SELECT id FROM payments WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT 1;
-- both src/lists/payment_list_store.h select_heads_down
SELECT id, kind, status, method, created_at, page_id FROM payments WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id DESC LIMIT $5;
-- both src/lists/payment_list_store.h select_heads_up
SELECT id, kind, status, method, created_at, page_id FROM payments WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id LIMIT $5;
-- both src/lists/payment_list_store.h select_texts_down
SELECT p.id, p.kind, p.status, p.method, p.created_at, p.page_id, p.reference, p.wallet_number, p.description, c.name, c.email, c.telephone FROM payments p LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id >= $3 AND p.id <= $4 ORDER BY p.id DESC LIMIT $5;
-- both src/lists/payment_list_store.h select_texts_up
SELECT p.id, p.kind, p.status, p.method, p.created_at, p.page_id, p.reference, p.wallet_number, p.description, c.name, c.email, c.telephone FROM payments p LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id >= $3 AND p.id <= $4 ORDER BY p.id LIMIT $5;
-- both src/lists/payment_list_store.h select_listed
SELECT p.id, p.kind, p.status, p.late, p.reference, p.method, p.wallet_number, p.wallet_network, p.amount_minor, p.fee_minor, p.currency, p.description, p.page_id, p.created_at, p.updated_at, p.customer_id, c.name, c.email, c.telephone, p.customer_previous_id FROM payments p LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id = $3;
-- both src/lists/payment_list_store.h select_references
SELECT mode, id FROM payments WHERE merchant_id = $1 AND reference >= $2 AND reference <= $3 ORDER BY reference LIMIT $4;
-- both src/lists/payment_list_store.h select_last_payment_of
SELECT last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/lists/search_store.h select_last_block
SELECT last_id, rows_so_far, number FROM search_blocks WHERE merchant_id = $1 AND mode = $2 AND subject = $3 ORDER BY last_id DESC LIMIT 1;
-- both src/lists/search_store.h insert_block
INSERT INTO search_blocks (merchant_id, mode, subject, last_id, first_id, number, rows_so_far, states, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
-- both src/lists/search_store.h update_block_states
UPDATE search_blocks SET states = $5 WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id = $4;
-- both src/lists/search_store.h update_block_words
UPDATE search_blocks SET words = $5 WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id = $4;
-- both src/lists/search_store.h select_blocks_from
SELECT first_id, last_id, states, number, words IS NULL FROM search_blocks WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id >= $4 ORDER BY last_id LIMIT $5;
-- both src/lists/search_store.h select_blocks_up_to
SELECT first_id, last_id, states, number, words IS NULL FROM search_blocks WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id <= $4 ORDER BY last_id DESC LIMIT $5;
-- both src/lists/search_store.h select_block_words
SELECT words FROM search_blocks WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id = $4;
-- both src/lists/search_store.h select_slice
SELECT bits FROM search_slices WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND group_number = $4 AND slice = $5;
-- both src/lists/search_store.h upsert_slice
INSERT INTO search_slices (merchant_id, mode, subject, group_number, slice, bits) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (merchant_id, mode, subject, group_number, slice) DO UPDATE SET bits = excluded.bits;
-- both src/lists/search_store.h select_totals_after
SELECT merchant_id, mode, payments, customers FROM totals WHERE (merchant_id, mode) > ($1, $2) ORDER BY merchant_id, mode LIMIT $3;
-- both src/lists/search_store.h select_changes
SELECT merchant_id, mode, subject, id FROM search_changes ORDER BY merchant_id, mode, subject, id LIMIT $1;
-- both src/lists/search_store.h delete_change
DELETE FROM search_changes WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND id = $4;
-- both src/lists/search_store.h select_payments_to_sum_up
SELECT p.id, p.kind, p.status, p.method, p.created_at, p.page_id, p.reference, p.wallet_number, p.description, c.name, c.email, c.telephone FROM payments p LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id > $3 AND p.id <= $4 ORDER BY p.id LIMIT $5;
-- both src/lists/search_store.h select_customers_to_sum_up
SELECT id, created_at, name, email, telephone FROM customers WHERE merchant_id = $1 AND mode = $2 AND id > $3 AND id <= $4 ORDER BY id LIMIT $5;
-- both src/lists/search_store.h select_last_payment_of_customer
SELECT last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/lists/search_store.h select_previous_payment
SELECT customer_previous_id FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/lists/story_store.h select_attempts_of
SELECT number, rail, status, rail_reference, failure, polls, poll_at, created_at, updated_at FROM attempts WHERE merchant_id = $1 AND payment_id = $2 AND mode = $3 ORDER BY number DESC LIMIT $4;
-- both src/mail/mail_store.h insert_mail
INSERT INTO mails (merchant_id, id, recipient, subject, text_body, html_body, created_at, due_at, tries) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0);
-- both src/mail/mail_store.h select_due
SELECT merchant_id, id, recipient, subject, text_body, html_body, created_at, tries FROM mails WHERE due_at <= $1 ORDER BY due_at, merchant_id, id LIMIT $2;
-- both src/mail/mail_store.h select_next_due
SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1;
-- both src/mail/mail_store.h select_backlog
SELECT count(*), min(due_at) FROM mails WHERE due_at IS NOT NULL;
-- both src/mail/mail_store.h update_sent
UPDATE mails SET tries = tries + 1, sent_at = $3, due_at = NULL, failure = NULL, text_body = '', html_body = NULL WHERE merchant_id = $1 AND id = $2;
-- both src/mail/mail_store.h update_failed
UPDATE mails SET tries = tries + 1, failure = $3, due_at = $4 WHERE merchant_id = $1 AND id = $2;
-- both src/mail/mail_store.h select_recent
SELECT id, recipient, subject, created_at, tries, due_at, sent_at, failure FROM mails WHERE merchant_id = $1 ORDER BY id DESC LIMIT $2;
-- both src/merchants/account_link_store.h insert_reset
INSERT INTO account_links (merchant_id, token_hash, kind, user_id, created_at, expires_at) VALUES ($1, $2, 1, $3, $4, $5);
-- both src/merchants/account_link_store.h select_reset
SELECT user_id FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 1 AND expires_at > $3;
-- both src/merchants/account_link_store.h delete_resets
DELETE FROM account_links WHERE merchant_id = $1 AND kind = 1 AND user_id = $2;
-- both src/merchants/account_link_store.h insert_email_change
INSERT INTO account_links (merchant_id, token_hash, kind, user_id, email, created_at, expires_at) VALUES ($1, $2, 3, $3, $4, $5, $6);
-- both src/merchants/account_link_store.h select_email_change
SELECT user_id, email FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 3 AND expires_at > $3;
-- both src/merchants/account_link_store.h delete_email_changes
DELETE FROM account_links WHERE merchant_id = $1 AND kind = 3 AND user_id = $2;
-- both src/merchants/account_link_store.h insert_invitation
INSERT INTO account_links (merchant_id, token_hash, kind, email, role, created_at, expires_at) VALUES ($1, $2, 2, $3, $4, $5, $6);
-- both src/merchants/account_link_store.h select_invitation
SELECT token_hash, email, role, created_at, expires_at FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 2 AND expires_at > $3;
-- both src/merchants/account_link_store.h select_invitations
SELECT token_hash, email, role, created_at, expires_at FROM account_links WHERE merchant_id = $1 AND kind = 2 AND expires_at > $2 ORDER BY created_at DESC LIMIT $3;
-- both src/merchants/account_link_store.h delete_invitation
DELETE FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 2;
-- both src/merchants/account_link_store.h delete_invitations_of
DELETE FROM account_links WHERE merchant_id = $1 AND kind = 2 AND lower(email) = $2;
-- both src/merchants/account_link_store.h delete_old_links
DELETE FROM account_links WHERE merchant_id = $1 AND expires_at <= $2;
-- both src/merchants/image_store.h insert_image
INSERT INTO images (merchant_id, id, content_type, bytes, width, height) VALUES ($1, $2, $3, $4, $5, $6);
-- both src/merchants/image_store.h count_images
SELECT count(*) FROM images WHERE merchant_id = $1;
-- both src/merchants/image_store.h select_image
SELECT content_type, bytes FROM images WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/image_store.h delete_image
DELETE FROM images WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/merchant_store.h insert_merchant
INSERT INTO merchants (id, name, email, telephone, merchant_key, fee_basis_points, created_at, telephone_verified_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7);
-- both src/merchants/merchant_store.h insert_totals
INSERT INTO totals (merchant_id, mode, customers, payments) VALUES ($1, $2, 0, 0);
-- both src/merchants/merchant_store.h select_merchant
SELECT id, name, email, telephone, merchant_key, fee_basis_points, created_at, telephone_verified_at, logo_id FROM merchants WHERE id = $1;
-- both src/merchants/merchant_store.h select_merchants
SELECT id, name, email, telephone, merchant_key, fee_basis_points, created_at, telephone_verified_at, logo_id FROM merchants ORDER BY id;
-- both src/merchants/merchant_store.h update_profile
UPDATE merchants SET name = $2, email = $3, telephone_verified_at = CASE WHEN telephone = $4 THEN telephone_verified_at END, telephone = $4 WHERE id = $1;
-- both src/merchants/merchant_store.h update_logo
UPDATE merchants SET logo_id = $2 WHERE id = $1;
-- both src/merchants/merchant_store.h update_telephone_verified
UPDATE merchants SET telephone_verified_at = $3 WHERE id = $1 AND telephone = $2;
-- both src/merchants/merchant_store.h update_merchant_key
UPDATE merchants SET merchant_key = $2 WHERE id = $1;
-- both src/merchants/merchant_store.h insert_integration
INSERT INTO integrations (merchant_id, id, app_id, app_secret_hash, mode, created_at, name) VALUES ($1, $2, $3, $4, $5, $6, $7);
-- both src/merchants/merchant_store.h count_integrations
SELECT count(*) FROM integrations WHERE merchant_id = $1 AND revoked_at IS NULL;
-- both src/merchants/merchant_store.h select_integrations
SELECT id, mode, app_id, name, created_at, revoked_at FROM integrations WHERE merchant_id = $1 ORDER BY created_at DESC, id DESC;
-- both src/merchants/merchant_store.h revoke_integration
UPDATE integrations SET revoked_at = $3 WHERE merchant_id = $1 AND id = $2 AND revoked_at IS NULL;
-- both src/merchants/merchant_store.h select_live_integration
SELECT 1 FROM integrations WHERE merchant_id = $1 AND mode = 2 AND revoked_at IS NULL LIMIT 1;
-- both src/merchants/merchant_store.h select_integration
SELECT m.id, i.id, i.mode, i.app_secret_hash FROM merchants m JOIN integrations i ON i.merchant_id = m.id WHERE m.merchant_key = $1 AND i.app_id = $2 AND i.revoked_at IS NULL;
-- both src/merchants/merchant_store.h insert_token
INSERT INTO access_tokens (merchant_id, token_hash, integration_id, expires_at) VALUES ($1, $2, $3, $4);
-- both src/merchants/merchant_store.h select_token
SELECT t.integration_id, i.mode, t.expires_at FROM access_tokens t JOIN integrations i ON i.merchant_id = t.merchant_id AND i.id = t.integration_id WHERE t.merchant_id = $1 AND t.token_hash = $2 AND i.revoked_at IS NULL;
-- both src/merchants/merchant_store.h select_expired_tokens
SELECT merchant_id, token_hash FROM access_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2;
-- both src/merchants/merchant_store.h delete_token
DELETE FROM access_tokens WHERE merchant_id = $1 AND token_hash = $2;
-- both src/merchants/registration_store.h insert_registration
INSERT INTO registrations (token_hash, name, email, telephone, password_hash, language, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
-- both src/merchants/registration_store.h select_registration
SELECT name, email, telephone, password_hash, language FROM registrations WHERE token_hash = $1 AND expires_at > $2;
-- both src/merchants/registration_store.h delete_old_registrations
DELETE FROM registrations WHERE expires_at <= $1;
-- both src/merchants/registration_store.h delete_registration
DELETE FROM registrations WHERE token_hash = $1;
-- both src/merchants/second_factor_store.h select_totp
SELECT totp_box, totp_since, totp_step FROM users WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/second_factor_store.h update_totp
UPDATE users SET totp_box = $3, totp_since = $4, totp_step = $5 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/second_factor_store.h update_totp_step
UPDATE users SET totp_step = $3 WHERE merchant_id = $1 AND id = $2 AND totp_step < $3;
-- both src/merchants/second_factor_store.h update_totp_since
UPDATE users SET totp_since = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/second_factor_store.h insert_recovery_code
INSERT INTO recovery_codes (merchant_id, user_id, code_hash) VALUES ($1, $2, $3);
-- both src/merchants/second_factor_store.h delete_all_recovery_codes
DELETE FROM recovery_codes WHERE merchant_id = $1 AND user_id = $2;
-- both src/merchants/second_factor_store.h use_recovery_code
UPDATE recovery_codes SET used_at = $4 WHERE merchant_id = $1 AND user_id = $2 AND code_hash = $3 AND used_at IS NULL;
-- both src/merchants/second_factor_store.h select_recovery_codes_left
SELECT count(*) FROM recovery_codes WHERE merchant_id = $1 AND user_id = $2 AND used_at IS NULL;
-- both src/merchants/security_event_store.h insert_security_event
INSERT INTO security_events (merchant_id, id, kind, user_id, user_name, detail, device, address, created_at) SELECT $1, coalesce(max(id), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM security_events WHERE merchant_id = $1;
-- both src/merchants/security_event_store.h select_security_events
SELECT id, kind, user_name, detail, device, address, created_at FROM security_events WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;
-- both src/merchants/security_event_store.h select_login
SELECT 1 FROM security_events WHERE merchant_id = $1 AND user_id = $2 AND kind IN (1, 2, 15) LIMIT 1;
-- both src/merchants/session_store.h insert_session
INSERT INTO sessions (merchant_id, token_hash, user_id, stage, mode, device, address, created_at, seen_at, authenticated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8);
-- both src/merchants/session_store.h select_session
SELECT user_id, token_hash, stage, mode, device, address, created_at, seen_at, authenticated_at FROM sessions WHERE merchant_id = $1 AND token_hash = $2;
-- both src/merchants/session_store.h select_sessions
SELECT user_id, token_hash, stage, mode, device, address, created_at, seen_at, authenticated_at FROM sessions WHERE merchant_id = $1 AND user_id = $2 AND stage = 1 ORDER BY seen_at DESC;
-- both src/merchants/session_store.h update_session_seen
UPDATE sessions SET seen_at = $3, address = $4 WHERE merchant_id = $1 AND token_hash = $2;
-- both src/merchants/session_store.h update_session_authenticated
UPDATE sessions SET authenticated_at = $3 WHERE merchant_id = $1 AND token_hash = $2;
-- both src/merchants/session_store.h update_session_mode
UPDATE sessions SET mode = $3 WHERE merchant_id = $1 AND token_hash = $2;
-- both src/merchants/session_store.h delete_session
DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2 AND token_hash = $3;
-- both src/merchants/session_store.h delete_other_sessions
DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2 AND token_hash <> $3;
-- both src/merchants/session_store.h delete_all_sessions
DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2;
-- both src/merchants/session_store.h delete_old_sessions
DELETE FROM sessions WHERE merchant_id = $1 AND (seen_at <= $2 OR created_at <= $3 OR (stage = 2 AND created_at <= $4));
-- both src/merchants/telephone_code_store.h upsert_telephone_code
INSERT INTO telephone_codes (merchant_id, telephone, code_box, tries, sent_at, expires_at) VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT (merchant_id) DO UPDATE SET telephone = excluded.telephone, code_box = excluded.code_box, tries = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at;
-- both src/merchants/telephone_code_store.h select_telephone_code
SELECT telephone, code_box, tries, sent_at, expires_at FROM telephone_codes WHERE merchant_id = $1;
-- both src/merchants/telephone_code_store.h count_telephone_code_try
UPDATE telephone_codes SET tries = tries + 1 WHERE merchant_id = $1;
-- both src/merchants/telephone_code_store.h delete_telephone_code
DELETE FROM telephone_codes WHERE merchant_id = $1;
-- both src/merchants/throttle_store.h select_throttle
SELECT used, free_at FROM throttles WHERE subject = $1 AND forget_at > $2;
-- both src/merchants/throttle_store.h upsert_throttle
INSERT INTO throttles (subject, used, free_at, forget_at) VALUES ($1, $2, $3, $4) ON CONFLICT (subject) DO UPDATE SET used = excluded.used, free_at = excluded.free_at, forget_at = excluded.forget_at;
-- both src/merchants/throttle_store.h delete_throttle
DELETE FROM throttles WHERE subject = $1;
-- both src/merchants/throttle_store.h update_throttle_back
UPDATE throttles SET used = used - 1 WHERE subject = $1 AND used > 0;
-- both src/merchants/throttle_store.h delete_old_throttles
DELETE FROM throttles WHERE subject IN (SELECT subject FROM throttles WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2);
-- both src/merchants/user_store.h insert_user
INSERT INTO users (merchant_id, id, name, email, password_hash, role, language, created_at, password_changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8);
-- both src/merchants/user_store.h insert_sign_in_address
INSERT INTO sign_in_addresses (email, merchant_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;
-- both src/merchants/user_store.h select_user
SELECT merchant_id, id, name, email, password_hash, role, language, notifications, totp_since, password_changed_at, created_at FROM users WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h select_users
SELECT merchant_id, id, name, email, password_hash, role, language, notifications, totp_since, password_changed_at, created_at FROM users WHERE merchant_id = $1 ORDER BY created_at, id LIMIT $2;
-- both src/merchants/user_store.h select_sign_in
SELECT merchant_id, user_id FROM sign_in_addresses WHERE email = $1;
-- both src/merchants/user_store.h select_other_owner
SELECT 1 FROM users WHERE merchant_id = $1 AND id <> $2 AND role = 1 LIMIT 1;
-- both src/merchants/user_store.h update_user_name
UPDATE users SET name = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h update_user_email
UPDATE users SET email = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h update_language
UPDATE users SET language = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h update_notifications
UPDATE users SET notifications = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h update_password
UPDATE users SET password_hash = $3, password_changed_at = $4 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h update_role
UPDATE users SET role = $3 WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h delete_user
DELETE FROM users WHERE merchant_id = $1 AND id = $2;
-- both src/merchants/user_store.h delete_sign_in_address
DELETE FROM sign_in_addresses WHERE email = $1 AND merchant_id = $2 AND user_id = $3;
-- both src/merchants/user_store.h delete_user_links
DELETE FROM account_links WHERE merchant_id = $1 AND user_id = $2;
-- both src/merchants/user_store.h delete_user_sessions
DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2;
-- both src/merchants/user_store.h delete_recovery_codes
DELETE FROM recovery_codes WHERE merchant_id = $1 AND user_id = $2;
-- both src/payments/checkout_store.h insert_checkout_token
INSERT INTO checkout_tokens (token, merchant_id, mode, payment_id, expires_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;
-- both src/payments/checkout_store.h select_checkout_token
SELECT merchant_id, mode, payment_id FROM checkout_tokens WHERE token = $1;
-- both src/payments/checkout_store.h insert_checkout
INSERT INTO checkouts (merchant_id, mode, payment_id, token, answers, redirect_url, receipts_sent) VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING;
-- both src/payments/checkout_store.h select_checkout
SELECT token, answers, redirect_url FROM checkouts WHERE merchant_id = $1 AND mode = $2 AND payment_id = $3;
-- both src/payments/checkout_store.h select_payment
SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, checkout_until FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/checkout_store.h select_attempts
SELECT number, rail, status, rail_reference, redirect_url, failure, polls, poll_at, created_at, method, wallet_number, wallet_network FROM attempts WHERE merchant_id = $1 AND payment_id = $2 ORDER BY number;
-- both src/payments/checkout_store.h update_choice
UPDATE payments SET method = $4, wallet_number = $5, wallet_network = $6, updated_at = $7 WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = 1;
-- both src/payments/checkout_store.h update_begun
UPDATE payments SET status = 2, method = $4, wallet_number = $5, wallet_network = $6, expires_at = $7, updated_at = $8 WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = 1;
-- both src/payments/checkout_store.h update_reopened
UPDATE payments SET status = 1, expires_at = checkout_until, updated_at = $4 WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = 2;
-- both src/payments/checkout_store.h select_expired_checkouts
SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, checkout_until, merchant_id, mode FROM payments WHERE status = 1 AND expires_at <= $1 ORDER BY expires_at LIMIT $2;
-- both src/payments/checkout_store.h count_receipt
UPDATE checkouts SET receipts_sent = receipts_sent + 1 WHERE merchant_id = $1 AND mode = $2 AND payment_id = $3 AND receipts_sent < $4;
-- both src/payments/payment_page_store.h select_merchant_name
SELECT name FROM merchants WHERE id = $1;
-- both src/payments/payment_page_store.h select_payee
SELECT name, logo_id FROM merchants WHERE id = $1;
-- both src/payments/payment_page_store.h select_page_count
SELECT count(*) FROM payment_pages WHERE merchant_id = $1;
-- both src/payments/payment_page_store.h insert_page
INSERT INTO payment_pages (merchant_id, id, mode, slug, name, description, currency, amount_rule, fields, quantity, expires_at, active, redirect_url, success_message, logo_id, embedding, embed_origins, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18);
-- both src/payments/payment_page_store.h update_page
UPDATE payment_pages SET name = $3, description = $4, currency = $5, amount_rule = $6, fields = $7, quantity = $8, expires_at = $9, active = $10, redirect_url = $11, success_message = $12, logo_id = $13, embedding = $14, embed_origins = $15, updated_at = $16 WHERE merchant_id = $1 AND id = $2;
-- both src/payments/payment_page_store.h update_page_active
UPDATE payment_pages SET active = $3, updated_at = $4 WHERE merchant_id = $1 AND id = $2;
-- both src/payments/payment_page_store.h select_page
SELECT p.merchant_id, p.id, p.mode, p.slug, p.name, p.description, p.currency, p.amount_rule, p.fields, p.quantity, p.expires_at, p.active, p.redirect_url, p.success_message, p.logo_id, p.embedding, p.embed_origins, p.created_at, p.updated_at, t.views, t.payments, t.revenue_minor, t.open_payments FROM payment_pages p JOIN page_totals t ON t.merchant_id = p.merchant_id AND t.page_id = p.id WHERE p.merchant_id = $1 AND p.id = $2;
-- both src/payments/payment_page_store.h select_pages
SELECT p.merchant_id, p.id, p.mode, p.slug, p.name, p.description, p.currency, p.amount_rule, p.fields, p.quantity, p.expires_at, p.active, p.redirect_url, p.success_message, p.logo_id, p.embedding, p.embed_origins, p.created_at, p.updated_at, t.views, t.payments, t.revenue_minor, t.open_payments FROM payment_pages p JOIN page_totals t ON t.merchant_id = p.merchant_id AND t.page_id = p.id WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4;
-- both src/payments/payment_page_store.h select_page_summary
SELECT name, description, slug FROM payment_pages WHERE merchant_id = $1 AND id = $2;
-- both src/payments/payment_page_store.h insert_slug
INSERT INTO page_slugs (slug, merchant_id, page_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;
-- both src/payments/payment_page_store.h select_slug
SELECT merchant_id, page_id FROM page_slugs WHERE slug = $1;
-- both src/payments/payment_page_store.h insert_page_totals
INSERT INTO page_totals (merchant_id, page_id, views, payments, revenue_minor, open_payments) VALUES ($1, $2, 0, 0, 0, 0);
-- both src/payments/payment_page_store.h add_page_views
UPDATE page_totals SET views = views + $3 WHERE merchant_id = $1 AND page_id = $2;
-- both src/payments/payment_page_store.h add_page_totals
UPDATE page_totals SET payments = payments + $3, revenue_minor = revenue_minor + $4, open_payments = open_payments + $5 WHERE merchant_id = $1 AND page_id = $2;
-- both src/payments/payment_store.h select_customer_by_identity
SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND email = $4 AND telephone = $5 AND id IN (SELECT id FROM customers WHERE merchant_id = $1 AND mode = $2 AND identity = $3);
-- both src/payments/payment_store.h insert_customer
INSERT INTO customers (merchant_id, mode, id, identity, name, email, telephone, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8);
-- both src/payments/payment_store.h update_customer_name
UPDATE customers SET name = $4, updated_at = $5 WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/payment_store.h count_customer
UPDATE totals SET customers = customers + 1 WHERE merchant_id = $1 AND mode = $2;
-- both src/payments/payment_store.h select_customer
SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/payment_store.h select_customers
SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT $3 OFFSET $4;
-- both src/payments/payment_store.h update_customer_last_payment
UPDATE customers SET last_payment_id = $4 WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/payment_store.h select_totals
SELECT customers, payments FROM totals WHERE merchant_id = $1 AND mode = $2;
-- both src/payments/payment_store.h select_fee
SELECT fee_basis_points FROM merchants WHERE id = $1;
-- both src/payments/payment_store.h select_reference
SELECT 1 FROM payments WHERE merchant_id = $1 AND reference = $2;
-- both src/payments/payment_store.h insert_payment
INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, customer_previous_id, page_id, checkout_until) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19) ON CONFLICT DO NOTHING;
-- both src/payments/payment_store.h count_payment
UPDATE totals SET payments = payments + 1 WHERE merchant_id = $1 AND mode = $2;
-- both src/payments/payment_store.h select_payment_by_reference
SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, checkout_until FROM payments WHERE merchant_id = $1 AND reference = $2 AND mode = $3;
-- both src/payments/payment_store.h select_payments
SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, checkout_until FROM payments WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT $3 OFFSET $4;
-- both src/payments/payment_store.h select_payment_of_customer
SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, checkout_until, customer_previous_id FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/payment_store.h update_payment_status
UPDATE payments SET status = $5, late = $6, updated_at = $7, events = $8, last_event_id = $9 WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = $4;
-- both src/payments/payment_store.h count_payment_day
INSERT INTO payment_days (merchant_id, mode, day, kind, currency, method, succeeded, succeeded_minor, fees_minor, failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (merchant_id, mode, day, kind, currency, method) DO UPDATE SET succeeded = payment_days.succeeded + excluded.succeeded, succeeded_minor = payment_days.succeeded_minor + excluded.succeeded_minor, fees_minor = payment_days.fees_minor + excluded.fees_minor, failed = payment_days.failed + excluded.failed;
-- both src/payments/payment_store.h select_payment_days
SELECT mode, day, kind, currency, method, succeeded, succeeded_minor, fees_minor, failed FROM payment_days WHERE merchant_id = $1 ORDER BY mode, day, kind, currency, method;
-- both src/payments/payment_store.h insert_search_change
INSERT INTO search_changes (merchant_id, mode, subject, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
-- both src/payments/payment_store.h update_payment_events
UPDATE payments SET events = $4, last_event_id = $5 WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/payment_store.h select_reference_of
SELECT reference FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3;
-- both src/payments/payment_store.h select_event_before
SELECT previous_id FROM events WHERE merchant_id = $1 AND id = $2;
-- both src/payments/payment_store.h insert_attempt
INSERT INTO attempts (merchant_id, payment_id, number, mode, rail, status, polls, poll_at, created_at, updated_at, method, wallet_number, wallet_network, owner) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $8, $9, $10, $11, $12);
-- both src/payments/payment_store.h update_attempt
UPDATE attempts SET status = $5, rail_reference = $6, redirect_url = $7, failure = $8, polls = $9, poll_at = $10, updated_at = $11, asking = 0 WHERE merchant_id = $1 AND payment_id = $2 AND number = $3 AND status = $4;
-- both src/payments/payment_store.h select_asking
SELECT asking FROM attempts WHERE merchant_id = $1 AND payment_id = $2 AND number = $3;
-- both src/payments/payment_store.h update_asking
UPDATE attempts SET asking = $5 WHERE merchant_id = $1 AND payment_id = $2 AND number = $3 AND asking = $4;
-- both src/payments/payment_store.h select_last_attempt
SELECT number, rail, status, rail_reference, redirect_url, failure, polls, poll_at, created_at, method, wallet_number, wallet_network FROM attempts WHERE merchant_id = $1 AND payment_id = $2 ORDER BY number DESC LIMIT 1;
-- both src/payments/payment_store.h select_open_attempt
SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, p.events, p.last_event_id, p.page_id, p.checkout_until, a.number, a.rail, a.status, a.rail_reference, a.redirect_url, a.failure, a.polls, a.poll_at, a.created_at, a.method, a.wallet_number, a.wallet_network FROM attempts a JOIN payments p ON p.merchant_id = a.merchant_id AND p.mode = a.mode AND p.id = a.payment_id WHERE a.merchant_id = $1 AND a.payment_id = $2 AND a.number = $3 AND a.mode = $4;
-- both src/payments/payment_store.h select_due_attempts
SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, p.events, p.last_event_id, p.page_id, p.checkout_until, a.number, a.rail, a.status, a.rail_reference, a.redirect_url, a.failure, a.polls, a.poll_at, a.created_at, a.method, a.wallet_number, a.wallet_network, a.merchant_id, a.mode FROM attempts a JOIN payments p ON p.merchant_id = a.merchant_id AND p.mode = a.mode AND p.id = a.payment_id WHERE a.owner = $1 AND a.poll_at <= $2 ORDER BY a.poll_at LIMIT $3;
-- both src/payments/payment_store.h select_next_poll
SELECT poll_at FROM attempts WHERE owner = $1 AND poll_at IS NOT NULL ORDER BY poll_at LIMIT 1;
-- both src/payments/payment_store.h select_next_poll_owner
SELECT owner FROM attempts WHERE poll_at IS NOT NULL AND owner > $1 ORDER BY owner LIMIT 1;
-- both src/payments/payment_store.h select_nth_poll
SELECT poll_at FROM attempts WHERE owner = $1 AND poll_at IS NOT NULL ORDER BY poll_at LIMIT 1 OFFSET $2;
-- both src/payments/payment_store.h count_polled_attempts
SELECT count(*) FROM attempts WHERE poll_at IS NOT NULL;
-- both src/payments/payment_store.h claim_polls
UPDATE attempts SET owner = $2 WHERE owner = $1 AND poll_at <= $3;
-- both src/payments/payment_store.h insert_key
INSERT INTO idempotency_keys (merchant_id, idempotency_key, fingerprint, created_at, owner) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;
-- both src/payments/payment_store.h select_key
SELECT fingerprint, status, body, created_at, owner FROM idempotency_keys WHERE merchant_id = $1 AND idempotency_key = $2;
-- both src/payments/payment_store.h update_key_owner
UPDATE idempotency_keys SET owner = $3 WHERE merchant_id = $1 AND idempotency_key = $2 AND status IS NULL;
-- both src/payments/payment_store.h update_key_answer
UPDATE idempotency_keys SET status = $3, body = $4 WHERE merchant_id = $1 AND idempotency_key = $2 AND status IS NULL;
-- both src/payments/payment_store.h select_old_keys
SELECT merchant_id, idempotency_key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2;
-- both src/payments/payment_store.h delete_key
DELETE FROM idempotency_keys WHERE merchant_id = $1 AND idempotency_key = $2;
-- both src/payments/verify.cpp select_merchants
SELECT id FROM merchants ORDER BY id;
-- both src/payments/verify.cpp select_entries
SELECT payment_id, reason, amount_minor FROM transfers WHERE merchant_id = $1;
-- both src/payments/verify.cpp select_payments
SELECT id, kind, status, amount_minor, mode, currency, method, fee_minor, updated_at FROM payments WHERE merchant_id = $1;
-- both src/processes/membership_store.h insert_process
INSERT INTO processes (id, name, started_at, beats, leads) VALUES ($1, $2, $3, 1, 0);
-- both src/processes/membership_store.h delete_process
DELETE FROM processes WHERE id = $1;
-- both src/processes/membership_store.h count_beat
UPDATE processes SET beats = beats + 1 WHERE id = $1;
-- both src/processes/membership_store.h delete_silent_process
DELETE FROM processes WHERE id = $1 AND beats = $2;
-- both src/processes/membership_store.h update_leader
UPDATE processes SET leads = 1 WHERE id = $1;
-- both src/processes/membership_store.h select_processes
SELECT id, name, started_at, beats, leads FROM processes ORDER BY id;
-- both src/processes/membership_store.h select_process
SELECT 1 FROM processes WHERE id = $1;
-- both src/rails/simulator/simulator_store.h insert_order
INSERT INTO simulator_orders (reference, kind, wallet_number, amount_minor, currency, status, failure, return_url, decides_at, created_at, phone, merchant, description, code, wrong_pins, put_off) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, $9, $10, $11, $12, $13, 0, 0) ON CONFLICT DO NOTHING;
-- both src/rails/simulator/simulator_store.h select_order
SELECT reference, kind, wallet_number, amount_minor, currency, status, failure, decides_at, created_at, decided_at, phone, merchant, description, code, wrong_pins, put_off FROM simulator_orders WHERE reference = $1;
-- both src/rails/simulator/simulator_store.h select_deciding
SELECT reference, decides_at FROM simulator_orders WHERE decides_at IS NOT NULL ORDER BY decides_at;
-- both src/rails/simulator/simulator_store.h decide_order
UPDATE simulator_orders SET status = $2, failure = $3, decides_at = NULL, decided_at = $4 WHERE reference = $1 AND status IN (1, 2, 5);
-- both src/rails/simulator/simulator_store.h start_deciding
UPDATE simulator_orders SET status = 2, decides_at = $2 WHERE reference = $1 AND status = 1;
-- both src/rails/simulator/simulator_store.h start_prompting
UPDATE simulator_orders SET status = 5 WHERE reference = $1 AND status = 1 AND phone = 1;
-- both src/rails/simulator/simulator_store.h set_put_off
UPDATE simulator_orders SET put_off = $2 WHERE reference = $1 AND status = 5;
-- both src/rails/simulator/simulator_store.h set_wrong_pins
UPDATE simulator_orders SET wrong_pins = $2 WHERE reference = $1;
-- both src/rails/simulator/simulator_store.h select_phone_orders
SELECT reference, kind, wallet_number, amount_minor, currency, status, failure, decides_at, created_at, decided_at, phone, merchant, description, code, wrong_pins, put_off FROM simulator_orders WHERE wallet_number = $1 AND phone = 1 ORDER BY created_at DESC, reference DESC LIMIT $2;
-- both src/rails/simulator/simulator_store.h select_phones
SELECT number, held_until FROM simulator_phones WHERE held_until > $1 ORDER BY held_until;
-- both src/rails/simulator/simulator_store.h upsert_phone
INSERT INTO simulator_phones (number, held_until) VALUES ($1, $2) ON CONFLICT (number) DO UPDATE SET held_until = excluded.held_until;
-- both src/rails/simulator/simulator_store.h delete_phone
DELETE FROM simulator_phones WHERE number = $1;
-- both src/rails/simulator/simulator_store.h delete_phones_before
DELETE FROM simulator_phones WHERE held_until <= $1;
-- both src/rails/simulator/simulator_store.h insert_voucher
INSERT INTO simulator_vouchers (number, code, created_at, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
-- both src/rails/simulator/simulator_store.h select_vouchers
SELECT code, created_at, expires_at, reference FROM simulator_vouchers WHERE number = $1 ORDER BY created_at DESC, code LIMIT $2;
-- both src/rails/simulator/simulator_store.h delete_vouchers_before
DELETE FROM simulator_vouchers WHERE number = $1 AND created_at < $2;
-- both src/rails/simulator/simulator_store.h use_voucher
UPDATE simulator_vouchers SET reference = $3 WHERE number = $1 AND code = $2 AND reference IS NULL AND expires_at > $4;
-- both src/sms/text_message_store.h insert_message
INSERT INTO text_messages (merchant_id, id, recipient, content, created_at, expires_at, due_at, tries) VALUES ($1, $2, $3, $4, $5, $6, $5, 0);
-- both src/sms/text_message_store.h select_due
SELECT merchant_id, id, recipient, content, expires_at, tries FROM text_messages WHERE due_at <= $1 ORDER BY due_at, merchant_id, id LIMIT $2;
-- both src/sms/text_message_store.h select_next_due
SELECT due_at FROM text_messages WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1;
-- both src/sms/text_message_store.h select_backlog
SELECT count(*), min(due_at) FROM text_messages WHERE due_at IS NOT NULL;
-- both src/sms/text_message_store.h update_sent
UPDATE text_messages SET tries = tries + 1, sent_at = $3, due_at = NULL, failure = NULL, content = '' WHERE merchant_id = $1 AND id = $2;
-- both src/sms/text_message_store.h update_failed
UPDATE text_messages SET tries = tries + 1, failure = $3, due_at = $4, content = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN '' ELSE content END WHERE merchant_id = $1 AND id = $2;
