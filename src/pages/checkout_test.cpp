// The checkout's rules that need no service: what is limited, guessed and shown.
#include "pages/checkout.h"

#include <gtest/gtest.h>

#include "pages/checkout_frame.h"
#include "pages/networks.h"
#include "simulation/sim_random.h"

namespace epay::pages {
namespace {

TEST(AttemptLimiter, CountsWithinAWhile) {
  AttemptLimiter limiter(2, minutes(10));
  const Ticks begin{1'000};
  EXPECT_FALSE(limiter.take("a", begin));
  EXPECT_FALSE(limiter.take("a", begin + minutes(4)));
  EXPECT_EQ(limiter.take("a", begin + minutes(5)), minutes(5));
  EXPECT_FALSE(limiter.take("b", begin + minutes(5)));
  EXPECT_FALSE(limiter.take("a", begin + minutes(10)));  // what was refused was not counted
  EXPECT_EQ(limiter.take("a", begin + minutes(10)), minutes(4));
  AttemptLimiter none(0, minutes(10));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(none.take("a", begin));
}

TEST(AttemptLimiter, ForgetsRatherThanGrows) {
  AttemptLimiter limiter(1, minutes(10));
  for (int i = 0; i < 120'000; ++i) EXPECT_FALSE(limiter.take(std::to_string(i), Ticks{i}));
}

TEST(Networks, AreGuessedFromTheNumber) {
  struct Row {
    const char *number, *name;
  };
  for (const auto& [number, name] :
       {Row{"0241234567", "mtn"}, Row{"+233 59 123 4567", "mtn"}, Row{"0201234567", "telecel"},
        Row{"0501234567", "telecel"}, Row{"0271234567", "airteltigo"}, Row{"0231234567", "airteltigo"},
        Row{"0281234567", ""}, Row{"0581234567", ""}}) {
    EXPECT_EQ(guess_network(*PhoneNumber::parse(number)), name) << number;
  }
  EXPECT_EQ(network_label("mtn"), "MTN MoMo");
  EXPECT_EQ(network_label("vodafone"), "Telecel Cash");
  EXPECT_EQ(network_label("tigo"), "AT Money");
  EXPECT_EQ(network_label("nobody"), "nobody");
}

TEST(Networks, HaveTheirStepsInEveryLanguage) {
  for (const std::string_view language : language_names()) {
    for (const NetworkChoice& choice : network_choices()) {
      const Texts& texts = texts_of(language);
      ASSERT_TRUE(texts.has("approval." + choice.name)) << language << " " << choice.name;
      EXPECT_GE(steps_of("approval." + choice.name, texts).size(), 2u);
      if (rails::find_network(choice.name)->needs_voucher) EXPECT_TRUE(texts.has("voucher." + choice.name)) << language;
    }
  }
}

payments::Checkout checkout_in(payments::PaymentStatus status, std::vector<payments::AttemptStatus> attempts) {
  payments::Checkout checkout;
  checkout.payment.status = status;
  checkout.payment.expires_at = Timestamp{1'000};
  checkout.payment.method = payments::Method::momo;
  checkout.payment.wallet_number = "0241234567";
  for (const auto attempt : attempts) {
    payments::Attempt made;
    made.status = attempt;
    made.method = payments::Method::momo;
    made.wallet_number = "0241234567";
    checkout.attempts.push_back(made);
  }
  return checkout;
}

TEST(CheckoutState, IsWhatTheCustomerHasToDo) {
  using payments::AttemptStatus;
  using payments::PaymentStatus;
  struct Row {
    PaymentStatus payment;
    std::vector<AttemptStatus> attempts;
    std::int64_t now;
    Wanted wanted;
    const char* state;
  };
  constexpr auto stands = Wanted::what_stands;
  for (const auto& [payment, attempts, now, wanted, state] : {
           Row{PaymentStatus::created, {}, 1, stands, "confirming"},
           Row{PaymentStatus::created, {}, 1, Wanted::choosing, "choosing"},
           Row{PaymentStatus::created, {}, 1'000, stands, "expired"},
           Row{PaymentStatus::created, {AttemptStatus::failed}, 1, stands, "choosing"},
           Row{PaymentStatus::created, {AttemptStatus::failed}, 1, Wanted::confirming, "confirming"},
           Row{PaymentStatus::pending, {AttemptStatus::created}, 1, Wanted::choosing, "waiting"},
           Row{PaymentStatus::pending, {AttemptStatus::failed, AttemptStatus::submitted}, 1, stands, "waiting"},
           Row{PaymentStatus::pending, {AttemptStatus::unknown}, 2'000, stands, "waiting"},
           Row{PaymentStatus::pending, {AttemptStatus::awaiting_input}, 1, stands, "code"},
           Row{PaymentStatus::pending, {AttemptStatus::awaiting_redirect}, 1, stands, "card"},
           Row{PaymentStatus::pending, {AttemptStatus::suspended}, 1, stands, "review"},
           Row{PaymentStatus::succeeded, {AttemptStatus::succeeded}, 1, Wanted::choosing, "paid"},
           Row{PaymentStatus::failed, {}, 1, Wanted::confirming, "failed"},
           Row{PaymentStatus::expired, {AttemptStatus::expired}, 1, stands, "expired"},
       }) {
    const auto checkout = checkout_in(payment, attempts);
    EXPECT_EQ(name_of(state_of(checkout, Timestamp{now}, wanted)), state);
  }
}

TEST(CheckoutState, FailuresAreToldInWordsThatExist) {
  for (const char* code : {"NOT_ENOUGH_FUNDS", "APPROVAL_REJECTED", "EXPIRED", "PAYER_NOT_FOUND", "INVALID_OTP",
                           "CARD_DECLINED", "PAYER_LIMIT_REACHED", "SERVICE_UNAVAILABLE", "SOMETHING_NEW", ""}) {
    EXPECT_TRUE(texts_of("en").has(failure_key(code))) << code;
  }
}

TEST(CheckoutForm, NamesEveryWrongFieldOnce) {
  http::Request request;
  request.body = "name=&email=x&telephone=1&method=momo&number=030";
  auto form = CheckoutForm::read(request, texts_of("en"));
  ASSERT_TRUE(form);
  form->customer();
  form->method({.momo = true, .card = true});
  EXPECT_EQ(form->errors().size(), 4u);
  form = CheckoutForm(texts_of("en"));
  form->customer();
  form->method({.momo = true});
  EXPECT_EQ(form->errors().size(), 3u);  // the number is the telephone's, which is named
  EXPECT_FALSE(form->good());
  request.body = "a=%ff";
  EXPECT_FALSE(CheckoutForm::read(request, texts_of("en")));
}

TEST(CheckoutFrame, KeepsLanguageAndFrameOnly) {
  http::Request request;
  request.query = "lang=fr&embed=0123456789abcdef0123456789abcdef&origin=https%3A%2F%2Fshop.example.com&x=1";
  EXPECT_EQ(
      with_kept_query(request, "/checkout/t", "notice=sent"),
      "/checkout/t?notice=sent&lang=fr&embed=0123456789abcdef0123456789abcdef&origin=https%3A%2F%2Fshop.example.com");
  request.query = "x=1";
  EXPECT_EQ(with_kept_query(request, "/checkout/t"), "/checkout/t");
}

TEST(CheckoutFrame, EveryTemplateIsWellFormedWithoutAnythingSet) {
  simulation::SimRandom random(1);
  for (const char* name : {"checkout/pay", "checkout/choose", "checkout/confirm", "checkout/waiting",
                           "checkout/receipt", "checkout/ended"}) {
    const auto page = render_checkout({}, name, {}, texts_of("en"), random, {.title = "t"});
    EXPECT_TRUE(page.body.ends_with("</html>")) << name;
    EXPECT_TRUE(page.body.contains("<main")) << name;
  }
}

}  // namespace
}  // namespace epay::pages
