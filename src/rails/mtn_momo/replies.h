// What MTN's answers mean.
#pragma once

#include <string>

#include "rails/rail.h"
#include "rails/rail_http.h"

namespace epay::rails::mtn_momo {

// To a request for a new order. Nothing where the order exists already, or where the token was not taken: what then?
// is the caller's.
Reply reply_to_create(const RailAnswer& answer);
// To a question about one.
Reply reply_to_query(const RailAnswer& answer, const Order& order);

// The word of `reason`, which is a text, or an object with a code (RAILS §1.6); "" without one.
std::string reason_of(const http::Json& status);
Claim claim_of(const http::Json& status);

}  // namespace epay::rails::mtn_momo
