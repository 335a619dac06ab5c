// What the simulated networks do with a number (RAILS §8, Ghana formats): 024 000 0NNN (MTN), 020 000 0NNN (Telecel)
// and 027 000 0NNN (AT), where NNN is from the table in scenario.cpp. Every other number succeeds after a short delay.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/phone_number.h"
#include "base/timestamp.h"

namespace epay::rails::simulator {

enum class Callback { once, never, three_times, before_reply, contradictory };
// Of the request: its reply lost; never arrived; refused at once; no reply to anything until it is decided.
enum class Handling { normal, lost, never_processed, refused, silent };

struct Scenario {
  std::optional<std::string_view> failure;     // the network's code; none: it succeeds
  std::optional<microseconds> decides_after;   // none: after the configured delay
  bool decides = true;                         // false: pending for ever
  bool wants_input = false;                    // an OTP comes first
  bool wrong_amount = false;                   // reports one unit less than was asked
  bool late = false;                           // decides only after our own deadline
  std::optional<microseconds> reverses_after;  // of money sent: so long after it has succeeded, it comes back
  Callback callback = Callback::once;
  Handling handling = Handling::normal;
};

Scenario collect_scenario(const std::optional<PhoneNumber>& wallet);
// Refunds too.
Scenario payout_scenario(const std::optional<PhoneNumber>& wallet);
// Of a bank account: 0000000NNN does what money sent to a wallet 024 000 0NNN does.
Scenario bank_scenario(std::string_view account_number);

}  // namespace epay::rails::simulator
