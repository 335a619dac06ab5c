#pragma once

#include "db/database.h"

namespace epay::payments::store {

inline constexpr db::Sql select_merchant_name{"SELECT name FROM merchants WHERE id = $1"};
inline constexpr db::Sql select_payee{"SELECT name, logo_id FROM merchants WHERE id = $1"};
inline constexpr db::Sql select_page_count{"SELECT count(*) FROM payment_pages WHERE merchant_id = $1"};
inline constexpr db::Sql insert_page{
    "INSERT INTO payment_pages (merchant_id, id, mode, slug, name, description, currency, amount_rule, fields, "
    "quantity, expires_at, active, redirect_url, success_message, logo_id, embedding, embed_origins, created_at, "
    "updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)"};
inline constexpr db::Sql update_page{
    "UPDATE payment_pages SET name = $3, description = $4, currency = $5, amount_rule = $6, fields = $7, "
    "quantity = $8, expires_at = $9, active = $10, redirect_url = $11, success_message = $12, logo_id = $13, "
    "embedding = $14, embed_origins = $15, updated_at = $16 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_page_active{
    "UPDATE payment_pages SET active = $3, updated_at = $4 WHERE merchant_id = $1 AND id = $2"};
// A page with its totals: their columns stand in this order everywhere.
inline constexpr db::Sql select_page{
    "SELECT p.merchant_id, p.id, p.mode, p.slug, p.name, p.description, p.currency, p.amount_rule, p.fields, "
    "p.quantity, p.expires_at, p.active, p.redirect_url, p.success_message, p.logo_id, p.embedding, p.embed_origins, "
    "p.created_at, p.updated_at, t.views, t.payments, t.revenue_minor, t.open_payments "
    "FROM payment_pages p JOIN page_totals t ON t.merchant_id = p.merchant_id AND t.page_id = p.id "
    "WHERE p.merchant_id = $1 AND p.id = $2"};
inline constexpr db::Sql select_pages{
    "SELECT p.merchant_id, p.id, p.mode, p.slug, p.name, p.description, p.currency, p.amount_rule, p.fields, "
    "p.quantity, p.expires_at, p.active, p.redirect_url, p.success_message, p.logo_id, p.embedding, p.embed_origins, "
    "p.created_at, p.updated_at, t.views, t.payments, t.revenue_minor, t.open_payments "
    "FROM payment_pages p JOIN page_totals t ON t.merchant_id = p.merchant_id AND t.page_id = p.id "
    "WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4"};
inline constexpr db::Sql select_page_summary{
    "SELECT name, description, slug FROM payment_pages WHERE merchant_id = $1 AND id = $2"};

inline constexpr db::Sql insert_slug{
    "INSERT INTO page_slugs (slug, merchant_id, page_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_slug{"SELECT merchant_id, page_id FROM page_slugs WHERE slug = $1"};

inline constexpr db::Sql insert_page_totals{
    "INSERT INTO page_totals (merchant_id, page_id, views, payments, revenue_minor, open_payments) "
    "VALUES ($1, $2, 0, 0, 0, 0)"};
inline constexpr db::Sql add_page_views{
    "UPDATE page_totals SET views = views + $3 WHERE merchant_id = $1 AND page_id = $2"};
inline constexpr db::Sql add_page_totals{
    "UPDATE page_totals SET payments = payments + $3, revenue_minor = revenue_minor + $4, "
    "open_payments = open_payments + $5 WHERE merchant_id = $1 AND page_id = $2"};

}  // namespace epay::payments::store
