// The simulator's orders of numbers that somebody has in hand.
#include <algorithm>

#include "merchants/merchant.h"
#include "rails/simulator/simulator.h"
#include "rails/simulator/simulator_store.h"

namespace epay::rails::simulator {
namespace {

constexpr std::size_t code_digits = 6;
constexpr std::string_view digits = "0123456789";
constexpr hours vouchers_kept_for{24};
constexpr hours forgotten_after{1};

// 000000 is the code that is wrong for every number.
std::string new_code(Random& random) {
  std::string code;
  do {
    code = random.text(code_digits, digits);
  } while (code == "000000");
  return code;
}

bool is_pin(std::string_view text) {
  return text.size() == pin_digits && std::ranges::all_of(text, [](char c) { return digits.contains(c); });
}

// A prompt that waits on this phone. Errors: not_found, conflict.
Result<SimulatedOrder> find_prompt(db::Transaction& tx, const PhoneNumber& number, std::string_view reference) {
  auto order = find_order(tx, reference);
  const bool is_here = order && order->on_phone && !order->payout && order->wallet_number == number.national();
  if (!is_here) return fail(ErrorCode::not_found, "There is no such request on this phone");
  if (order->status != OrderStatus::awaiting_phone) {
    return fail(ErrorCode::conflict, "This request is not waiting any more");
  }
  return *std::move(order);
}

std::vector<Voucher> find_vouchers(db::Transaction& tx, const PhoneNumber& number) {
  return tx.query_all(
      store::select_vouchers,
      [](const db::Row& row) { return Voucher{row.string(0), row.time(1), row.time(2), !row.is_null(3)}; },
      number.national(), phone_orders_shown_max);
}

}  // namespace

std::optional<Timestamp> Simulator::held_until(const PhoneNumber& number) const {
  const auto held = held_.find(number.national());
  return held != held_.end() && clock_.now() < held->second ? std::optional(held->second) : std::nullopt;
}

bool Simulator::is_in_hand(const std::optional<PhoneNumber>& wallet) const {
  return wallet && (is_test_phone(*wallet) || held_until(*wallet));
}

// A repeat of an order that waits puts its prompt back on the screen: that is how a network sends it again.
Task<Reply> Simulator::take_on_phone(Order order, bool payout) {
  const Timestamp now = clock_.now();
  const Timestamp decided = now + options_.delay;
  const std::string code = is_sent_code(*order.wallet) ? new_code(random_) : "";
  const auto plan = [&](db::Transaction& tx) {
    const auto merchant = merchants::find_merchant(tx, order.merchant);
    SimulatedOrder wanted{.reference = order.reference,
                          .payout = payout,
                          .wallet_number = order.wallet->national(),
                          .amount = order.amount,
                          .decides_at = decided,
                          .created_at = now,
                          .on_phone = true,
                          .merchant = merchant ? merchant->name : "",
                          .description = order.description};
    if (payout) return wanted;
    if (order.network == "telecel" && order.voucher && !order.voucher->empty()) {
      const bool good = tx.execute(store::use_voucher, wanted.wallet_number, *order.voucher, order.reference, now) == 1;
      if (!good) wanted.failure = "INVALID_VOUCHER";
      return wanted;
    }
    wanted.status = code.empty() ? OrderStatus::awaiting_phone : OrderStatus::awaiting_customer;
    if (!code.empty()) wanted.code = code;
    wanted.failure = "EXPIRED";
    wanted.decides_at = std::min(order.expires_at, now + prompt_life);
    return wanted;
  };
  const auto taken = co_await database_.write([&](db::Transaction& tx) -> Result<Taken> {
    auto known = find_order(tx, order.reference);
    if (known) {
      if (known->put_off) tx.execute(store::set_put_off, known->reference, false);
      return Taken{*std::move(known), false};
    }
    SimulatedOrder wanted = plan(tx);
    insert_order(tx, wanted);
    return Taken{std::move(wanted), true};
  });
  if (!taken) co_return NotSent{taken.error().message};
  if (taken->fresh && taken->order.decides_at) schedule(*taken->order.decides_at, order.reference);
  co_return reply_of(taken->order, order.origin);
}

Task<Result<Phone>> Simulator::look_at_phone(PhoneNumber number) {
  auto phone = co_await database_.read([&number](db::Transaction& tx) -> Result<Phone> {
    return Phone{
        .number = number,
        .held_until = {},
        .prompts = {},
        .put_off = {},
        .orders = tx.query_all(store::select_phone_orders, read_order, number.national(), phone_orders_shown_max),
        .vouchers = find_vouchers(tx, number)};
  });
  if (!phone) co_return phone;
  for (auto order = phone->orders.rbegin(); order != phone->orders.rend(); ++order) {
    if (order->status == OrderStatus::awaiting_phone)
      (order->put_off ? phone->put_off : phone->prompts).push_back(*order);
  }
  if (!is_test_phone(number)) phone->held_until = held_until(number);
  co_return phone;
}

Task<Result<>> Simulator::take_phone(PhoneNumber number) {
  if (is_test_phone(number)) co_return Result<>();
  const Timestamp now = clock_.now();
  std::erase_if(held_, [&](const auto& held) { return held.second + forgotten_after <= now; });
  if (held_.size() >= phones_held_max && !held_.contains(number.national())) {
    co_return fail(ErrorCode::too_many_requests, "Too many numbers are in somebody's hand; please use a test number");
  }
  const Timestamp until = now + phone_held_for;
  auto stored = co_await database_.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(store::delete_phones_before, now);
    tx.execute(store::upsert_phone, number.national(), until);
    return {};
  });
  if (stored) {
    held_[number.national()] = until;
    tell_phones();
  }
  co_return stored;
}

Task<Result<>> Simulator::put_phone_down(PhoneNumber number) {
  auto stored = co_await database_.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(store::delete_phone, number.national());
    return {};
  });
  const auto held = held_.find(number.national());
  if (stored && held != held_.end()) held->second = std::min(held->second, clock_.now());
  if (stored) tell_phones();
  co_return stored;
}

Task<Result<SimulatedOrder>> Simulator::approve_prompt(PhoneNumber number, std::string reference, std::string pin) {
  if (!is_pin(pin)) co_return fail(ErrorCode::invalid, "The PIN has four digits");
  const Timestamp now = clock_.now();
  auto answered = co_await database_.write([&](db::Transaction& tx) -> Result<SimulatedOrder> {
    auto order = find_prompt(tx, number, reference);
    if (!order) return order;
    if (pin != wrong_pin) {
      decide_order(tx, *order, std::nullopt, now);
    } else if (++order->wrong_pins < wrong_pins_max) {
      tx.execute(store::set_wrong_pins, reference, order->wrong_pins);
    } else {
      tx.execute(store::set_wrong_pins, reference, order->wrong_pins);
      decide_order(tx, *order, "PAYMENT_NOT_APPROVED", now);
    }
    return order;
  });
  if (answered && !answered->is_open()) call_back(*answered);
  co_return answered;
}

Task<Result<SimulatedOrder>> Simulator::decline_prompt(PhoneNumber number, std::string reference) {
  auto answered = co_await database_.write([&, now = clock_.now()](db::Transaction& tx) -> Result<SimulatedOrder> {
    auto order = find_prompt(tx, number, reference);
    if (order) decide_order(tx, *order, "APPROVAL_REJECTED", now);
    return order;
  });
  if (answered) call_back(*answered);
  co_return answered;
}

Task<Result<SimulatedOrder>> Simulator::put_prompt_off(PhoneNumber number, std::string reference, bool off) {
  co_return co_await database_.write([&](db::Transaction& tx) -> Result<SimulatedOrder> {
    auto order = find_prompt(tx, number, reference);
    if (!order) return order;
    tx.execute(store::set_put_off, reference, off);
    order->put_off = off;
    return order;
  });
}

Task<Result<Voucher>> Simulator::make_voucher(PhoneNumber number) {
  if (!makes_vouchers(number)) co_return fail(ErrorCode::unsupported, "This network has no vouchers");
  const Timestamp now = clock_.now();
  const Voucher voucher{new_code(random_), now, now + voucher_life};
  co_return co_await database_.write([&](db::Transaction& tx) -> Result<Voucher> {
    tx.execute(store::delete_vouchers_before, number.national(), now - vouchers_kept_for);
    const auto good =
        std::ranges::count_if(find_vouchers(tx, number), [&](const Voucher& v) { return v.is_good(now); });
    if (static_cast<std::size_t>(good) >= vouchers_at_once_max) {
      return fail(ErrorCode::too_many_requests, "Use the vouchers that you have first");
    }
    const bool fresh = tx.execute(store::insert_voucher, number.national(), voucher.code, now, voucher.expires_at) == 1;
    if (!fresh) return fail(ErrorCode::unavailable, "Please try again");
    return voucher;
  });
}

}  // namespace epay::rails::simulator
