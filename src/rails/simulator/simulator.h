// The rail of test mode: imaginary networks with books of their own, which survive a restart like a real network's.
// Reached through the Rail interface only, but for the customer's side of it: the card page and the test phone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "processes/membership.h"
#include "rails/rail.h"
#include "rails/simulator/phone.h"
#include "rails/simulator/scenario.h"
#include "rails/simulator/simulated_order.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace epay::rails::simulator {

class Simulator final : public Rail {
 public:
  struct Options {
    // How long a network takes to decide. At zero it decides in its reply, and forgets: such an order is in no book.
    // (A person with a phone takes longer.)
    microseconds delay = seconds(2);
  };
  Simulator(Clock& clock, Random& random, Log& log, db::Database& database, Membership& members,
            CallbackSink& callbacks, Options options);

  // Goes on with the orders that were open when the process stopped.
  Task<void> start();
  // What another process has to say.
  void hear(const db::Notice& notice);
  // Waits for nothing: what is open goes on at the next start.
  Task<void> stop(Ticks due);

  RailId id() const override { return RailId::simulator; }
  Capabilities capabilities() const override {
    return {
        .idempotent_by_reference = true, .refunds = true, .partial_refunds = true, .queries_per_second_max = 100'000};
  }
  bool serves_mode(Mode mode) const override { return mode == Mode::test; }
  bool serves(const Need& need) const override { return serves_mode(need.mode); }
  Task<Reply> collect(Order order) override;
  Task<Reply> pay_out(Order order) override;
  Task<Reply> refund(Order order) override;
  Task<Reply> submit_input(Order order, std::string input) override;
  Task<Reply> query(Order order) override;
  // What money sent to it does says whether there is such an account.
  Task<Result<AccountHolder>> look_up(Payee payee) override;

  // The customer at the card page; orders of wallets are not found here. Errors: not_found, unavailable. Deciding twice
  // keeps the first decision.
  Task<Result<SimulatedOrder>> find_card_order(std::string reference);
  Task<Result<SimulatedOrder>> decide_card(std::string reference, bool approve);

  // The customer with a telephone. Any number can be looked at. Error: unavailable.
  Task<Result<Phone>> look_at_phone(PhoneNumber number);
  // From now on, for phone_held_for, the number's payments wait for the person at the phone. Errors: too_many_requests
  // (phones_held_max are held), unavailable.
  Task<Result<>> take_phone(PhoneNumber number);
  // What is on its screen stays there until it expires.
  Task<Result<>> put_phone_down(PhoneNumber number);
  // The order afterwards: it has succeeded, or waits for a better PIN, or has failed after wrong_pins_max. Errors of
  // this and the next two: not_found (no such prompt on that phone), conflict (it is decided, or has expired),
  // unavailable; invalid when the PIN is not pin_digits digits.
  Task<Result<SimulatedOrder>> approve_prompt(PhoneNumber number, std::string reference, std::string pin);
  Task<Result<SimulatedOrder>> decline_prompt(PhoneNumber number, std::string reference);
  // Takes it from the screen, or puts it back. It can be approved either way.
  Task<Result<SimulatedOrder>> put_prompt_off(PhoneNumber number, std::string reference, bool off);
  // Errors: unsupported (not of a network that has vouchers), too_many_requests (vouchers_at_once_max are good).
  Task<Result<Voucher>> make_voucher(PhoneNumber number);

 private:
  // How an order ends; without a failure it succeeds.
  struct Decision {
    std::optional<std::string> failure;
  };
  // An order and whether it was not known before.
  struct Taken {
    SimulatedOrder order;
    bool fresh;
  };
  Task<Reply> take(Order order, Scenario scenario, bool payout);
  Task<Reply> take_on_phone(Order order, bool payout);
  Task<Result<std::vector<SimulatedOrder>>> decide(std::vector<std::string> references,
                                                   std::optional<Decision> decision);
  std::optional<Timestamp> held_until(const PhoneNumber& number) const;
  bool is_in_hand(const std::optional<PhoneNumber>& wallet) const;
  Task<bool> read_books();
  Task<void> run_decisions();
  void tell_phones();
  void schedule(Timestamp due, std::string reference);
  void call_back(const SimulatedOrder& order);

  Clock& clock_;
  Random& random_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  CallbackSink& callbacks_;
  Options options_;
  // Until when numbers are held, and for a while afterwards: their orders are in the books, whatever the delay.
  std::map<std::string, Timestamp, std::less<>> held_;
  Signal changed_;
  TaskGroup tasks_;
  std::multimap<Timestamp, std::string> deciding_;
  bool read_again_ = false;  // the books: a process that had open orders may be gone, or a phone in another hand
  bool stopping_ = false;
};

}  // namespace epay::rails::simulator
