#include "rails/simulator/simulator.h"

#include "base/check.h"
#include "http/message.h"
#include "rails/simulator/simulator_store.h"

namespace epay::rails::simulator {
namespace {

constexpr std::size_t decisions_at_once = 256;
// A request that the simulated network never sees is one sent this soon; a repeat of it comes later and arrives.
constexpr seconds first_request_age_max{3};
constexpr seconds late_by{60};
constexpr std::string_view wrong_input = "000000";

SimulatedOrder read_order(const db::Row& row) {
  const auto currency = Currency::parse(row.text(4));
  EPAY_CHECK(currency.has_value());
  return {row.string(0),
          row.integer(1) == 2,
          row.string(2),
          {row.integer(3), *currency},
          row.as<OrderStatus>(5),
          row.optional_string(6),
          row.is_null(7) ? std::nullopt : std::optional(row.time(7))};
}

std::optional<SimulatedOrder> select_order(db::Transaction& tx, std::string_view reference) {
  return tx.query_one(store::select_order, read_order, reference);
}

Scenario scenario_of(const SimulatedOrder& order) {
  std::optional<PhoneNumber> wallet;
  if (auto number = PhoneNumber::parse(order.wallet_number)) wallet = *number;
  return order.payout ? payout_scenario(wallet) : collect_scenario(wallet);
}

Reply reply_of(const SimulatedOrder& order, const std::string& origin) {
  const std::string rail_id = "SIM" + order.reference;
  switch (order.status) {
    case OrderStatus::awaiting_customer:
      if (!order.wallet_number.empty()) return Pending{Pending::Next::input, rail_id, {}};
      return Pending{Pending::Next::redirect, rail_id, origin + "/simulator/cards/" + order.reference};
    case OrderStatus::deciding:
      if (scenario_of(order).handling == Handling::silent) return Unknown{"no answer came"};
      return Pending{Pending::Next::wait, rail_id, {}};
    case OrderStatus::succeeded: {
      Money amount = order.amount;
      if (scenario_of(order).wrong_amount) amount.minor += amount.minor > 1 ? -1 : 1;
      return Succeeded{amount, rail_id};
    }
    case OrderStatus::failed: return Failed{order.failure.value_or("FAILED")};
  }
  return Unknown{"no such status"};
}

// The card page leads back to where the order says.
Reply with_return(Reply reply, const std::string& return_url) {
  auto* pending = std::get_if<Pending>(&reply);
  if (pending != nullptr && pending->redirect_url && !return_url.empty())
    *pending->redirect_url += "?return=" + http::percent_encode(return_url);
  return reply;
}

// Text is UTF-8 from a request; the wrong voucher fails, as a network would have it.
bool rejects_input(const std::optional<std::string>& input) { return input && *input == wrong_input; }

}  // namespace

Simulator::Simulator(Clock& clock, Log& log, db::Database& database, CallbackSink& callbacks, Options options)
    : clock_(clock),
      log_(log),
      database_(database),
      callbacks_(callbacks),
      options_(options),
      changed_(clock),
      tasks_(clock, log, "simulator") {}

Task<void> Simulator::start() {
  using Row = std::pair<std::string, Timestamp>;
  const auto open = co_await database_.read([](db::Transaction& tx) -> Result<std::vector<Row>> {
    return tx.query_all(store::select_deciding, [](const db::Row& row) { return Row{row.string(0), row.time(1)}; });
  });
  if (open) {
    for (const Row& row : *open) deciding_.emplace(row.second, row.first);
  } else {
    log_.error("simulator_not_loaded", {{"error", open.error().message}});
  }
  tasks_.spawn(run_decisions());
}

Task<void> Simulator::stop(Ticks due) {
  stopping_ = true;
  changed_.notify();
  co_await tasks_.wait_empty(due);
}

void Simulator::schedule(Timestamp due, std::string reference) {
  deciding_.emplace(due, std::move(reference));
  changed_.notify();
}

Task<Reply> Simulator::collect(Order order) {
  const Scenario scenario = collect_scenario(order.wallet);
  return take(std::move(order), scenario, false);
}

Task<Reply> Simulator::pay_out(Order order) {
  const Scenario scenario = payout_scenario(order.wallet);
  return take(std::move(order), scenario, true);
}

Task<Reply> Simulator::take(Order order, Scenario scenario, bool payout) {
  const Timestamp now = clock_.now();
  if (scenario.handling == Handling::refused) co_return Failed{std::string(*scenario.failure)};
  if (scenario.handling == Handling::never_processed && now < order.created_at + first_request_age_max) {
    co_return Unknown{"the connection was reset"};
  }
  if (rejects_input(order.voucher)) scenario.failure = "INVALID_VOUCHER";
  const bool plain = order.channel == Channel::momo && !scenario.failure && !scenario.decides_after &&
                     scenario.decides && !scenario.wants_input && !scenario.wrong_amount && !scenario.late &&
                     scenario.callback == Callback::once && scenario.handling == Handling::normal;
  if (plain && options_.delay == microseconds(0)) co_return Succeeded{order.amount, "SIM" + order.reference};

  SimulatedOrder wanted{order.reference,
                        payout,
                        order.wallet ? order.wallet->national() : "",
                        order.amount,
                        OrderStatus::deciding,
                        {},
                        {}};
  if (scenario.failure) wanted.failure = std::string(*scenario.failure);
  if (order.channel == Channel::card || scenario.wants_input) {
    wanted.status = OrderStatus::awaiting_customer;
  } else if (scenario.callback == Callback::before_reply) {
    wanted.status = OrderStatus::succeeded;
  } else if (scenario.decides) {
    wanted.decides_at =
        scenario.late ? order.expires_at + late_by : now + scenario.decides_after.value_or(options_.delay);
  }
  struct Taken {
    SimulatedOrder order;
    bool fresh;
  };
  const auto taken = co_await database_.write([&wanted, now](db::Transaction& tx) -> Result<Taken> {
    const auto inserted = tx.execute(store::insert_order, wanted.reference, wanted.payout ? 2 : 1, wanted.wallet_number,
                                     wanted.amount.minor, wanted.amount.currency.code(), wanted.status, wanted.failure,
                                     wanted.decides_at, now);
    if (inserted == 1) return Taken{wanted, true};
    return Taken{*select_order(tx, wanted.reference), false};
  });
  if (!taken) co_return NotSent{taken.error().message};
  if (taken->fresh && wanted.decides_at) schedule(*wanted.decides_at, wanted.reference);
  if (taken->fresh && scenario.callback == Callback::before_reply) call_back(wanted);
  if (taken->fresh && scenario.handling == Handling::lost) co_return Unknown{"the connection was reset"};
  // A network's reply to a new order says that it has it, not how it ends.
  if (taken->fresh && wanted.status == OrderStatus::succeeded)
    co_return Pending{Pending::Next::wait, "SIM" + wanted.reference, {}};
  co_return with_return(reply_of(taken->order, order.origin), order.return_url);
}

Task<Reply> Simulator::submit_input(Order order, std::string input) {
  const Timestamp due = clock_.now() + options_.delay;
  if (rejects_input(input)) {
    const auto decided = co_await decide({order.reference}, "INVALID_OTP");
    if (!decided) co_return NotSent{decided.error().message};
    co_return Failed{"INVALID_OTP"};
  }
  const auto started = co_await database_.write([&order, due](db::Transaction& tx) -> Result<bool> {
    return tx.execute(store::start_deciding, order.reference, due) == 1;
  });
  if (!started) co_return NotSent{started.error().message};
  if (*started) schedule(due, order.reference);
  co_return co_await query(std::move(order));
}

Task<Reply> Simulator::query(Order order) {
  const auto found = co_await database_.read([&order](db::Transaction& tx) -> Result<std::optional<SimulatedOrder>> {
    return select_order(tx, order.reference);
  });
  if (!found) co_return Unknown{found.error().message};
  if (!*found) co_return NotFound{};
  co_return reply_of(**found, order.origin);
}

Task<Result<SimulatedOrder>> Simulator::find_card_order(std::string reference) {
  co_return co_await database_.read([&reference](db::Transaction& tx) -> Result<SimulatedOrder> {
    auto order = select_order(tx, reference);
    const bool is_card = order && order->wallet_number.empty();
    if (!is_card) return fail(ErrorCode::not_found, "There is no such card payment");
    return *std::move(order);
  });
}

Task<Result<SimulatedOrder>> Simulator::decide_card(std::string reference, bool approve) {
  const auto order = co_await find_card_order(reference);
  if (!order) co_return order;
  const auto decided =
      co_await decide({reference}, approve ? std::nullopt : std::optional<std::string>("CARD_DECLINED"));
  if (!decided) co_return std::unexpected(decided.error());
  co_return co_await find_card_order(std::move(reference));
}

// Decides those of the orders that are open: as their scenario says, or with the failure given.
Task<Result<std::vector<SimulatedOrder>>> Simulator::decide(std::vector<std::string> references,
                                                            std::optional<std::string> failure) {
  auto decided = co_await database_.write([&](db::Transaction& tx) -> Result<std::vector<SimulatedOrder>> {
    std::vector<SimulatedOrder> orders;
    for (const std::string& reference : references) {
      auto order = select_order(tx, reference);
      if (!order) continue;
      if (failure) order->failure = failure;
      order->status = order->failure ? OrderStatus::failed : OrderStatus::succeeded;
      if (tx.execute(store::decide_order, reference, order->status, order->failure) == 1)
        orders.push_back(*std::move(order));
    }
    return orders;
  });
  if (decided) {
    for (const SimulatedOrder& order : *decided) call_back(order);
  }
  co_return decided;
}

void Simulator::call_back(const SimulatedOrder& order) {
  const Claim claim = order.status == OrderStatus::failed ? Claim::failed : Claim::succeeded;
  switch (scenario_of(order).callback) {
    case Callback::never: return;
    case Callback::once:
    case Callback::before_reply: return callbacks_.on_callback(order.reference, claim);
    case Callback::three_times:
      for (int i = 0; i < 3; ++i) callbacks_.on_callback(order.reference, claim);
      return;
    case Callback::contradictory:
      callbacks_.on_callback(order.reference, claim);
      return callbacks_.on_callback(order.reference, claim == Claim::failed ? Claim::succeeded : Claim::failed);
  }
}

Task<void> Simulator::run_decisions() {
  while (!stopping_) {
    const Timestamp now = clock_.now();
    std::vector<std::string> due;
    while (!deciding_.empty() && deciding_.begin()->first <= now && due.size() < decisions_at_once) {
      due.push_back(std::move(deciding_.begin()->second));
      deciding_.erase(deciding_.begin());
    }
    if (due.empty()) {
      const auto next = deciding_.empty() ? Ticks::never() : clock_.ticks() + (deciding_.begin()->first - now);
      co_await changed_.wait_until(next);
      continue;
    }
    const auto decided = co_await decide(due, std::nullopt);
    if (!decided) {
      // The store cannot be written now; the orders are still in it.
      constexpr seconds again_after{1};
      for (std::string& reference : due) deciding_.emplace(now + again_after, std::move(reference));
    }
  }
}

}  // namespace epay::rails::simulator
