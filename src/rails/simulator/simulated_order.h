// What the imaginary networks know of an order: a row of their books.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "rails/rail.h"
#include "rails/simulator/scenario.h"

namespace epay::rails::simulator {

// Stored in rows: never renumber.
enum class OrderStatus : std::int64_t {
  awaiting_customer = 1,  // at the card page, or with a code that the network has sent
  deciding = 2,
  succeeded = 3,
  failed = 4,
  awaiting_phone = 5,  // the prompt is on the test phone
  reversed = 6,        // it had succeeded
};

struct SimulatedOrder {
  std::string reference;
  bool payout = false;
  std::string wallet_number;  // "" for a card; "gcb:0011223344" for an account at a bank
  Money amount;
  OrderStatus status = OrderStatus::deciding;
  std::optional<std::string> failure;   // how it has ended, or will if nobody does anything
  std::optional<Timestamp> decides_at;  // when it is decided by itself, or taken back once it has succeeded
  Timestamp created_at;
  std::optional<Timestamp> decided_at;

  // Of a number that is on the test phone.
  bool on_phone = false;
  std::string merchant, description;
  std::optional<std::string> code;  // sent by SMS, to be told to us
  int wrong_pins = 0;
  bool put_off = false;  // from the screen: it can be taken up again until it expires

  bool is_open() const {
    return status != OrderStatus::succeeded && status != OrderStatus::failed && status != OrderStatus::reversed;
  }
};

SimulatedOrder read_order(const db::Row& row);
std::optional<SimulatedOrder> find_order(db::Transaction& tx, std::string_view reference);
// False when there is one of that reference: it stands.
bool insert_order(db::Transaction& tx, const SimulatedOrder& order);
// Succeeds, or fails when there is a failure. False when it has been decided before: the first decision stands.
bool decide_order(db::Transaction& tx, SimulatedOrder& order, std::optional<std::string> failure, Timestamp now);

// Takes back what has succeeded and was to be. False when it was taken back before.
bool reverse_order(db::Transaction& tx, SimulatedOrder& order);

// What its number does; nothing special on the test phone, where somebody decides.
Scenario scenario_of(const SimulatedOrder& order);
// What the network answers when it is asked about the order. `origin` is our public address.
Reply reply_of(const SimulatedOrder& order, const std::string& origin);
std::string rail_id_of(const SimulatedOrder& order);

}  // namespace epay::rails::simulator
