// A checkout: a payment that its customer pays in a browser, under a token, in as many attempts as it takes. Opened by
// the API or through a payment page. One attempt at a time: the next may begin only when the one before has definitely
// failed (docs/decisions/a-checkout-has-several-attempts.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"
#include "payments/customer.h"
#include "payments/page_field.h"
#include "payments/payment.h"
#include "payments/payment_page.h"

namespace epay::payments {

// How long a checkout may be paid: one that the API opened, and one opened through a page, which holds a place of it.
inline constexpr microseconds checkout_life = hours(24);
inline constexpr microseconds page_checkout_life = minutes(30);
inline constexpr int checkout_attempts_max = 5;
inline constexpr std::size_t checkout_token_length = 32;
inline constexpr int receipts_max = 3;  // sent by mail, for one payment

bool is_checkout_token(std::string_view text);

struct Checkout {
  std::string token;
  Payment payment;
  Customer customer;
  std::vector<Attempt> attempts;  // by number
  std::vector<Answer> answers;
  std::optional<std::string> redirect_url;
  std::string merchant_name;
  std::optional<ImageId> merchant_logo;
  std::optional<PaymentPage> page;
  // While it can be begun: what its customer is asked for on top, the way it is chosen to be paid.
  std::int64_t surcharge_minor = 0;

  // What its customer pays, or has paid.
  Money total() const;
  // Whether its customer may begin another attempt now.
  bool may_begin(Timestamp now) const;
  int next_number() const { return int(attempts.size()) + 1; }
};

// What belongs to an opened payment that is a checkout. Of several tokens of one payment the first is its address.
struct CheckoutDetails {
  std::string token;
  std::vector<Answer> answers = {};
  std::optional<std::string> redirect_url = {};
};
void create_checkout(db::Transaction& tx, const Payment& payment, const CheckoutDetails& details);

// Error: not_found.
Result<Checkout> find_checkout(db::Transaction& tx, std::string_view token);
// The address of a payment that is a checkout.
std::optional<std::string> token_of(db::Transaction& tx, const Payment& payment);

// A payment through a page. The customer and the amount have been checked against the page's rules as they were shown.
struct NewPagePayment {
  PageKey page;
  std::string token;      // what the form was given: the same form again is the same payment
  std::string reference;  // "EP-" and 11 letters and digits
  NewCustomer customer;
  Money amount;
  std::optional<std::string> description;
  std::vector<Answer> answers;
  Method method = Method::undecided;
  std::optional<std::string> wallet_number, wallet_network;
  Timestamp now;
};
struct PagePayment {
  std::string token;
  events::Recorded recorded;  // to be published once this is durable
};
// Errors: not_found (no such page), conflict (the page is not open any more: ask state_of(); or the reference is used),
// invalid (its currency has changed meanwhile).
Result<PagePayment> open_page_payment(db::Transaction& tx, const NewPagePayment& wanted);

// How a customer wants to pay: remembered until the attempt begins. Error: conflict (it is not open any more).
struct Choice {
  Method method = Method::undecided;
  std::optional<std::string> wallet_number, wallet_network;
};
Result<> choose(db::Transaction& tx, const Payment& payment, const Choice& choice, Timestamp now);

struct NewAttempt {
  Scope scope;
  PaymentId payment;
  int number = 1;  // as the customer's page counts: a form that was sent before, or in two windows, begins nothing
  Choice choice;
  std::int64_t rail = 0;
  std::int64_t surcharge_minor = 0;  // as its customer was shown it
  Timestamp now;
};
// Opens the attempt, before its rail hears of it; what it costs is known from now on. Errors: not_found, conflict (it
// is not this attempt's turn, or its customer was shown another surcharge: what stands is to be shown), invalid.
Result<OpenAttempt> begin_attempt(db::Transaction& tx, const NewAttempt& wanted);

// Whether a definite failure of this attempt leaves its payment to be tried again.
bool may_try_again(const Payment& payment, const Attempt& attempt, Timestamp now);
// Its attempt has failed and its customer may try again.
void reopen(db::Transaction& tx, Payment& payment, Timestamp now);

struct Ended {
  Payment payment;
  events::Recorded recorded;  // to be published once this is durable
};
// The customer does not want to pay. Errors: not_found, conflict (an attempt is open, or it has ended already).
Result<Ended> give_up(db::Transaction& tx, Scope scope, PaymentId payment, Timestamp now);
// Ends checkouts whose time has passed and that have no open attempt, at most `limit`.
std::vector<Ended> expire_checkouts(db::Transaction& tx, Timestamp now, int limit);

// Counts a receipt. Error: too_many_requests after receipts_max.
Result<> count_receipt(db::Transaction& tx, const Payment& payment);

}  // namespace epay::payments
