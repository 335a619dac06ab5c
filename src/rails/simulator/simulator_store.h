#pragma once

#include "db/database.h"

namespace epay::rails::simulator::store {

inline constexpr db::Sql insert_order{
    "INSERT INTO simulator_orders (reference, kind, wallet_number, amount_minor, currency, status, failure, "
    "return_url, "
    "decides_at, created_at, phone, merchant, description, code, wrong_pins, put_off) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, $9, $10, $11, $12, $13, 0, 0) ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_order{
    "SELECT reference, kind, wallet_number, amount_minor, currency, status, failure, decides_at, created_at, "
    "decided_at, phone, merchant, description, code, wrong_pins, put_off FROM simulator_orders WHERE reference = $1"};
inline constexpr db::Sql select_deciding{
    "SELECT reference, decides_at FROM simulator_orders WHERE decides_at IS NOT NULL ORDER BY decides_at"};
// Only an open order can be decided: the first decision stands.
inline constexpr db::Sql decide_order{
    "UPDATE simulator_orders SET status = $2, failure = $3, decided_at = $4, decides_at = $5 "
    "WHERE reference = $1 AND status IN (1, 2, 5)"};
inline constexpr db::Sql reverse_order{
    "UPDATE simulator_orders SET status = 6, decides_at = NULL WHERE reference = $1 AND status = 3"};
inline constexpr db::Sql start_deciding{
    "UPDATE simulator_orders SET status = 2, decides_at = $2 WHERE reference = $1 AND status = 1"};

// ---- the test phone ----

inline constexpr db::Sql start_prompting{
    "UPDATE simulator_orders SET status = 5 WHERE reference = $1 AND status = 1 AND phone = 1"};
inline constexpr db::Sql set_put_off{"UPDATE simulator_orders SET put_off = $2 WHERE reference = $1 AND status = 5"};
inline constexpr db::Sql set_wrong_pins{"UPDATE simulator_orders SET wrong_pins = $2 WHERE reference = $1"};
inline constexpr db::Sql select_phone_orders{
    "SELECT reference, kind, wallet_number, amount_minor, currency, status, failure, decides_at, created_at, "
    "decided_at, phone, merchant, description, code, wrong_pins, put_off FROM simulator_orders "
    "WHERE wallet_number = $1 AND phone = 1 ORDER BY created_at DESC, reference DESC LIMIT $2"};
inline constexpr db::Sql select_phones{
    "SELECT number, held_until FROM simulator_phones WHERE held_until > $1 ORDER BY held_until"};
inline constexpr db::Sql upsert_phone{
    "INSERT INTO simulator_phones (number, held_until) VALUES ($1, $2) "
    "ON CONFLICT (number) DO UPDATE SET held_until = excluded.held_until"};
inline constexpr db::Sql delete_phone{"DELETE FROM simulator_phones WHERE number = $1"};
inline constexpr db::Sql delete_phones_before{"DELETE FROM simulator_phones WHERE held_until <= $1"};
inline constexpr db::Sql insert_voucher{
    "INSERT INTO simulator_vouchers (number, code, created_at, expires_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_vouchers{
    "SELECT code, created_at, expires_at, reference FROM simulator_vouchers WHERE number = $1 "
    "ORDER BY created_at DESC, code LIMIT $2"};
inline constexpr db::Sql delete_vouchers_before{"DELETE FROM simulator_vouchers WHERE number = $1 AND created_at < $2"};
inline constexpr db::Sql use_voucher{
    "UPDATE simulator_vouchers SET reference = $3 "
    "WHERE number = $1 AND code = $2 AND reference IS NULL AND expires_at > $4"};

}  // namespace epay::rails::simulator::store
