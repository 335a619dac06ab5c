#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_image{
    "INSERT INTO images (merchant_id, id, content_type, bytes, width, height) VALUES ($1, $2, $3, $4, $5, $6)"};
inline constexpr db::Sql count_images{"SELECT count(*) FROM images WHERE merchant_id = $1"};
inline constexpr db::Sql select_image{"SELECT content_type, bytes FROM images WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql delete_image{"DELETE FROM images WHERE merchant_id = $1 AND id = $2"};

}  // namespace epay::merchants::store
