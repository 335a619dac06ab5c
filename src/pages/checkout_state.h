// Where a checkout stands, as its customer sees it: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/timestamp.h"
#include "payments/checkout.h"

namespace epay::pages {

enum class CheckoutState {
  choosing,    // nothing is open; how it is paid is to be chosen
  confirming,  // chosen: the customer is asked once more before a prompt goes out
  waiting,     // the customer approves on the telephone, or the network decides
  code,        // the rail wants a voucher or an OTP
  card,        // the customer is to go to the rail's page
  review,      // the network reports what was not asked for: a person looks
  paid,
  failed,
  expired,
};

// What the customer asks to see, where nothing is open.
enum class Wanted { what_stands, choosing, confirming };

CheckoutState state_of(const payments::Checkout& checkout, Timestamp now, Wanted wanted = Wanted::what_stands);
std::string_view name_of(CheckoutState state);
bool is_over(CheckoutState state);

// Changes with whatever a customer would see change.
std::string revision_of(const payments::Checkout& checkout, CheckoutState state);

// The last attempt's definite failure as the key of a text: "attempt_failure.low_balance".
std::string_view failure_key(std::string_view rail_failure);

}  // namespace epay::pages
