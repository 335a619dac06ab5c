// The customer's telephone in test mode: what is on its screen, and the messages it got. Numbers of the test phone wait
// for a person; any other number does while somebody has taken it in hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/phone_number.h"
#include "base/timestamp.h"
#include "rails/simulator/simulated_order.h"

namespace epay::rails::simulator {

inline constexpr minutes prompt_life{5};   // as MTN's: then the network says that it has expired
inline constexpr hours phone_held_for{1};  // a number that somebody took in hand
inline constexpr std::size_t phones_held_max = 1'000;
inline constexpr minutes voucher_life{15};
inline constexpr std::size_t vouchers_at_once_max = 5;
inline constexpr std::size_t pin_digits = 4;
inline constexpr std::string_view wrong_pin = "0000";  // every other PIN is right
inline constexpr int wrong_pins_max = 3;               // then the network gives up
inline constexpr std::size_t phone_orders_shown_max = 30;

// 024, 020 and 027 000 0900 to 0999.
bool is_test_phone(const PhoneNumber& number);
// Whether the network first sends a code by SMS that is to be told to us: those that end in 990 to 999, and the number
// that does so in a scenario, while it is in somebody's hand.
bool is_sent_code(const PhoneNumber& number);
// Telecel's: it makes the vouchers that its owner pays with.
bool makes_vouchers(const PhoneNumber& number);

struct Voucher {
  std::string code;
  Timestamp created_at, expires_at;
  bool used = false;
  bool is_good(Timestamp now) const { return !used && now < expires_at; }
};

// A phone as it lies there now.
struct Phone {
  PhoneNumber number;
  std::optional<Timestamp> held_until;  // of a number that is not of the test phone, where somebody has it in hand
  std::vector<SimulatedOrder> prompts;  // on the screen, the oldest first
  std::vector<SimulatedOrder> put_off;  // still to be approved, the oldest first
  std::vector<SimulatedOrder> orders;   // all, the newest first: what its messages tell of
  std::vector<Voucher> vouchers;        // the newest first

  // Whether payments of the number wait for it.
  bool is_in_hand() const { return is_test_phone(number) || held_until; }
};

}  // namespace epay::rails::simulator
