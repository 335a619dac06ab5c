#pragma once

#include "db/database.h"

namespace epay::ledger::store {

// $10: the merchant's account "available", where the transfer touches the wallet; what it holds is noted.
inline constexpr db::Sql insert_transfer{
    "INSERT INTO transfers (merchant_id, id, payment_id, reason, debit_code, credit_code, currency, amount_minor, "
    "created_at, available_after_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
    "CASE WHEN CAST($10 AS BIGINT) IS NULL THEN NULL ELSE coalesce((SELECT credits_minor - debits_minor FROM accounts "
    "WHERE merchant_id = $1 AND code = $10 AND currency = $7), 0) END)"};
// No row changed: the total would pass the largest int64, which SQLite would turn into a float.
inline constexpr db::Sql debit_account{
    "INSERT INTO accounts (merchant_id, code, currency, debits_minor, credits_minor) VALUES ($1, $2, $3, $4, 0) "
    "ON CONFLICT (merchant_id, code, currency) DO UPDATE SET debits_minor = accounts.debits_minor + "
    "excluded.debits_minor "
    "WHERE accounts.debits_minor <= 9223372036854775807 - excluded.debits_minor"};
inline constexpr db::Sql credit_account{
    "INSERT INTO accounts (merchant_id, code, currency, debits_minor, credits_minor) VALUES ($1, $2, $3, 0, $4) "
    "ON CONFLICT (merchant_id, code, currency) DO UPDATE SET credits_minor = accounts.credits_minor + "
    "excluded.credits_minor "
    "WHERE accounts.credits_minor <= 9223372036854775807 - excluded.credits_minor"};
// Of an account that must not go below zero.
inline constexpr db::Sql debit_wallet{
    "UPDATE accounts SET debits_minor = debits_minor + $4 "
    "WHERE merchant_id = $1 AND code = $2 AND currency = $3 AND credits_minor - debits_minor >= $4"};
inline constexpr db::Sql select_balance{
    "SELECT credits_minor - debits_minor FROM accounts WHERE merchant_id = $1 AND code = $2 AND currency = $3"};
inline constexpr db::Sql count_wallet_day{
    "INSERT INTO wallet_days (merchant_id, mode, currency, day, entries, available_in_minor, available_out_minor, "
    "held_in_minor, held_out_minor) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8) "
    "ON CONFLICT (merchant_id, mode, currency, day) DO UPDATE SET entries = wallet_days.entries + 1, "
    "available_in_minor = wallet_days.available_in_minor + excluded.available_in_minor, "
    "available_out_minor = wallet_days.available_out_minor + excluded.available_out_minor, "
    "held_in_minor = wallet_days.held_in_minor + excluded.held_in_minor, "
    "held_out_minor = wallet_days.held_out_minor + excluded.held_out_minor"};
inline constexpr db::Sql select_full_account{
    "SELECT code FROM accounts WHERE merchant_id = $1 AND currency = $2 AND (debits_minor > $3 OR credits_minor > $3) "
    "LIMIT 1"};
inline constexpr db::Sql select_balances{
    "SELECT code, currency, credits_minor - debits_minor FROM accounts WHERE merchant_id = $1 ORDER BY currency, code"};

// Null after the last one.
inline constexpr db::Sql select_next_merchant{
    "SELECT min(merchant_id) FROM (SELECT min(merchant_id) AS merchant_id FROM accounts WHERE merchant_id > $1 "
    "UNION ALL SELECT min(merchant_id) AS merchant_id FROM transfers WHERE merchant_id > $1) AS next"};
inline constexpr db::Sql select_accounts{
    "SELECT code, currency, debits_minor, credits_minor FROM accounts WHERE merchant_id = $1 ORDER BY code, currency"};
inline constexpr db::Sql select_transfers{
    "SELECT id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor "
    "FROM transfers WHERE merchant_id = $1 ORDER BY id"};
inline constexpr db::Sql select_days_of_wallets{
    "SELECT mode, currency, day, entries, available_in_minor, available_out_minor, held_in_minor, held_out_minor "
    "FROM wallet_days WHERE merchant_id = $1 ORDER BY mode, currency, day"};

}  // namespace epay::ledger::store
