// What Paystack's answers mean. All have the envelope {"status": …, "message": …, "data": …}.
#pragma once

#include <string>

#include "rails/rail.h"
#include "rails/rail_http.h"

namespace epay::rails::paystack {

// A request for something new under a reference that Paystack has.
bool is_duplicate(const RailAnswer& answer);
// A question about a reference that it does not have: HTTP 400 or 404, and words.
bool is_not_found(const RailAnswer& answer);

// Of a charge: the answer to its creation, to a code, to a question.
Reply reply_of_charge(const RailAnswer& answer, const Currency& currency);
Reply reply_of_transfer(const RailAnswer& answer, const Currency& currency);
// `refund`: the refund's own object.
Reply reply_of_refund(const http::Json& refund, const Currency& currency);
// An answer that has nothing to read in it. `creates`: a 4xx proves that nothing was made.
Reply reply_without_data(const RailAnswer& answer, bool creates);

}  // namespace epay::rails::paystack
