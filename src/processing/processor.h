// What is happening: drives rails, applies what they say, asks again about what is open. The one way to take money and
// the one way to send it; pages and API call the same functions. Reactor thread only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/attempt_limiter.h"
#include "base/log.h"
#include "base/phone_number.h"
#include "db/database.h"
#include "payments/checkout.h"
#include "payments/outcome.h"
#include "payments/payment.h"
#include "payments/recipient.h"
#include "payments/refund.h"
#include "processes/membership.h"
#include "rails/banks.h"
#include "rails/networks.h"
#include "rails/rails.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task_group.h"
#include "webhooks/dispatcher.h"
#include "webhooks/feed.h"

namespace epay::processing {

struct ChargeRequest {
  Scope scope;
  std::string reference;
  Money amount;
  rails::Channel channel = rails::Channel::momo;
  std::optional<PhoneNumber> wallet;      // momo
  std::optional<rails::Network> network;  // momo
  std::optional<std::string> voucher;
  payments::NewCustomer customer;
  std::optional<std::string> description;
  std::string origin;  // our address as the caller knows it
  std::optional<payments::KeyClaim> key;
};

struct PayoutRequest {
  Scope scope;
  std::string reference;
  Money amount;
  payments::PayeeAccount payee;
  std::optional<std::string> payee_name;  // where it is known
  std::string description;
  std::string origin;
  std::optional<payments::KeyClaim> key;
};

struct RefundRequest {
  Scope scope;
  std::string payment_reference;
  std::string reference;        // of the refund; empty: one of ours
  std::optional<Money> amount;  // in the payment's currency; none: all that is left
  std::optional<std::string> reason;
  std::string origin;
  std::optional<payments::KeyClaim> key;
};

// One attempt of a checkout, as its customer asks for it.
struct CheckoutAttempt {
  Scope scope;
  PaymentId payment;
  int number = 1;
  Money amount;
  rails::Channel channel = rails::Channel::momo;
  std::optional<PhoneNumber> wallet;      // momo
  std::optional<rails::Network> network;  // momo
  std::optional<std::string> voucher;
  std::int64_t surcharge_minor = 0;  // as the customer was shown it
  std::string origin, return_url;
};

// A payment and its attempt as they stand after the rail's first reply.
struct Started {
  payments::Payment payment;
  std::optional<payments::Customer> customer;
  payments::Attempt attempt;
};

// Called once for each outcome that was applied. For metrics.
struct OutcomeReport {
  payments::PaymentKind kind;
  payments::PaymentStatus status;
  bool final_now = false;  // this outcome ended it
};

class Processor final : public rails::CallbackSink {
 public:
  // A prompt on a telephone that nobody asked for is spam: how many one number may get in prompts_within, and how many
  // one merchant may have sent. 0: any number.
  static constexpr minutes prompts_within{10};
  struct Options {
    std::string origin;  // our public address, for what no request names
    int asked_at_once_max = 64;
    std::size_t prompts_per_number = 5;
    std::size_t prompts_per_merchant = 0;
    rails::Banks banks = rails::Banks::embedded();
  };
  Processor(Clock& clock, Random& random, Log& log, db::Database& database, Membership& members, rails::Rails& rails,
            webhooks::Dispatcher& dispatcher, Options options);

  // Our public address, once it is known, for what no request names.
  void set_origin(std::string origin) { options_.origin = std::move(origin); }
  void start();
  Task<void> stop(Ticks due);

  // Counts a prompt that is about to be sent; or says how long until there may be another, and counts nothing.
  std::optional<microseconds> take_prompt(MerchantId merchant, const PhoneNumber& number);

  // Errors: unsupported (no rail serves it), conflict, in_progress, insufficient_funds (payouts), too_many_requests
  // (prompts), unavailable.
  Task<Result<std::variant<Started, payments::StoredAnswer>>> start_charge(ChargeRequest request);
  Task<Result<std::variant<Started, payments::StoredAnswer>>> start_payout(PayoutRequest request);
  const rails::Banks& banks() const { return options_.banks; }
  // Whose the account is, by the rail that would send to it. Errors: not_found (there is no such account), unsupported
  // (no rail that serves it tells), unavailable.
  Task<Result<rails::AccountHolder>> look_up(Scope scope, Currency currency, payments::PayeeAccount account);
  // Gives money of a payment back to its customer (refund.cpp): by the rail that took it, or, where that gives nothing
  // back, as a payout to the wallet that paid. Errors: those of payments::open_refund(), not_found (no such payment),
  // unsupported (there is no way back), unavailable.
  Task<Result<std::variant<Started, payments::StoredAnswer>>> start_refund(RefundRequest request);
  // A voucher or OTP that the rail asked for. Errors: not_found, conflict (nothing is asked for), invalid (it is wrong,
  // and may be told again), unavailable.
  Task<Result<Started>> submit_input(Scope scope, std::string reference, std::string input);

  // ---- checkouts (checkout.cpp) ----

  // Opens a payment through a page, with a reference of ours. Errors: those of payments::open_page_payment().
  Task<Result<std::string>> open_page_payment(payments::NewPagePayment wanted);
  // What the customer would be asked for on top of the amount; 0 where the merchant bears the fee. Errors: unsupported,
  // unavailable.
  Task<Result<std::int64_t>> surcharge(CheckoutAttempt wanted);
  // Begins an attempt, and returns once it is stored; the rail is talked to meanwhile (see Watch). Errors: unsupported
  // (no rail serves it), not_found, conflict (not its turn: what stands is to be shown), unavailable.
  Task<Result<payments::OpenAttempt>> begin_attempt(CheckoutAttempt wanted);
  // Sends the customer's prompt once more: the same order under the same reference, so that it is one movement of money
  // at most. Errors: not_found, conflict (nobody waits for a prompt), unsupported (the rail would not take it as the
  // same order), in_progress, unavailable.
  Task<Result<>> resend_prompt(Scope scope, PaymentId payment, std::string origin);
  // The customer does not want to pay. Errors: not_found, conflict, unavailable.
  Task<Result<>> give_up(Scope scope, PaymentId payment);

  // Learns of a payment's changes as long as it lives; the signal says only that there is something to read.
  class Watch {
   public:
    Watch(Processor& processor, Scope scope, PaymentId payment);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // Until something has changed (or changed before, since the last call), or `due`; false when watching has ended.
    Task<bool> changed(Ticks due);

   private:
    friend class Processor;
    Processor& processor_;
    std::pair<Scope, PaymentId> key_;
    Signal signal_;
  };
  // Ends every watch: those who stream to customers end before the server waits for them.
  void close_watches();

  // What another process has to say.
  void hear(const db::Notice& notice);

  bool serves(const rails::Need& need) const;
  std::optional<rails::Rails::Condition> condition(const rails::Need& need) const { return rails_.condition(need); }
  void on_callback(std::string_view reference, rails::Claim claim) override;
  void set_observer(std::function<void(const OutcomeReport&)> observer) { observer_ = std::move(observer); }
  // Tells live readers of a merchant's payments that one was opened or has changed. What is committed before stop() is
  // told; the readers end when it is closed.
  webhooks::Feed& feed() { return feed_; }

 private:
  Task<void> send_attempt(payments::OpenAttempt open, rails::Order order);
  void watchers_hear(Scope scope, PaymentId payment);
  void tell_change(Scope scope, PaymentId payment);
  void tell_ended(const payments::Payment& payment);
  using Opening = std::variant<payments::Opened, payments::StoredAnswer>;

  Task<Result<std::variant<Started, payments::StoredAnswer>>> start(payments::NewPayment wanted, rails::Rail& rail,
                                                                    rails::Order order);
  Task<Result<std::variant<Started, payments::StoredAnswer>>> send_first(Result<Opening> opening, rails::Rail& rail,
                                                                         rails::Order extra);
  struct RefundRoute {
    rails::Rail* rail;
    payments::RefundWay way;
  };
  Result<RefundRoute> route_refund(const payments::Refundable& refundable, bool whole);
  Task<Result<Started>> submit_input_alone(payments::AttemptKey key, std::string input);
  Task<Result<Started>> resume(payments::Opened opened, std::string origin);
  Task<Result<payments::Applied>> apply_outcome(payments::AttemptKey key, payments::Outcome outcome);
  Task<void> ask(payments::AttemptKey key, std::string origin);
  Result<rails::Rail*> route_checkout(const CheckoutAttempt& wanted);
  // The rail that sends to the account. Errors: unsupported, unavailable.
  Result<rails::Rail*> route_payout(Scope scope, Currency currency, const payments::PayeeAccount& payee);
  // By its kind: asks for money, sends it, or gives it back.
  Task<rails::Reply> send_order(rails::Rail& rail, rails::Order order);
  // What comes of a talk with the rail, which tells of its health.
  Task<rails::Reply> heard(rails::Rail& rail, std::string network, Task<rails::Reply> talk);
  // For rails that want to know who pays. Where the store does not answer they are not told.
  Task<void> add_customer(const rails::Rail& rail, const payments::Payment& payment, rails::Order& order);
  Task<Result<>> doubt(payments::AttemptKey key);
  Task<rails::Reply> ask_rail(rails::Rail& rail, const payments::OpenAttempt& open, std::string origin);
  Task<void> run_poller();
  Task<void> claim_polls();
  Task<void> run_housekeeping();
  // True when there may be more of them.
  Task<bool> expire_checkouts();
  void expect_poll(std::optional<Timestamp> due);
  // Whether an earlier request with the same key was this one: it prompts nobody again.
  Task<bool> was_asked_before(MerchantId merchant, const std::optional<payments::KeyClaim>& key);
  // Claims the right to talk to a rail about an attempt: two at once could send what one of them knows to be sent. Only
  // in this process: another may have heard a callback, and asks about the same reference; what the rail says is true
  // whoever hears it.
  bool begin_asking(const payments::AttemptKey& key);
  // The same among the processes, for what a rail is told on a customer's behalf; `key` is in asking_. Errors:
  // in_progress, unavailable.
  Task<Result<>> claim_asking(payments::AttemptKey key);
  Task<void> release_asking(payments::AttemptKey key);
  // Asks again when a callback came meanwhile and the attempt is still open: it may know more than the reply did.
  void end_asking(const payments::AttemptKey& key, std::optional<payments::AttemptStatus> stands);

  Clock& clock_;
  Random& random_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  rails::Rails& rails_;
  webhooks::Dispatcher& dispatcher_;
  Options options_;
  std::function<void(const OutcomeReport&)> observer_;
  webhooks::Feed feed_;
  AttemptLimiter prompts_by_number_, prompts_by_merchant_;
  // Attempts that are being talked about, and the callbacks that came meanwhile.
  std::map<payments::AttemptKey, std::vector<rails::Claim>> asking_;
  std::multimap<std::pair<Scope, PaymentId>, Watch*> watches_;
  bool watches_closed_ = false;
  int asks_ = 0;  // coroutines of ask() under way
  Timestamp poller_wakes_at_;
  bool poller_wants_room_ = false;
  Ticks claims_at_;  // when it looks for what nobody asks for
  Signal poll_;
  Signal housekeeping_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace epay::processing
