// What a seed stands for: who wants to pay whom, how their software behaves, and what goes wrong when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/timestamp.h"

namespace epay::simulation {

// One thing that a merchant's software asks Epay for, with everything that is the same however often it asks.
struct Order {
  enum class Kind { momo, card, payout, checkout };
  enum class Customer { approves, declines, never };

  std::size_t merchant = 0;
  Kind kind = Kind::momo;
  std::string reference;
  std::string key;  // Idempotency-Key; "" for none
  Money amount;
  std::string wallet, network, voucher;
  std::string name, email, telephone;
  std::optional<std::string> description;

  microseconds due{0};                     // after the run's beginning
  microseconds patience{0};                // how long an answer is waited for
  bool gives_up = false;                   // after the first answer that was lost, for ever
  bool twice = false;                      // the same request twice at the same time
  bool replays = false;                    // sends it once more, long after its answer
  bool as_form = false;                    // instead of JSON
  Customer customer = Customer::approves;  // at the card page, or with an OTP
  microseconds customer_waits{0};
  // Of a checkout: the wallets that its customer tries, one after the other ("card" for a card); empty: nobody comes.
  std::vector<std::string> tries = {};
  bool cancels = false;      // when none of them has paid
  bool two_windows = false;  // does all of it in two windows at the same time

  // The last three digits of a number the rail's simulator knows; 0 for any other.
  int scenario() const;
  bool is_plain() const { return kind == Kind::momo && scenario() == 0 && voucher != "000000"; }
  bool is_charge() const { return kind == Kind::momo || kind == Kind::card; }
  // Money that comes in: its merchant hears of its end.
  bool is_payment() const { return kind != Kind::payout; }
  // Whether the rail may have a reason to say no.
  bool may_fail_at_rail() const;
};

// How a merchant's receiver treats a webhook.
enum class Mood { good, slow, failing, hanging, closing };

struct Happening {
  enum class Kind {
    service_unreachable,  // `fault`, for `lasts`
    service_link_breaks,  // the next connection, after `bytes`
    receiver_unreachable,
    receiver_link_breaks,
    receiver_mood,  // `mood`, for `lasts`
    wall_jump,      // by `lasts`
    disk_full,      // for `lasts`
    restart,        // an orderly stop, and a start
    audit,
    store_cut,  // one process from the store that it shares with others: `fault`, for `lasts`
  };
  microseconds at{0};
  Kind kind = Kind::audit;
  microseconds lasts{0};
  std::size_t merchant = 0;
  int fault = 0;  // 0 refuses, 1 silent, 2 black hole; of a store 0 fails, 1 hangs, 2 loses replies
  std::size_t bytes = 0;
  Mood mood = Mood::good;
};

struct Plan {
  bool calm = false;  // no fault at all
  std::size_t merchants = 1;
  std::vector<Order> orders;
  std::vector<Happening> happenings;  // by time
  microseconds lasts{0};
  microseconds latency_least{0}, latency_most{0};
  microseconds rail_delay{0};
  std::uint64_t steps_between_crashes = 0;  // about; 0: none
  std::size_t processes = 1;                // that serve the store
};

// The last three digits of a number that the rail's simulator knows; 0 for any other.
int scenario_of(const std::string& wallet);
// "telecel" for 020…
const char* network_of(const std::string& wallet);
// Whether the rail may have a reason to say no to it.
bool may_fail(int scenario);

Plan make_plan(std::uint64_t seed, std::size_t processes = 1);

}  // namespace epay::simulation
