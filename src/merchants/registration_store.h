#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_registration{
    "INSERT INTO registrations (token_hash, name, email, telephone, password_hash, language, created_at, expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
inline constexpr db::Sql select_registration{
    "SELECT name, email, telephone, password_hash, language FROM registrations WHERE token_hash = $1 AND expires_at > "
    "$2"};
inline constexpr db::Sql delete_old_registrations{"DELETE FROM registrations WHERE expires_at <= $1"};
inline constexpr db::Sql delete_registration{"DELETE FROM registrations WHERE token_hash = $1"};

}  // namespace epay::merchants::store
