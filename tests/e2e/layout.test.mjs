// The layout that lets the store be spread over several machines by merchant, by PostgreSQL's extension Citus. Citus is not in
// Debian: a stand-in records what it is asked to do, the schema is walked in the catalog of a real PostgreSQL, and the rules
// that Citus documents are held against both, and against every statement.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newDatabaseOn, newFile, runEpay } from './harness.mjs';
import { askPostgres, startPostgres } from './postgres.mjs';
import { statements } from './statements.mjs';

// What is not a merchant's rows on his machine, and why.
const copies = {
  master_keys: 'a row, read with what it seals',
  merchants: 'some hundred bytes a merchant, read with his rows',
  sign_in_addresses: 'who signs in is looked for among all merchants, and an address is one user for ever',
  page_slugs: 'a public address is one page for ever',
};
const coordinator = {
  schema_migrations: 'the store itself', commit_marks: 'the store itself', moves: 'the store itself', processes: 'the store itself', outside_changes: 'the store itself',
  registrations: 'nobody is a merchant yet', throttles: 'addresses and names, of no merchant',
  simulator_orders: 'the books of imaginary networks', simulator_phones: 'the same', simulator_vouchers: 'the same', statements: 'of a rail, for all merchants', statement_lines: 'the same',
};
const directories = { checkout_tokens: 'token' };  // found by the token alone: the link does not name the merchant

let server;
let database;
const rows = (query) => JSON.parse(askPostgres(database, `SELECT coalesce(json_agg(asked), '[]') FROM (${query}) AS asked`));

// Functions of Citus's names, which only record their calls, in a schema that the store's address looks into too.
const standIn = `CREATE SCHEMA stand_in;
  CREATE TABLE stand_in.pg_dist_partition (place SERIAL, logicalrelid regclass PRIMARY KEY, kind text, key text, beside text);
  CREATE FUNCTION stand_in.create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS
    'INSERT INTO stand_in.pg_dist_partition (logicalrelid, kind) VALUES (table_name, ''copy'')';
  CREATE FUNCTION stand_in.create_distributed_table(table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash',
      colocate_with text DEFAULT 'default') RETURNS void LANGUAGE sql AS
    'INSERT INTO stand_in.pg_dist_partition (logicalrelid, kind, key, beside) VALUES (table_name, ''spread'', distribution_column, colocate_with)'`;
const calls = () => rows('SELECT CAST(logicalrelid AS text) AS name, kind, key, beside FROM stand_in.pg_dist_partition ORDER BY place');

before(async () => {
  server = await startPostgres();
  database = newDatabaseOn(server.url);
});
after(() => server.end());

const migrate = (...args) => runEpay(['migrate', '--database', database, ...args]);
const refused = async (...args) => (await runEpay(['migrate', '--database', database, ...args], { expected: 1 })).stderr;

describe('epay migrate --distribute', () => {
  test('says what is missing', async () => {
    assert.match(await refused('--distribute'), /the extension citus is not in this database/);
    const { stderr } = await runEpay(['migrate', '--database', newFile(), '--distribute'], { expected: 2 });
    assert.match(stderr, /must be postgresql:/);
  });

  test('spreads nothing beneath a process that serves', async () => {
    askPostgres(database, standIn);
    const plain = database;
    database = newDatabaseOn.alias(plain, `${plain}%2Cstand_in`);
    askPostgres(database, "INSERT INTO processes (id, name, started_at, beats, leads) VALUES (7, 'one', 1, 1, 1)");
    assert.match(await refused('--distribute'), /1 serve this database/);
    assert.deepEqual(calls(), []);
    askPostgres(database, 'DELETE FROM processes');
  });

  test('refuses a table that has no place', async () => {
    askPostgres(database, 'CREATE TABLE notes (id BIGINT PRIMARY KEY, merchant_id BIGINT)');
    assert.match(await refused('--distribute'), /the table notes has no place: its key starts with id/);
    assert.deepEqual(calls(), []);
    askPostgres(database, 'DROP TABLE notes');
  });

  test('goes on where it was interrupted', async () => {
    const half = "CREATE FUNCTION stand_in.stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''the machine went away''; END'";
    askPostgres(database, `${half}; CREATE TRIGGER stop BEFORE INSERT ON stand_in.pg_dist_partition FOR EACH ROW WHEN (NEW.place > 9) EXECUTE FUNCTION stand_in.stop()`);
    assert.match(await refused('--distribute'), /the machine went away/);
    assert.equal(calls().length, 9);
    askPostgres(database, 'DROP TRIGGER stop ON stand_in.pg_dist_partition');
    assert.match((await migrate('--distribute')).stdout, /tables are spread, some since before/);
    const all = calls();
    assert.match((await migrate('--distribute', '--all-stopped')).stdout, /^the schema is up to date\n\d+ tables are spread, some since before\n$/);
    assert.deepEqual(calls(), all);
  });

  test('copies what is small, then spreads each merchant table beside the first one', () => {
    const made = calls();
    const first = made.findIndex(({ kind }) => kind === 'spread');
    assert.deepEqual(made.slice(0, first).map(({ name }) => name).sort(), Object.keys(copies).sort());
    assert.ok(made.slice(first).every(({ kind }) => kind === 'spread'));
    assert.deepEqual([made[first].name, made[first].key, made[first].beside], ['totals', 'merchant_id', 'none']);
    for (const { name, key, beside } of made.slice(first + 1)) {
      assert.deepEqual([key, beside], directories[name] ? [directories[name], 'none'] : ['merchant_id', 'totals'], name);
    }
  });
});

// ---- the schema ----

describe('the schema', () => {
  test('every table has a place', () => {
    const names = rows(`SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = current_schema()::text::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition`).map(({ name }) => name);
    const spread = calls().map(({ name }) => name);
    assert.ok(names.length > 40);
    assert.deepEqual(names.filter((name) => !spread.includes(name)).sort(), Object.keys(coordinator).sort());
  });

  test('every key and every unique index of a merchant table starts with the merchant', () => {
    const indexes = rows(`SELECT c.relname AS name, i.indexrelid::regclass::text AS index, a.attname AS first, a.atttypid::regtype::text AS type
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE c.relnamespace = current_schema()::text::regnamespace AND i.indisunique`);
    const keyOf = new Map(calls().filter(({ kind }) => kind === 'spread').map(({ name, key }) => [name, key]));
    const keyed = new Set();
    for (const { name, index, first, type } of indexes) {
      if (!keyOf.has(name)) continue;
      keyed.add(name);
      assert.equal(first, keyOf.get(name), index);
      // Tables stand beside each other only where the column is of one type.
      if (first === 'merchant_id') assert.equal(type, 'bigint', index);
    }
    assert.equal(keyed.size, keyOf.size, 'a table without a key');
  });

  test('nothing binds tables of different places to each other', () => {
    assert.deepEqual(rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::text::regnamespace"), []);
    assert.deepEqual(rows(`SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT tgisinternal AND c.relnamespace = current_schema()::text::regnamespace`), []);
    // An id comes from its sequence before it is inserted, on the coordinator.
    assert.deepEqual(rows(`SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_default LIKE 'nextval%'`), []);
  });
});

// ---- the statements ----

// Those that name no merchant, and go to every machine: by file, with the reason. None of them is part of a payment.
const everywhere = {
  'src/app/sealed_store.h': 'rotation of the master key, and whether there is anything sealed: at the command line',
  'src/payments/verify.cpp select_merchants': 'the books are checked merchant by merchant',
  'src/ledger/ledger_store.h select_next_merchant': 'the same',
  'src/reconciliation/report.cpp select_clearing': 'an operator holds a rail against all its merchants',
  'src/payments/payment_store.h select_due_attempts': 'the poller, by its own claims',
  'src/payments/bulk_store.h select_running_bulks': 'the leader goes on with files of payouts',
  'src/payments/payment_store.h select_next_poll': 'the same', 'src/payments/payment_store.h select_next_poll_owner': 'the same',
  'src/payments/payment_store.h select_nth_poll': 'the same', 'src/payments/payment_store.h count_polled_attempts': 'the same',
  'src/payments/payment_store.h claim_polls': 'the claims of who died, in one conditional update',
  'src/payments/payment_store.h select_old_keys': 'the leader forgets old keys',
  'src/payments/checkout_store.h select_expired_checkouts': 'the leader ends checkouts',
  'src/events/event_store.h select_next_lane': 'the look, every 30 s', 'src/events/event_store.h select_next_attempts_lane': 'the leader forgets old attempts',
  'src/events/event_store.h skip_event_ids': 'after a restore', 'src/events/redelivery_store.h select_running': 'the leader goes on with redeliveries',
  'src/events/owner_store.h select_endpoint_owner': 'an operator names an endpoint', 'src/events/owner_store.h select_redelivery_owner': 'the same',
  'src/mail/mail_store.h select_due': 'the leader sends mails', 'src/mail/mail_store.h select_next_due': 'the same', 'src/mail/mail_store.h select_backlog': 'an operator',
  'src/sms/text_message_store.h select_due': 'the leader sends text messages', 'src/sms/text_message_store.h select_next_due': 'the same',
  'src/sms/text_message_store.h select_backlog': 'an operator',
  'src/lists/search_store.h select_totals_after': 'the leader makes search runs', 'src/lists/search_store.h select_changes': 'the same',
  'src/merchants/merchant_store.h select_expired_tokens': 'expired tokens are forgotten',
};
const isEverywhere = ({ file, name }) => file in everywhere || `${file} ${name}` in everywhere;

// Citus does not take these as they are. They get fewer, never more.
const notYet = {
  'src/events/event_store.h insert_event': 'a subquery within VALUES', 'src/ledger/ledger_store.h insert_transfer': 'the same',
  'src/events/event_store.h skip_event_ids': 'INSERT … SELECT from a reference table',
};

const word = String.raw`(\w+)(?:\s+(?:AS\s+)?(?!WHERE\b|SET\b|ON\b|JOIN\b|LEFT\b|ORDER\b|LIMIT\b|GROUP\b|UNION\b|VALUES\b|FROM\b|RETURNING\b|DO\b)(\w+))?`;
const mention = new RegExp(String.raw`\b(FROM|JOIN|UPDATE|INTO)\s+(?!SET\b)${word}`, 'g');
const naming = /\bmerchant_id\s*=\s*(?:CAST\()?(?:\$\d+|\w+\.merchant_id)/g;

// What is wrong with a statement: mentions of spread tables of which some do not name their merchant.
function unnamed(text, spread) {
  const body = text.replace(/"[^"]*"|'[^']*'/g, "''");
  let mentions = 0;
  let named = (body.match(naming) ?? []).length;
  for (const [, how, table] of body.matchAll(mention)) {
    if (!spread.has(table)) continue;
    mentions += 1;
    // A row that is inserted names its merchant in its place.
    if (how === 'INTO' && /^INSERT INTO \w+(?: AS \w+)? \(merchant_id\b/.test(body)) named += 1;
  }
  return Math.max(0, mentions - named);
}

describe('the statements', () => {
  const all = statements().filter(({ store, file }) => store !== 'sqlite' && !file.startsWith('src/db/'));
  let spread;
  before(() => (spread = new Set(calls().filter(({ key }) => key === 'merchant_id').map(({ name }) => name))));

  test('each names the merchant for each of his tables, or is known to go everywhere', () => {
    for (const statement of all) {
      const missing = unnamed(statement.text, spread);
      if (isEverywhere(statement)) continue;
      assert.equal(missing, 0, `${statement.file} ${statement.name} goes to all machines: ${statement.text}`);
    }
    const known = new Set(all.flatMap(({ file, name }) => [file, `${file} ${name}`]));
    for (const name of Object.keys({ ...everywhere, ...notYet })) assert.ok(known.has(name), `${name} is gone: take it off the list`);
  });

  test('none asks Citus for what it does not do', () => {
    for (const { file, name, text } of all) {
      if (`${file} ${name}` in notYet) continue;
      const label = `${file} ${name}: ${text}`;
      const tables = [...text.matchAll(mention)].map(([, , table]) => table).filter((table) => spread.has(table));
      if (tables.length === 0) continue;
      assert.doesNotMatch(text, /^INSERT INTO (?:(?! SELECT | ON CONFLICT).)* VALUES \((?:(?! ON CONFLICT).)*\bSELECT\b/, label);
      assert.doesNotMatch(text, /\bFOR (UPDATE|SHARE)\b/, label);
      assert.doesNotMatch(text, /\b(random|nextval|now|clock_timestamp)\(/, label);
      assert.doesNotMatch(text, /\bSET (?:(?!WHERE).)*\bmerchant_id = /, `${label}: a row does not move`);
      // Of one statement, all tables are on one machine, or copies.
      const others = [...text.matchAll(mention)].map(([, , table]) => table).filter((table) => table in coordinator || table in directories);
      assert.deepEqual(others, [], label);
    }
  });

  test('the rules can fail', () => {
    for (const [text, missing] of [
      ['SELECT id FROM payments WHERE merchant_id = $1 AND id = $2', 0],
      ['SELECT id FROM payments WHERE id = $1', 1],
      ['SELECT p.id FROM payments p JOIN customers c ON c.merchant_id = p.merchant_id AND c.id = p.customer_id WHERE p.merchant_id = $1', 0],
      ['SELECT p.id FROM payments p JOIN customers c ON c.id = p.customer_id WHERE p.merchant_id = $1', 1],
      ['SELECT id FROM merchants WHERE id = $1', 0],
      ['UPDATE deliveries SET owner = $2 WHERE merchant_id = $1 AND event_id IN (SELECT event_id FROM deliveries WHERE due_at < $3)', 1],
      ['INSERT INTO totals (merchant_id, mode) VALUES ($1, $2) ON CONFLICT DO NOTHING', 0],
      ['INSERT INTO totals (mode, merchant_id) VALUES ($1, $2)', 1],
      ['DELETE FROM mails WHERE id = $1', 1],
    ]) assert.equal(unnamed(text, spread), missing, text);
  });
});
