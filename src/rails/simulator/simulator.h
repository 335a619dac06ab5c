// The rail of test mode: imaginary networks with books of their own, which survive a restart like a real network's.
// Reached through the Rail interface only, but for the customer's side of it: the card page and the OTP.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "rails/rail.h"
#include "rails/simulator/scenario.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"

namespace epay::rails::simulator {

enum class OrderStatus : std::int64_t { awaiting_customer = 1, deciding = 2, succeeded = 3, failed = 4 };

// What the networks know of an order.
struct SimulatedOrder {
  std::string reference;
  bool payout = false;
  std::string wallet_number;  // "" for a card
  Money amount;
  OrderStatus status = OrderStatus::deciding;
  std::optional<std::string> failure;
  std::optional<Timestamp> decides_at;
};

class Simulator final : public Rail {
 public:
  struct Options {
    // How long a network takes to decide. At zero it decides in its reply, and forgets: such an order is in no book.
    microseconds delay = seconds(2);
  };
  Simulator(Clock& clock, Log& log, db::Database& database, CallbackSink& callbacks, Options options);

  // Goes on with the orders that were open when the process stopped.
  Task<void> start();
  // Waits for nothing: what is open goes on at the next start.
  Task<void> stop(Ticks due);

  RailId id() const override { return RailId::simulator; }
  Capabilities capabilities() const override { return {.idempotent_by_reference = true}; }
  bool serves(Mode mode, Channel, const Currency&) const override { return mode == Mode::test; }
  Task<Reply> collect(Order order) override;
  Task<Reply> pay_out(Order order) override;
  Task<Reply> submit_input(Order order, std::string input) override;
  Task<Reply> query(Order order) override;

  // The customer at the card page; orders of wallets are not found here. Errors: not_found, unavailable. Deciding twice
  // keeps the first decision.
  Task<Result<SimulatedOrder>> find_card_order(std::string reference);
  Task<Result<SimulatedOrder>> decide_card(std::string reference, bool approve);

 private:
  Task<Reply> take(Order order, Scenario scenario, bool payout);
  Task<Result<std::vector<SimulatedOrder>>> decide(std::vector<std::string> references,
                                                   std::optional<std::string> failure);
  Task<void> run_decisions();
  void schedule(Timestamp due, std::string reference);
  void call_back(const SimulatedOrder& order);

  Clock& clock_;
  Log& log_;
  db::Database& database_;
  CallbackSink& callbacks_;
  Options options_;
  Signal changed_;
  TaskGroup tasks_;
  std::multimap<Timestamp, std::string> deciding_;
  bool stopping_ = false;
};

}  // namespace epay::rails::simulator
