// Checkouts: what stands after any order of attempts, outcomes and endings.
#include "payments/checkout.h"

#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "payments/outcome.h"
#include "payments/verify.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;
using Kind = Outcome::Kind;

const Money asked{1050, Currency::ghs()};
const std::string token(checkout_token_length, 't');

class Checkouts : public testing::Test {
 protected:
  // As the API opens one.
  Payment open() {
    const NewPayment wanted{.scope = scope,
                            .reference = "r1",
                            .customer = NewCustomer{"sam", "sam@gmail.com", "0540000000"},
                            .amount = asked,
                            .description = "Payment for sample event",
                            .now = store.clock.now(),
                            .life = checkout_life,
                            .checkout = true};
    return *store.write([&](db::Transaction& tx) -> Result<Payment> {
      const auto opened = open_payment(tx, wanted);
      EPAY_CHECK(opened.has_value());
      const Payment& payment = std::get<Opened>(*opened).payment;
      create_checkout(tx, payment, {token});
      return payment;
    });
  }
  PaymentPage page(std::optional<std::int64_t> quantity = {}) {
    return *store.write([&](db::Transaction& tx) {
      return create_page(tx, scope,
                         {.name = "Event Demo App", .description = "A demo payment page ", .quantity = quantity},
                         store.clock.now());
    });
  }
  auto pay(const PaymentPage& through, char mark) {
    return store.write([&](db::Transaction& tx) {
      return open_page_payment(tx, {.page = through.key,
                                    .token = std::string(checkout_token_length, mark),
                                    .reference = std::string("EP-XSks6NGSvt") + mark,
                                    .customer = {"sam", "sam@gmail.com", "0540000000"},
                                    .amount = asked,
                                    .now = store.clock.now()});
    });
  }
  Checkout find(const std::string& wanted = token) {
    return *store.write([&](db::Transaction& tx) { return find_checkout(tx, wanted); });
  }
  Result<OpenAttempt> begin(const Payment& payment, int number, std::string wallet = "0540000000") {
    return store.write([&](db::Transaction& tx) {
      return begin_attempt(tx, {.scope = scope,
                                .payment = payment.id,
                                .number = number,
                                .choice = {Method::momo, wallet, "mtn"},
                                .rail = 1,
                                .now = store.clock.now()});
    });
  }
  Applied apply(const AttemptKey& key, Outcome outcome) {
    return *store.write([&](db::Transaction& tx) { return apply_outcome(tx, key, outcome, store.clock.now(), 200); });
  }
  std::vector<Ended> expire() {
    return *store.write(
        [&](db::Transaction& tx) -> Result<std::vector<Ended>> { return expire_checkouts(tx, store.clock.now(), 10); });
  }
  PageTotals totals(const PaymentPage& of) {
    return store.write([&](db::Transaction& tx) { return find_page(tx, of.key); })->totals;
  }
  std::string payload(const events::Recorded& recorded) {
    EPAY_CHECK(!recorded.deliveries.empty());
    return *recorded.deliveries.front().payload;
  }
  void expect_books_right() {
    const auto wrong = *store.write([](db::Transaction& tx) -> Result<std::vector<std::string>> {
      auto sentences = ledger::verify(tx);
      for (auto& sentence : verify(tx)) sentences.push_back(sentence);
      return sentences;
    });
    EXPECT_EQ(wrong, std::vector<std::string>{});
  }
  static Outcome success() { return {.kind = Kind::succeeded, .amount = asked}; }
  static Outcome failure() { return {.kind = Kind::failed, .failure = "APPROVAL_REJECTED"}; }

  MemoryStore store;
  Scope scope = store.merchant(1);
};

TEST_F(Checkouts, AFailedAttemptLeavesThePaymentToBeTriedAgain) {
  const Payment payment = open();
  const auto first = begin(payment, 1);
  ASSERT_TRUE(first);
  const auto failed = apply(first->attempt.key, failure());
  EXPECT_EQ(failed.payment.status, PaymentStatus::created);
  EXPECT_FALSE(failed.ended);
  EXPECT_FALSE(failed.recorded.event);  // the merchant hears of the end only
  EXPECT_EQ(find().payment.expires_at, payment.expires_at);

  const auto second = begin(payment, 2, "0240000000");
  ASSERT_TRUE(second);
  EXPECT_NE(rail_reference_of(second->attempt.key), rail_reference_of(first->attempt.key));
  const auto paid = apply(second->attempt.key, success());
  EXPECT_EQ(paid.payment.status, PaymentStatus::succeeded);
  EXPECT_EQ(paid.recorded.deliveries.size(), 1u);
  const Checkout checkout = find();
  ASSERT_EQ(checkout.attempts.size(), 2u);
  EXPECT_EQ(checkout.attempts[0].wallet_number, "0540000000");
  EXPECT_EQ(checkout.attempts[1].wallet_number, "0240000000");
  EXPECT_EQ(checkout.payment.wallet_number, "0240000000");
  expect_books_right();
}

TEST_F(Checkouts, NothingElseBeginsWhileAnOutcomeIsOpen) {
  const Payment payment = open();
  const auto first = begin(payment, 1);
  const Outcome open_outcomes[] = {{.kind = Kind::pending},
                                   {.kind = Kind::pending, .waiting_for = AttemptStatus::awaiting_input},
                                   {.kind = Kind::unknown, .failure = "reset"}};
  EXPECT_EQ(begin(payment, 2).error().code, ErrorCode::conflict);
  for (const Outcome& outcome : open_outcomes) {
    apply(first->attempt.key, outcome);
    for (const int number : {1, 2, 3}) EXPECT_EQ(begin(payment, number).error().code, ErrorCode::conflict);
    const auto given_up =
        store.write([&](db::Transaction& tx) { return give_up(tx, scope, payment.id, store.clock.now()); });
    EXPECT_EQ(given_up.error().code, ErrorCode::conflict);
  }
  apply(first->attempt.key, {.kind = Kind::succeeded, .amount = Money{1, Currency::ghs()}});  // a person's case
  EXPECT_EQ(begin(payment, 2).error().code, ErrorCode::conflict);
}

TEST_F(Checkouts, AFormThatWasSentBeforeBeginsNothing) {
  const Payment payment = open();
  const auto first = begin(payment, 1);
  apply(first->attempt.key, failure());
  EXPECT_EQ(begin(payment, 1).error().code, ErrorCode::conflict);
  EXPECT_EQ(begin(payment, 3).error().code, ErrorCode::conflict);
  EXPECT_TRUE(begin(payment, 2));
}

TEST_F(Checkouts, TheLastAttemptsFailureIsThePayments) {
  const Payment payment = open();
  for (int number = 1; number < checkout_attempts_max; ++number) {
    const auto attempt = begin(payment, number);
    ASSERT_TRUE(attempt);
    EXPECT_EQ(apply(attempt->attempt.key, failure()).payment.status, PaymentStatus::created);
  }
  const auto last = apply(begin(payment, checkout_attempts_max)->attempt.key, failure());
  EXPECT_EQ(last.payment.status, PaymentStatus::failed);
  EXPECT_TRUE(payload(last.recorded).contains("\"status\":\"failed\""));
  expect_books_right();
}

TEST_F(Checkouts, AnUnpaidOneExpiresAndItsMerchantHears) {
  const Payment payment = open();
  store.clock.run_for(checkout_life - seconds(1));
  EXPECT_TRUE(expire().empty());
  store.clock.run_for(seconds(1));
  EXPECT_EQ(begin(payment, 1).error().code, ErrorCode::conflict);  // before anybody has looked
  const auto ended = expire();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].payment.status, PaymentStatus::expired);
  EXPECT_EQ(payload(ended[0].recorded),
            R"({"success":false,"transaction":{"reference":"r1","payment_method":"","amount":"10.5","status":"failed",)"
            R"("description":"Payment for sample event","customer":{"name":"sam","email":"sam@gmail.com",)"
            R"("telephone":"0540000000"},"page":null}})");
  EXPECT_TRUE(expire().empty());
  EXPECT_EQ(begin(payment, 1).error().code, ErrorCode::conflict);
}

TEST_F(Checkouts, AnAttemptThatHasBegunInTimeGetsItsTime) {
  const Payment payment = open();
  store.clock.run_for(checkout_life - seconds(1));
  const auto attempt = begin(payment, 1);
  store.clock.run_for(minutes(5));
  EXPECT_TRUE(expire().empty());
  EXPECT_EQ(apply(attempt->attempt.key, success()).payment.status, PaymentStatus::succeeded);
  EXPECT_FALSE(find().payment.late);
}

TEST_F(Checkouts, AFailureAfterTheCheckoutsTimeEndsIt) {
  const Payment payment = open();
  store.clock.run_for(checkout_life - seconds(1));
  const auto attempt = begin(payment, 1);
  store.clock.run_for(minutes(5));
  EXPECT_EQ(apply(attempt->attempt.key, failure()).payment.status, PaymentStatus::failed);
}

TEST_F(Checkouts, AnAttemptThatNobodyDecidesEndsThePaymentAndMayStillSucceed) {
  const Payment payment = open();
  const auto attempt = begin(payment, 1);
  store.clock.run_for(attempt_life);
  const auto expired = apply(attempt->attempt.key, {.kind = Kind::pending});
  EXPECT_EQ(expired.payment.status, PaymentStatus::expired);
  EXPECT_EQ(expired.recorded.deliveries.size(), 1u);
  EXPECT_EQ(begin(payment, 2).error().code, ErrorCode::conflict);
  const auto late = apply(attempt->attempt.key, success());
  EXPECT_TRUE(late.payment.late);
  expect_books_right();
}

TEST_F(Checkouts, GivingUpEndsItOnce) {
  const Payment payment = open();
  const auto give = [&] {
    return store.write([&](db::Transaction& tx) { return give_up(tx, scope, payment.id, store.clock.now()); });
  };
  const auto ended = give();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->payment.status, PaymentStatus::failed);
  EXPECT_EQ(give().error().code, ErrorCode::conflict);
  EXPECT_EQ(begin(payment, 1).error().code, ErrorCode::conflict);
}

TEST_F(Checkouts, OtherPaymentsAreNone) {
  const auto charge = store.write([&](db::Transaction& tx) {
    return open_payment(tx, {.scope = scope,
                             .reference = "charge",
                             .customer = NewCustomer{"sam", "sam@gmail.com", "0540000000"},
                             .method = Method::momo,
                             .wallet_number = "0540000000",
                             .wallet_network = "mtn",
                             .amount = asked,
                             .rail = 1,
                             .now = store.clock.now()});
  });
  const auto& opened = std::get<Opened>(*charge);
  EXPECT_EQ(begin(opened.payment, 2).error().code, ErrorCode::not_found);
  EXPECT_EQ(apply(opened.attempt->key, failure()).payment.status, PaymentStatus::failed);
}

TEST_F(Checkouts, AChoiceIsRememberedUntilItIsMade) {
  const Payment payment = open();
  const auto choose_momo = [&] {
    return store.write([&](db::Transaction& tx) {
      return choose(tx, payment, {Method::momo, "0201234567", "telecel"}, store.clock.now());
    });
  };
  ASSERT_TRUE(choose_momo());
  EXPECT_EQ(find().payment.wallet_network, "telecel");
  ASSERT_TRUE(begin(payment, 1));
  EXPECT_EQ(choose_momo().error().code, ErrorCode::conflict);
  EXPECT_EQ(find().payment.wallet_network, "mtn");
}

// ---- through a page ----

TEST_F(Checkouts, TheSameFormAgainIsTheSamePayment) {
  const PaymentPage through = page();
  ASSERT_TRUE(pay(through, 'a'));
  ASSERT_TRUE(pay(through, 'a'));
  EXPECT_EQ(totals(through).open_payments, 1);
  const auto payments =
      store.write([&](db::Transaction& tx) -> Result<Page<Payment>> { return list_payments(tx, scope, 1); });
  EXPECT_EQ(payments->total, 1);
}

TEST_F(Checkouts, TheWebhookNamesThePage) {
  const PaymentPage through = page();
  ASSERT_TRUE(pay(through, 'd'));
  const Checkout checkout = find(std::string(checkout_token_length, 'd'));
  const auto paid = apply(begin(checkout.payment, 1)->attempt.key, success());
  EXPECT_EQ(payload(paid.recorded),
            R"({"success":true,"transaction":{"reference":"EP-XSks6NGSvtd","payment_method":"momo","amount":"10.5",)"
            R"("status":"success","description":null,"customer":{"name":"sam","email":"sam@gmail.com",)"
            R"("telephone":"0540000000"},"page":{"id":)" +
                std::to_string(through.key.id.value) +
                R"(,"name":"Event Demo App","description":"A demo payment page ","slug":"s-event-demo-app"}}})");
}

TEST_F(Checkouts, APlaceIsHeldWhileItMayBePaid) {
  const PaymentPage through = page(2);
  ASSERT_TRUE(pay(through, 'a'));
  ASSERT_TRUE(pay(through, 'b'));
  EXPECT_EQ(pay(through, 'c').error().code, ErrorCode::conflict);
  EXPECT_TRUE(pay(through, 'a'));  // whoever has a place keeps it

  const auto paid = begin(find(std::string(checkout_token_length, 'a')).payment, 1);
  apply(paid->attempt.key, success());
  EXPECT_EQ(totals(through).payments, 1);
  EXPECT_EQ(totals(through).revenue_minor, asked.minor);
  EXPECT_EQ(totals(through).open_payments, 1);
  EXPECT_FALSE(pay(through, 'c'));

  store.clock.run_for(page_checkout_life);
  EXPECT_EQ(expire().size(), 1u);
  EXPECT_EQ(totals(through).open_payments, 0);
  EXPECT_TRUE(pay(through, 'c'));
  EXPECT_FALSE(pay(through, 'd'));
}

TEST_F(Checkouts, ALateSuccessIsCountedThoughItsPlaceWasGivenAway) {
  const PaymentPage through = page(1);
  ASSERT_TRUE(pay(through, 'a'));
  const auto attempt = begin(find(std::string(checkout_token_length, 'a')).payment, 1);
  store.clock.run_for(attempt_life);
  apply(attempt->attempt.key, {.kind = Kind::pending});
  EXPECT_EQ(totals(through).open_payments, 0);
  apply(attempt->attempt.key, success());
  EXPECT_EQ(totals(through).payments, 1);
  EXPECT_EQ(totals(through).open_payments, 0);
}

TEST_F(Checkouts, APagesCurrencyIsFixedOnceSomebodyPays) {
  const PaymentPage through = page();
  const auto change = [&] {
    return store.write([&](db::Transaction& tx) {
      return update_page(tx, through.key, {.name = "x", .currency = *Currency::parse("NGN")}, store.clock.now());
    });
  };
  ASSERT_TRUE(pay(through, 'a'));
  const auto changed = change();
  EXPECT_EQ(changed.error().code, ErrorCode::conflict);
  EXPECT_EQ(changed.error().fields.at(0).field, "currency");
  store.clock.run_for(page_checkout_life);
  expire();
  EXPECT_TRUE(change());
}

TEST_F(Checkouts, AReceiptIsSentAFewTimesOnly) {
  const Payment payment = open();
  for (int i = 0; i < receipts_max; ++i)
    EXPECT_TRUE(store.write([&](db::Transaction& tx) { return count_receipt(tx, payment); }));
  EXPECT_EQ(store.write([&](db::Transaction& tx) { return count_receipt(tx, payment); }).error().code,
            ErrorCode::too_many_requests);
}

}  // namespace
}  // namespace epay::payments
