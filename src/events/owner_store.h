#pragma once

#include "db/database.h"

namespace epay::events::store {

inline constexpr db::Sql select_endpoint_owner{"SELECT merchant_id FROM endpoints WHERE id = $1"};
inline constexpr db::Sql select_redelivery_owner{"SELECT merchant_id FROM redeliveries WHERE id = $1"};

}  // namespace epay::events::store
