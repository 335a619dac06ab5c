#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_merchant{
    "INSERT INTO merchants (id, name, email, telephone, merchant_key, fee_basis_points, created_at, "
    "telephone_verified_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)"};
inline constexpr db::Sql insert_totals{
    "INSERT INTO totals (merchant_id, mode, customers, payments) VALUES ($1, $2, 0, 0)"};
inline constexpr db::Sql select_merchant{
    "SELECT id, name, email, telephone, merchant_key, fee_basis_points, created_at, telephone_verified_at, logo_id "
    "FROM merchants WHERE id = $1"};
inline constexpr db::Sql select_merchants{
    "SELECT id, name, email, telephone, merchant_key, fee_basis_points, created_at, telephone_verified_at, logo_id "
    "FROM merchants ORDER BY id"};
inline constexpr db::Sql update_profile{
    "UPDATE merchants SET name = $2, email = $3, telephone_verified_at = CASE WHEN telephone = $4 THEN "
    "telephone_verified_at END, telephone = $4 WHERE id = $1"};
inline constexpr db::Sql update_logo{"UPDATE merchants SET logo_id = $2 WHERE id = $1"};
inline constexpr db::Sql update_telephone_verified{
    "UPDATE merchants SET telephone_verified_at = $3 WHERE id = $1 AND telephone = $2"};
inline constexpr db::Sql update_merchant_key{"UPDATE merchants SET merchant_key = $2 WHERE id = $1"};
inline constexpr db::Sql insert_integration{
    "INSERT INTO integrations (merchant_id, id, app_id, app_secret_hash, mode, created_at, name) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};
inline constexpr db::Sql count_integrations{
    "SELECT count(*) FROM integrations WHERE merchant_id = $1 AND revoked_at IS NULL"};
inline constexpr db::Sql select_integrations{
    "SELECT id, mode, app_id, name, created_at, revoked_at FROM integrations WHERE merchant_id = $1 "
    "ORDER BY created_at DESC, id DESC"};
inline constexpr db::Sql revoke_integration{
    "UPDATE integrations SET revoked_at = $3 WHERE merchant_id = $1 AND id = $2 AND revoked_at IS NULL"};
inline constexpr db::Sql select_live_integration{
    "SELECT 1 FROM integrations WHERE merchant_id = $1 AND mode = 2 AND revoked_at IS NULL LIMIT 1"};
inline constexpr db::Sql select_key_owner{"SELECT id FROM merchants WHERE merchant_key = $1"};
inline constexpr db::Sql select_integration{
    "SELECT id, mode, app_secret_hash FROM integrations "
    "WHERE merchant_id = $1 AND app_id = $2 AND revoked_at IS NULL"};

inline constexpr db::Sql insert_token{
    "INSERT INTO access_tokens (merchant_id, token_hash, integration_id, expires_at) VALUES ($1, $2, $3, $4)"};
inline constexpr db::Sql select_token{
    "SELECT t.integration_id, i.mode, t.expires_at FROM access_tokens t "
    "JOIN integrations i ON i.merchant_id = t.merchant_id AND i.id = t.integration_id "
    "WHERE t.merchant_id = $1 AND t.token_hash = $2 AND i.revoked_at IS NULL"};
// One by one: for a list of keys of two columns SQLite walks through all that the merchant has.
inline constexpr db::Sql select_expired_tokens{
    "SELECT merchant_id, token_hash FROM access_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2"};
inline constexpr db::Sql delete_token{"DELETE FROM access_tokens WHERE merchant_id = $1 AND token_hash = $2"};

}  // namespace epay::merchants::store
