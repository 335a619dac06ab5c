#pragma once

#include "db/database.h"

namespace epay::lists::store {

inline constexpr db::Sql select_payment_from{
    "SELECT id, created_at FROM payments WHERE merchant_id = $1 AND mode = $2 AND id >= $3 ORDER BY id LIMIT 1"};
inline constexpr db::Sql select_last_payment{
    "SELECT id FROM payments WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT 1"};

// What filters look at. With people's texts where a search looks at them too.
inline constexpr db::Sql select_heads_down{
    "SELECT id, kind, status, method, created_at, page_id FROM payments "
    "WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id DESC LIMIT $5"};
inline constexpr db::Sql select_heads_up{
    "SELECT id, kind, status, method, created_at, page_id FROM payments "
    "WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id LIMIT $5"};
inline constexpr db::Sql select_texts_down{
    "SELECT p.id, p.kind, p.status, p.method, p.created_at, p.page_id, p.reference, p.wallet_number, p.description, "
    "c.name, c.email, c.telephone FROM payments p "
    "LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id "
    "WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id >= $3 AND p.id <= $4 ORDER BY p.id DESC LIMIT $5"};
inline constexpr db::Sql select_texts_up{
    "SELECT p.id, p.kind, p.status, p.method, p.created_at, p.page_id, p.reference, p.wallet_number, p.description, "
    "c.name, c.email, c.telephone FROM payments p "
    "LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id "
    "WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id >= $3 AND p.id <= $4 ORDER BY p.id LIMIT $5"};
// One payment, or a stretch of them.
inline constexpr db::Sql select_listed{
    "SELECT p.id, p.kind, p.status, p.late, p.reference, p.method, p.wallet_number, p.wallet_network, p.amount_minor, "
    "p.fee_minor, p.currency, p.description, p.page_id, p.created_at, p.updated_at, p.customer_id, c.name, c.email, "
    "c.telephone, p.customer_previous_id FROM payments p "
    "LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id "
    "WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id = $3"};
// Whichever mode they are of: the index has references of both.
inline constexpr db::Sql select_references{
    "SELECT mode, id FROM payments WHERE merchant_id = $1 AND reference >= $2 AND reference <= $3 "
    "ORDER BY reference LIMIT $4"};
inline constexpr db::Sql select_last_payment_of{
    "SELECT last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id = $3"};

}  // namespace epay::lists::store
