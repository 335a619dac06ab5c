#include "emulators/engine.h"

#include "base/check.h"
#include "emulators/fault_stream.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

constexpr std::string_view order_record = "order";
constexpr std::string_view number_record = "number";
constexpr std::string_view lost_record = "lost";
constexpr std::string_view no_funds = "NOT_ENOUGH_FUNDS";
// Between the wrong message and the right one.
constexpr seconds contradiction_time{1};

std::string key_of(std::string_view kind, std::string_view id) { return std::string(kind) + "/" + std::string(id); }

// The same order with the other ending.
Order contradicted(Order order) {
  const bool has_succeeded = order.status == Status::succeeded;
  order.status = has_succeeded ? Status::failed : Status::succeeded;
  order.reason = has_succeeded ? "INTERNAL_PROCESSING_ERROR" : "";
  return order;
}

// What the scenario lets move instead of what was asked for.
Money moved_of(const Order& order) {
  const Scenario& scenario = order.scenario;
  const Currency currency = Currency::parse(scenario.currency).value_or(order.amount.currency);
  if (scenario.amount.empty()) return {order.amount.minor, currency};
  return Money::parse(scenario.amount, currency).value_or(Money{order.amount.minor, currency});
}

}  // namespace

Engine::Engine(Seams seams, StateFile& state, Switches& switches, Journal& journal, Ledger& ledger)
    : seams_(seams),
      state_(state),
      switches_(switches),
      ledger_(ledger),
      sender_(seams, state, journal, switches, [this] { return vendor_->callback_retries(); }),
      tasks_(seams.clock, seams.log, "orders") {
  for (const auto& [key, text] : state_.take(order_record)) {
    const auto json = http::Json::parse(text);
    EPAY_CHECK(json.has_value());
    orders_.emplace(key, read_order(*json));
  }
  for (const auto& [name, text] : state_.take(number_record)) numbers_[name] = std::stoll(text);
  for (const auto& [name, text] : state_.take(lost_record)) lost_.insert(name);
}

// A kill between an order's movement and its ending: the movement counts.
void Engine::end_what_moved() {
  std::map<std::string, int, std::less<>> moved;
  for (const Movement& movement : ledger_.movements()) {
    if (movement.kind != "fee") moved[movement.order] += movement.kind == "reversal" ? -1 : 1;
  }
  for (auto& [key, order] : orders_) {
    const auto found = moved.find(order.id);
    if (is_final(order.status) || found == moved.end() || found->second <= 0) continue;
    order.status = Status::succeeded;
    order.decides_at.reset();
    order.decided_at = now();
    keep(order);
    tell(order);
  }
}

void Engine::start(Vendor& vendor) {
  vendor_ = &vendor;
  sender_.start();
  end_what_moved();
  for (const auto& [key, order] : orders_) {
    if (!is_final(order.status) && order.decides_at) tasks_.spawn(run(key));
    if (is_final(order.status) && order.scenario.turn) tasks_.spawn(run_turn(key));
  }
}

Scenario Engine::scenario_for(const Order& order) {
  for (auto wish = wishes_.begin(); wish != wishes_.end(); ++wish) {
    if (!wish->kind.empty() && wish->kind != order.kind) continue;
    const std::string& reference = wish->reference;
    if (!reference.empty() && reference != order.id && reference != order.client_reference) continue;
    if (!wish->number.empty() && international(wish->number) != order.customer_number()) continue;
    Scenario scenario = wish->scenario;
    if (wish->count == 1) {
      wishes_.erase(wish);
    } else if (wish->count > 1) {
      --wish->count;
    }
    return scenario;
  }
  if (auto scenario = vendor_->published(order)) return *scenario;
  return scenario_of_our_number(order.customer_number(), order.pays_out).value_or(Scenario{});
}

Task<Wire> Engine::create(Order order) {
  EPAY_CHECK(vendor_ != nullptr);
  order.scenario = scenario_for(order);
  if (order.scenario.wire == Wire::not_processed) {
    // Once: the same again is carried out.
    const std::string name = order.kind + "/" + order.client_reference;
    if (lost_.insert(name).second) {
      state_.put(lost_record, name, "true");
      co_return Wire::not_processed;
    }
    order.scenario.wire = Wire::answered;
  }
  order.created_at = now();
  order.moved = moved_of(order);
  if (order.scenario.needs_input) {
    order.status = Status::waiting;
  } else if (order.scenario.is_created_first && order.status == Status::pending) {
    order.status = Status::created;
  }
  const auto [position, is_new] = orders_.emplace(order.key(), std::move(order));
  EPAY_CHECK(is_new);
  Order& made = position->second;
  const Wire wire = made.scenario.wire;
  if (made.scenario.tell == Tell::before_reply && made.status != Status::waiting) {
    end(made, made.scenario.failure);
    for (Callback& callback : vendor_->callbacks(made)) {
      co_await sender_.send_once(position->first, std::move(callback));
    }
    co_return wire;
  }
  tell(made);
  if (made.status != Status::waiting) plan(made);
  keep(made);
  co_return wire;
}

http::Response Engine::answer(Wire wire, http::Response response) {
  if (wire != Wire::answered) set_wire_fault(response, {.kind = WireFault::Kind::close});
  return response;
}

void Engine::plan(Order& order) {
  if (!order.scenario.decides) return;
  order.decides_at = now() + order.scenario.after.value_or(switches_.duration("decide.after"));
  tasks_.spawn(run(order.key()));
}

Task<void> Engine::sleep_until(Timestamp due) {
  const microseconds wait = due - now();
  if (wait.count() > 0) co_await seams_.clock.sleep(wait);
}

Task<void> Engine::run(std::string key) {
  const auto due = orders_.at(key).decides_at;
  co_await sleep_until(*due);
  Order& order = orders_.at(key);
  if (is_final(order.status) || order.decides_at != due) co_return;
  decide(order, order.scenario.failure);
}

Task<void> Engine::run_turn(std::string key) {
  co_await sleep_until(*orders_.at(key).decided_at + orders_.at(key).scenario.turn->after);
  Order& order = orders_.at(key);
  if (!order.scenario.turn) co_return;
  const bool succeeds = order.scenario.turn->succeeds;
  order.scenario.turn.reset();
  if (!succeeds && order.status == Status::succeeded) {
    reverse(order);
  } else {
    decide(order, succeeds ? "" : "INTERNAL_PROCESSING_ERROR");
  }
}

bool Engine::move(const Order& order) {
  Movement movement{.at = now(),
                    .from = order.pays_out ? order.merchant : order.customer,
                    .to = order.pays_out ? order.customer : order.merchant,
                    .amount = order.moved,
                    .kind = order.kind,
                    .order = order.id,
                    .client_reference = order.client_reference};
  if (!ledger_.move(movement)) return false;
  if (order.fee > 0) {
    movement.from = order.customer_pays_fee ? order.customer : order.merchant;
    movement.to = "rail:fees";
    movement.amount.minor = order.fee;
    movement.kind = "fee";
    ledger_.move(movement);
  }
  return true;
}

void Engine::move_back(const Order& order) {
  ledger_.take_back({.at = now(),
                     .from = order.pays_out ? order.customer : order.merchant,
                     .to = order.pays_out ? order.merchant : order.customer,
                     .amount = order.moved,
                     .kind = "reversal",
                     .order = order.id,
                     .client_reference = order.client_reference});
}

void Engine::end(Order& order, std::string reason) {
  const bool had_succeeded = order.status == Status::succeeded;
  if (reason.empty() && !had_succeeded && !move(order)) reason = no_funds;
  if (!reason.empty() && had_succeeded) move_back(order);
  order.status = reason.empty() ? Status::succeeded : Status::failed;
  order.reason = std::move(reason);
  order.decides_at.reset();
  order.decided_at = now();
  keep(order);
}

void Engine::decide(Order& order, std::string reason) {
  end(order, std::move(reason));
  tell(order);
  if (order.scenario.turn) tasks_.spawn(run_turn(order.key()));
}

void Engine::reverse(Order& order) {
  EPAY_CHECK(order.status == Status::succeeded);
  move_back(order);
  order.status = Status::reversed;
  order.decided_at = now();
  keep(order);
  tell(order);
}

void Engine::go_on(Order& order) {
  order.status = Status::pending;
  plan(order);
  keep(order);
}

void Engine::keep(const Order& order) { state_.put(order_record, order.key(), to_json(order)); }

void Engine::tell(const Order& order) {
  const Scenario& scenario = order.scenario;
  if (scenario.tell == Tell::never) return;
  microseconds after = scenario.tell_after;
  if (scenario.tell == Tell::contradictory && is_final(order.status)) {
    for (Callback& callback : vendor_->callbacks(contradicted(order))) {
      sender_.send(order.key(), std::move(callback), after);
    }
    after += contradiction_time;
  }
  for (int time = 0; time < scenario.tell_times; ++time) {
    for (Callback& callback : vendor_->callbacks(order)) sender_.send(order.key(), std::move(callback), after);
  }
}

const Order* Engine::find(std::string_view kind, std::string_view id) const {
  const auto found = orders_.find(key_of(kind, id));
  if (found == orders_.end()) return nullptr;
  const Order& order = found->second;
  return order.created_at + order.scenario.hidden_for > now() ? nullptr : &order;
}

Order* Engine::find_any(std::string_view kind, std::string_view id) { return by_key(key_of(kind, id)); }

Order* Engine::by_key(std::string_view key) {
  const auto found = orders_.find(key);
  return found == orders_.end() ? nullptr : &found->second;
}

const Order* Engine::find_if(const std::function<bool(const Order&)>& is_wanted) const {
  for (const auto& [key, order] : orders_) {
    if (is_wanted(order)) return &order;
  }
  return nullptr;
}

std::int64_t Engine::next_number(const std::string& name, std::int64_t first) {
  const auto [position, is_new] = numbers_.try_emplace(name, first);
  if (!is_new) ++position->second;
  state_.put(number_record, name, std::to_string(position->second));
  return position->second;
}

Timestamp Engine::shown(Timestamp time) const {
  return time + switches_.duration("clock.ahead") - switches_.duration("clock.behind");
}

}  // namespace epay::emulators
