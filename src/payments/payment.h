// Payments and payouts, and their attempts on rails: rows, and the writes that open them. What a rail then says about
// an attempt is applied in outcome.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.h"
#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"
#include "payments/customer.h"
#include "payments/fee.h"
#include "payments/idempotency_key.h"
#include "payments/status.h"

namespace epay::payments {

enum class Method : std::int64_t { undecided = 0, momo = 1, card = 2, bank = 3 };
std::string_view wire_name(Method method);

// How the money of a refund goes back.
enum class RefundWay : std::int64_t {
  by_rail = 1,    // the rail gives its own order back
  by_payout = 2,  // sent to the wallet that paid, as a payout is
};

struct Payment {
  Scope scope;
  PaymentId id;
  PaymentKind kind = PaymentKind::payment;
  PaymentStatus status = PaymentStatus::created;
  bool late = false;  // succeeded after we had told the merchant that it expired
  std::string reference;
  std::optional<CustomerId> customer;
  Method method = Method::undecided;
  std::optional<std::string> wallet_number;   // national form; of an account at a bank: its number
  std::optional<std::string> wallet_network;  // as the merchant named it; our code of the bank
  Money amount;
  std::int64_t fee_minor = 0;
  std::optional<std::string> description;
  Timestamp created_at, updated_at;
  Timestamp expires_at;                     // of the attempt that is open; where none is, of the checkout
  events::Chain events;                     // those that told of it
  std::optional<PageId> page;               // through which it is paid
  std::optional<Timestamp> checkout_until;  // of a checkout: until when its customer may try
  std::optional<PaymentId> refund_of;       // of a refund: the payment
  std::int64_t refunded_minor = 0;          // what its refunds come to that have not failed
  std::optional<RefundWay> refund_way;      // of a refund
  std::optional<std::string> payee_name;    // of a payout, where it is known
  FeeBearer fee_bearer = FeeBearer::merchant;

  // What the rail is asked for.
  Money charged() const {
    return {amount.minor + (fee_bearer == FeeBearer::customer ? fee_minor : 0), amount.currency};
  }

  std::int64_t left_to_refund_minor() const { return amount.minor - refunded_minor; }
};

struct AttemptKey {
  Scope scope;
  PaymentId payment;
  int number = 1;
  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

// Our name for an attempt at the rail: stored (as the key it is made of) before anything is sent, unique for ever,
// 16 to 36 lower-case letters and digits, which every rail of RAILS §7.2 takes.
std::string rail_reference_of(const AttemptKey& key);
std::optional<AttemptKey> attempt_of(std::string_view rail_reference);

struct Attempt {
  AttemptKey key;
  std::int64_t rail = 0;  // rails::RailId
  AttemptStatus status = AttemptStatus::created;
  std::optional<std::string> rail_id;  // the rail's name for it
  std::optional<std::string> redirect_url;
  std::optional<std::string> failure;
  int polls = 0;
  // When the rail is asked next: of one that is open, or that has succeeded and may have been reversed.
  std::optional<Timestamp> poll_at;
  Timestamp created_at;
  // Of a checkout's attempt, which may differ from the others'; nothing: as the payment says.
  std::optional<Method> method = {};
  std::optional<std::string> wallet_number = {}, wallet_network = {};
};

// After which a merchant hears "failed" if the rail says that the money has not moved.
inline constexpr microseconds attempt_life = minutes(10);

struct NewPayment {
  Scope scope;
  PaymentKind kind = PaymentKind::payment;
  std::string reference;
  std::optional<NewCustomer> customer;
  Method method = Method::undecided;
  std::optional<std::string> wallet_number, wallet_network;
  std::optional<std::string> payee_name = {};
  Money amount;
  std::optional<std::string> description;
  std::optional<std::int64_t> rail;  // with one, the first attempt is opened too
  std::optional<KeyClaim> key;
  Timestamp now;
  microseconds life = attempt_life;
  bool checkout = false;  // its customer pays it in a browser, in as many attempts as it takes
  std::optional<PageId> page = {};
};

// The order at a rail that a refund gives back from.
struct OriginalOrder {
  std::string reference;  // ours at the rail
  std::optional<std::string> rail_id;
  Money amount;
};

struct Opened {
  Payment payment;
  std::optional<Customer> customer;
  std::optional<Attempt> attempt;
  // An earlier request with the same idempotency key opened it and was never answered: nothing is new.
  bool resumed = false;
  events::Recorded recorded;              // to be published once this is durable
  std::optional<OriginalOrder> original;  // of a refund
};

// Writes payment, customer, first attempt and idempotency record together; a payout holds its amount. Or gives the
// answer that is stored under the idempotency key. Errors: conflict (reference used, or key used for another request),
// in_progress, insufficient_funds (payouts).
Result<std::variant<Opened, StoredAnswer>> open_payment(db::Transaction& tx, const NewPayment& payment);

// Errors: not_found.
Result<Payment> find_payment(db::Transaction& tx, Scope scope, std::string_view reference);
std::optional<Payment> find_payment(db::Transaction& tx, Scope scope, PaymentId id);
Page<Payment> list_payments(db::Transaction& tx, Scope scope, std::int64_t page);
// The customer's latest, newest first, at most `limit`.
std::vector<Payment> payments_of_customer(db::Transaction& tx, const Customer& customer, Scope scope,
                                          std::int64_t limit);

// The latest attempt of a payment.
std::optional<Attempt> last_attempt(db::Transaction& tx, const Payment& payment);

struct OpenAttempt {
  Payment payment;
  Attempt attempt;
  std::optional<OriginalOrder> original = {};  // of a refund
};
Result<OpenAttempt> find_attempt(db::Transaction& tx, const AttemptKey& key);
// The right to tell the attempt's rail something that is not to be told twice at once, among the processes. It ends
// with the outcome that is applied, or by release_asking(). Errors: not_found, in_progress (another process has it).
Result<> claim_asking(db::Transaction& tx, const AttemptKey& key);
void release_asking(db::Transaction& tx, const AttemptKey& key);

// Of the attempts that this process is to ask for: those whose poll_at has come, earliest first; and when the next one
// comes.
std::vector<OpenAttempt> due_attempts(db::Transaction& tx, Timestamp now, int limit);
std::optional<Timestamp> next_poll(db::Transaction& tx);
// How many attempts a rail is to be asked about, for operators.
std::int64_t count_polled_attempts(db::Transaction& tx);
// Makes this process ask for what was a dead process's or is nobody's, about `limit` at most; how many it has taken.
std::int64_t claim_polls(db::Transaction& tx, int limit);

}  // namespace epay::payments
