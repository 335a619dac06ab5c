#include "rails/simulator/simulated_order.h"

#include "base/check.h"
#include "rails/simulator/simulator_store.h"

namespace epay::rails::simulator {
namespace {

constexpr std::int64_t payment_kind = 1, payout_kind = 2;

std::optional<Timestamp> optional_time(const db::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.time(column));
}

}  // namespace

SimulatedOrder read_order(const db::Row& row) {
  const auto currency = Currency::parse(row.text(4));
  EPAY_CHECK(currency.has_value());
  return {.reference = row.string(0),
          .payout = row.integer(1) == payout_kind,
          .wallet_number = row.string(2),
          .amount = {row.integer(3), *currency},
          .status = row.as<OrderStatus>(5),
          .failure = row.optional_string(6),
          .decides_at = optional_time(row, 7),
          .created_at = row.time(8),
          .decided_at = optional_time(row, 9),
          .on_phone = row.integer(10) != 0,
          .merchant = row.optional_string(11).value_or(""),
          .description = row.optional_string(12).value_or(""),
          .code = row.optional_string(13),
          .wrong_pins = static_cast<int>(row.integer(14)),
          .put_off = row.integer(15) != 0};
}

std::optional<SimulatedOrder> find_order(db::Transaction& tx, std::string_view reference) {
  return tx.query_one(store::select_order, read_order, reference);
}

bool insert_order(db::Transaction& tx, const SimulatedOrder& order) {
  return tx.execute(store::insert_order, order.reference, order.payout ? payout_kind : payment_kind,
                    order.wallet_number, order.amount.minor, order.amount.currency.code(), order.status, order.failure,
                    order.decides_at, order.created_at, order.on_phone, order.merchant, order.description,
                    order.code) == 1;
}

bool decide_order(db::Transaction& tx, SimulatedOrder& order, std::optional<std::string> failure, Timestamp now) {
  order.failure = std::move(failure);
  order.status = order.failure ? OrderStatus::failed : OrderStatus::succeeded;
  order.decides_at.reset();
  order.decided_at = now;
  if (const auto wait = scenario_of(order).reverses_after; wait && !order.failure) order.decides_at = now + *wait;
  return tx.execute(store::decide_order, order.reference, order.status, order.failure, now, order.decides_at) == 1;
}

bool reverse_order(db::Transaction& tx, SimulatedOrder& order) {
  order.status = OrderStatus::reversed;
  order.decides_at.reset();
  return tx.execute(store::reverse_order, order.reference) == 1;
}

Scenario scenario_of(const SimulatedOrder& order) {
  if (order.on_phone) return {};
  if (const auto colon = order.wallet_number.find(':'); colon != std::string::npos) {
    return bank_scenario(std::string_view(order.wallet_number).substr(colon + 1));
  }
  std::optional<PhoneNumber> wallet;
  if (auto number = PhoneNumber::parse(order.wallet_number)) wallet = *number;
  return order.payout ? payout_scenario(wallet) : collect_scenario(wallet);
}

std::string rail_id_of(const SimulatedOrder& order) { return "SIM" + order.reference; }

Reply reply_of(const SimulatedOrder& order, const std::string& origin) {
  const std::string rail_id = rail_id_of(order);
  switch (order.status) {
    case OrderStatus::awaiting_customer:
      if (!order.wallet_number.empty()) return Pending{.next = Pending::Next::input, .rail_id = rail_id};
      return Pending{.next = Pending::Next::redirect,
                     .rail_id = rail_id,
                     .redirect_url = origin + "/simulator/cards/" + order.reference};
    case OrderStatus::awaiting_phone: return Pending{.rail_id = rail_id};
    case OrderStatus::deciding:
      if (scenario_of(order).handling == Handling::silent) return Unknown{"no answer came"};
      return Pending{.rail_id = rail_id};
    case OrderStatus::succeeded: {
      Money amount = order.amount;
      if (scenario_of(order).wrong_amount) amount.minor += amount.minor > 1 ? -1 : 1;
      return Succeeded{amount, rail_id};
    }
    case OrderStatus::failed: return Failed{.code = order.failure.value_or("FAILED")};
    case OrderStatus::reversed: return Reversed{"TAKEN_BACK_BY_THE_NETWORK"};
  }
  return Unknown{"no such status"};
}

}  // namespace epay::rails::simulator
