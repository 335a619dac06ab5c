#include "rails/simulator/simulator.h"

#include "http/message.h"
#include "rails/simulator/simulator_store.h"

namespace epay::rails::simulator {
namespace {

constexpr std::size_t decisions_at_once = 256;
// A request that the simulated network never sees is one sent this soon; a repeat of it comes later and arrives.
constexpr seconds first_request_age_max{3};
constexpr seconds late_by{60};
constexpr seconds again_after{1};  // when the store cannot be read or written
constexpr std::string_view wrong_input = "000000";

// The card page leads back to where the order says.
Reply with_return(Reply reply, const std::string& return_url) {
  auto* pending = std::get_if<Pending>(&reply);
  if (pending != nullptr && pending->redirect_url && !return_url.empty())
    *pending->redirect_url += "?return=" + http::percent_encode(return_url);
  return reply;
}

// The wallet, or the account at a bank, as it stands in the books.
std::string name_of_payer(const Order& order) {
  if (order.bank) return order.bank->bank + ":" + order.bank->number;
  return order.wallet ? order.wallet->national() : "";
}

// Somebody, and always the same.
std::string holder_of(std::string_view number) {
  constexpr std::string_view first[] = {"Ama", "Kofi", "Akosua", "Kwame", "Efua", "Yaw", "Abena", "Kojo"};
  constexpr std::string_view last[] = {"Mensah", "Owusu", "Boateng", "Asante", "Addo", "Appiah", "Ofori", "Darko"};
  std::size_t sum = 0;
  for (const char c : number) sum = sum * 31 + static_cast<unsigned char>(c);
  return std::string(first[sum % std::size(first)]) + " " + std::string(last[sum / 8 % std::size(last)]);
}

// Text is UTF-8 from a request; the wrong voucher fails, as a network would have it.
bool rejects_input(const std::optional<std::string>& input) { return input && *input == wrong_input; }

}  // namespace

Simulator::Simulator(Clock& clock, Random& random, Log& log, db::Database& database, Membership& members,
                     CallbackSink& callbacks, Options options)
    : clock_(clock),
      random_(random),
      log_(log),
      database_(database),
      members_(members),
      callbacks_(callbacks),
      options_(options),
      changed_(clock),
      tasks_(clock, log, "simulator") {
  members_.on_change([this] {
    read_again_ = read_again_ || members_.leads();
    changed_.notify();
  });
}

Task<void> Simulator::start() {
  read_again_ = !co_await read_books();
  tasks_.spawn(run_decisions());
}

void Simulator::hear(const db::Notice& notice) {
  if (notice.kind != db::NoticeKind::test_phones) return;
  read_again_ = true;
  changed_.notify();
}

void Simulator::tell_phones() {
  if (database_.is_shared()) database_.announce({db::NoticeKind::test_phones});
}

// Orders that are open, whichever process took them: the first decision stands. False when the store does not answer.
Task<bool> Simulator::read_books() {
  using Row = std::pair<std::string, Timestamp>;
  struct Books {
    std::vector<Row> open, held;
  };
  const auto read_row = [](const db::Row& row) { return Row{row.string(0), row.time(1)}; };
  // What is scheduled from now on may not be found.
  auto known = std::exchange(deciding_, {});
  auto books = co_await database_.read([&, now = clock_.now()](db::Transaction& tx) -> Result<Books> {
    return Books{tx.query_all(store::select_deciding, read_row), tx.query_all(store::select_phones, read_row, now)};
  });
  if (!books) {
    log_.error("simulator_not_loaded", {{"error", books.error().message}});
    deciding_.merge(known);
    co_return false;
  }
  for (Row& row : books->open) deciding_.emplace(row.second, std::move(row.first));
  // Of one that was put down the orders are in the books all the same.
  for (auto& [number, until] : held_) until = std::min(until, clock_.now());
  for (Row& row : books->held) held_[row.first] = row.second;
  co_return true;
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
  const Scenario scenario = order.bank ? bank_scenario(order.bank->number) : payout_scenario(order.wallet);
  return take(std::move(order), scenario, true);
}

// As a network does it: money sent to the wallet that it came from, or to the card.
Task<Reply> Simulator::refund(Order order) { return pay_out(std::move(order)); }

Task<Reply> Simulator::take(Order order, Scenario scenario, bool payout) {
  if (is_in_hand(order.wallet)) co_return co_await take_on_phone(std::move(order), payout);
  const Timestamp now = clock_.now();
  if (scenario.handling == Handling::refused) co_return Failed{.code = std::string(*scenario.failure)};
  if (scenario.handling == Handling::never_processed && now < order.created_at + first_request_age_max) {
    co_return Unknown{"the connection was reset"};
  }
  if (rejects_input(order.voucher)) scenario.failure = "INVALID_VOUCHER";
  const bool asks_at_a_page = order.channel == Channel::card && !payout;
  const bool plain = !asks_at_a_page && !scenario.failure && !scenario.decides_after && scenario.decides &&
                     !scenario.wants_input && !scenario.wrong_amount && !scenario.late && !scenario.reverses_after &&
                     scenario.callback == Callback::once && scenario.handling == Handling::normal;
  const bool in_the_books = order.wallet && held_.contains(order.wallet->national());
  if (plain && !in_the_books && options_.delay == microseconds(0)) {
    co_return Succeeded{order.amount, "SIM" + order.reference};
  }

  SimulatedOrder wanted{.reference = order.reference,
                        .payout = payout,
                        .wallet_number = name_of_payer(order),
                        .amount = order.amount,
                        .created_at = now};
  if (scenario.failure) wanted.failure = std::string(*scenario.failure);
  if (asks_at_a_page || scenario.wants_input) {
    wanted.status = OrderStatus::awaiting_customer;
  } else if (scenario.callback == Callback::before_reply) {
    wanted.status = OrderStatus::succeeded;
  } else if (scenario.decides) {
    wanted.decides_at =
        scenario.late ? order.expires_at + late_by : now + scenario.decides_after.value_or(options_.delay);
  }
  const auto taken = co_await database_.write(db::Lane::unordered(), [&wanted](db::Transaction& tx) -> Result<Taken> {
    if (insert_order(tx, wanted)) return Taken{wanted, true};
    return Taken{*find_order(tx, wanted.reference), false};
  });
  if (!taken) co_return NotSent{taken.error().message};
  if (taken->fresh && wanted.decides_at) schedule(*wanted.decides_at, wanted.reference);
  if (taken->fresh && scenario.callback == Callback::before_reply) call_back(wanted);
  if (taken->fresh && scenario.handling == Handling::lost) co_return Unknown{"the connection was reset"};
  // A network's reply to a new order says that it has it, not how it ends.
  if (taken->fresh && wanted.status == OrderStatus::succeeded) co_return Pending{.rail_id = rail_id_of(wanted)};
  co_return with_return(reply_of(taken->order, order.origin), order.return_url);
}

Task<Reply> Simulator::submit_input(Order order, std::string input) {
  const Timestamp due = clock_.now() + options_.delay;
  enum class Heard { wrong, right, nothing_asked };
  const auto heard = co_await database_.write([&order, &input, due](db::Transaction& tx) -> Result<Heard> {
    const auto known = find_order(tx, order.reference);
    const bool on_phone = known && known->on_phone;
    if (on_phone ? known->code != input : rejects_input(input)) return Heard::wrong;
    if (on_phone) {
      tx.execute(store::start_prompting, order.reference);
      return Heard::nothing_asked;
    }
    return tx.execute(store::start_deciding, order.reference, due) == 1 ? Heard::right : Heard::nothing_asked;
  });
  if (!heard) co_return NotSent{heard.error().message};
  if (*heard == Heard::wrong) {
    const auto decided = co_await decide({order.reference}, Decision{"INVALID_OTP"});
    if (!decided) co_return NotSent{decided.error().message};
    co_return Failed{.code = "INVALID_OTP"};
  }
  if (*heard == Heard::right) schedule(due, order.reference);
  co_return co_await query(std::move(order));
}

Task<Reply> Simulator::query(Order order) {
  const auto found = co_await database_.read([&order](db::Transaction& tx) -> Result<std::optional<SimulatedOrder>> {
    return find_order(tx, order.reference);
  });
  if (!found) co_return Unknown{found.error().message};
  if (!*found) co_return NotFound{};
  co_return reply_of(**found, order.origin);
}

Task<Result<AccountHolder>> Simulator::look_up(Payee payee) {
  const Scenario scenario = payee.bank ? bank_scenario(payee.bank->number) : payout_scenario(payee.wallet);
  if (scenario.failure == "PAYEE_NOT_FOUND") co_return fail(ErrorCode::not_found, "There is no such account");
  if (scenario.failure == "SERVICE_UNAVAILABLE") co_return fail(ErrorCode::unavailable, "The network does not answer");
  const std::string number = payee.bank ? payee.bank->number : payee.wallet ? payee.wallet->national() : "";
  co_return AccountHolder{.name = holder_of(number)};
}

Task<Result<SimulatedOrder>> Simulator::find_card_order(std::string reference) {
  co_return co_await database_.read([&reference](db::Transaction& tx) -> Result<SimulatedOrder> {
    auto order = find_order(tx, reference);
    const bool is_card = order && order->wallet_number.empty() && !order->payout;
    if (!is_card) return fail(ErrorCode::not_found, "There is no such card payment");
    return *std::move(order);
  });
}

Task<Result<SimulatedOrder>> Simulator::decide_card(std::string reference, bool approve) {
  const auto order = co_await find_card_order(reference);
  if (!order) co_return order;
  Decision decision;
  if (!approve) decision.failure = "CARD_DECLINED";
  const auto decided = co_await decide({reference}, std::move(decision));
  if (!decided) co_return std::unexpected(decided.error());
  co_return co_await find_card_order(std::move(reference));
}

// Decides those of the orders that are open: as was planned for them, or otherwise.
Task<Result<std::vector<SimulatedOrder>>> Simulator::decide(std::vector<std::string> references,
                                                            std::optional<Decision> decision) {
  const Timestamp now = clock_.now();
  const auto lane = db::Lane::unordered();  // a decision that is not the first changes nothing
  auto decided = co_await database_.write(lane, [&](db::Transaction& tx) -> Result<std::vector<SimulatedOrder>> {
    std::vector<SimulatedOrder> orders;
    for (const std::string& reference : references) {
      auto order = find_order(tx, reference);
      if (!order) continue;
      if (order->status == OrderStatus::succeeded) {
        const bool comes_back = !decision && order->decides_at && *order->decides_at <= now;
        if (comes_back && reverse_order(tx, *order)) orders.push_back(*std::move(order));
        continue;
      }
      auto failure = decision ? decision->failure : order->failure;
      if (decide_order(tx, *order, std::move(failure), now)) orders.push_back(*std::move(order));
    }
    return orders;
  });
  if (decided) {
    for (const SimulatedOrder& order : *decided) {
      if (order.decides_at) schedule(*order.decides_at, order.reference);
      call_back(order);
    }
  }
  co_return decided;
}

void Simulator::call_back(const SimulatedOrder& order) {
  if (order.status == OrderStatus::reversed) return callbacks_.on_callback(order.reference, Claim::reversed);
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
    if (std::exchange(read_again_, false) && !co_await read_books()) {
      read_again_ = true;
      co_await clock_.sleep(again_after);
    }
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
      for (std::string& reference : due) deciding_.emplace(now + again_after, std::move(reference));
    }
  }
}

}  // namespace epay::rails::simulator
