#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql upsert_telephone_code{
    "INSERT INTO telephone_codes (merchant_id, telephone, code_box, tries, sent_at, expires_at) "
    "VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT (merchant_id) DO UPDATE SET telephone = excluded.telephone, code_box = "
    "excluded.code_box, tries = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at"};
inline constexpr db::Sql select_telephone_code{
    "SELECT telephone, code_box, tries, sent_at, expires_at FROM telephone_codes WHERE merchant_id = $1"};
inline constexpr db::Sql count_telephone_code_try{
    "UPDATE telephone_codes SET tries = tries + 1 WHERE merchant_id = $1"};
inline constexpr db::Sql delete_telephone_code{"DELETE FROM telephone_codes WHERE merchant_id = $1"};

}  // namespace epay::merchants::store
