// What is going to become of an order, decided when it is made: by the vendor's published test numbers, by ours, or by
// what a test has asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "http/json.h"

namespace epay::emulators {

// What becomes of the answer to the request that makes an order.
enum class Wire {
  answered,
  lost,           // processed, and the connection closes instead of an answer
  not_processed,  // the connection closes, and nothing is known of it; the same again is carried out
};

enum class Tell {
  normally,
  never,
  before_reply,   // before the request that made the order is answered
  contradictory,  // says the other ending
};

// A second ending that the rail changes its mind to.
struct Turn {
  microseconds after{0};  // the first
  bool succeeds = false;  // else it failed, or what had succeeded is reversed
};

struct Scenario {
  bool decides = true;
  std::string failure;                // the reason, in MTN's words; empty: it succeeds
  std::optional<microseconds> after;  // how long it takes; by default the switch decide.after
  bool is_created_first = false;      // CREATED instead of PENDING until then
  bool needs_input = false;           // a voucher or OTP, before anything is decided
  microseconds hidden_for{0};         // how long queries do not find it
  Wire wire = Wire::answered;
  Tell tell = Tell::normally;
  microseconds tell_after{0};  // later than the decision
  int tell_times = 1;
  // What is said to have moved, and moves, instead of what was asked for: decimal text and code; empty: as asked.
  std::string amount, currency;
  std::optional<Turn> turn;
};

// The same form as the control API's, for the state file.
std::string to_json(const Scenario& scenario);
// Errors: invalid, naming the member.
Result<Scenario> read_scenario(const http::Json& json);

// By the last three digits of a number: 450 to 464 as in MTN's sandbox (RAILS §1.9), 480 to 491 as in our simulator.
std::optional<Scenario> scenario_of_suffix(int suffix, bool pays_out);
// By our own numbers: 233240000xxx, 233200000xxx and 233270000xxx (RAILS §8).
std::optional<Scenario> scenario_of_our_number(std::string_view number, bool pays_out);

// "233240000451" of any way to write it: "0240000451", "+233 24 000 0451". Other countries' digits as they are.
std::string international(std::string_view number);
// Its last three digits; -1 when there are none.
int suffix_of(std::string_view number);

}  // namespace epay::emulators
