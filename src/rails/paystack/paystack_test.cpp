#include "rails/paystack/paystack.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "simulation/scripted_rail.h"

namespace epay::rails::paystack {
namespace {

using simulation::in_words;

class PaystackTest : public testing::Test {
 protected:
  Order order(OrderKind kind = OrderKind::collect) const {
    return {.kind = kind,
            .merchant = {1},
            .reference = "0000010000a0000001b01",
            .wallet = *PhoneNumber::parse("0551234987"),
            .network = "mtn",
            .amount = {1250, Currency::ghs()},
            .description = "Shoes",
            .name = "Ama Mensah",
            .email = "ama@example.com",
            .origin = "https://pay.example.com"};
  }
  std::string collected(Order wanted) { return in_words(rail.run(paystack.collect(std::move(wanted)))); }
  std::string heard(int status, std::string body, Task<Reply> (Paystack::*talk)(Order), Order wanted) {
    rail.answer(status, std::move(body));
    return in_words(rail.run((paystack.*talk)(std::move(wanted))));
  }

  simulation::ScriptedRail rail;
  Paystack paystack{rail.tools(),
                    {.mode = Mode::test, .url = "http://rail.example", .secret_key = Secret("sk_test_key")}};
};

TEST_F(PaystackTest, ChargesAWallet) {
  rail.answer(200, R"({"status":true,"message":"Charge attempted","data":{"reference":"x","status":"pay_offline"}})");
  EXPECT_EQ(collected(order()), "wait");
  EXPECT_EQ(rail.last().path, "/charge");
  EXPECT_EQ(rail.last().headers.get("Authorization"), "Bearer sk_test_key");
  EXPECT_EQ(rail.last().body,
            R"({"email":"ama@example.com","amount":1250,"currency":"GHS","reference":"0000010000a0000001b01",)"
            R"("mobile_money":{"phone":"0551234987","provider":"mtn"}})");
}

TEST_F(PaystackTest, SortsAnswersToACharge) {
  struct Row {
    int status;
    const char* body;
    const char* heard;
  };
  const Row rows[] = {
      {200, R"({"status":true,"data":{"status":"pending"}})", "wait"},
      {200, R"({"status":true,"data":{"status":"timeout"}})", "wait"},
      {200, R"({"status":true,"data":{"status":"something new"}})", "wait"},
      {200, R"({"status":true,"data":{"status":"send_otp","display_text":"dial *110#"}})", "input"},
      {200, R"({"status":true,"data":{"status":"open_url","url":"https://bank.example/3ds"}})",
       "redirect https://bank.example/3ds"},
      {200, R"({"status":true,"data":{"status":"success","amount":1250,"currency":"GHS","id":7}})",
       "succeeded 12.5 GHS"},
      {200, R"({"status":true,"data":{"status":"success","amount":"1250","currency":"GHS"}})", "succeeded 12.5 GHS"},
      {200, R"({"status":true,"data":{"status":"success","amount":"12.5","currency":"GHS"}})", "unknown"},
      {200, R"({"status":true,"data":{"status":"failed","gateway_response":"LOW_BALANCE_OR_PAYEE_LIMIT_REACHED"}})",
       "failed NOT_ENOUGH_FUNDS"},
      {400, R"({"status":true,"data":{"status":"failed","message":"Declined"}})", "failed CARD_DECLINED"},
      {200, R"({"status":true,"data":{"status":"failed"}})", "failed DECLINED"},
      {400, R"({"status":false,"message":"Invalid key","code":"invalid_params"})", "failed CONFIGURATION"},
      {401, R"({"status":false,"message":"Invalid key"})", "failed CONFIGURATION"},
      {400, "<html>", "unknown"},
      {429, R"({"status":false,"message":"slow down"})", "unknown"},
      {500, R"({"status":false,"message":"oops"})", "unknown"},
      {500, R"({"status":true,"data":{"status":"failed"}})", "unknown"},
      {502, "<html>", "unknown"},
      {200, "", "unknown"},
      {200, R"({"status":true})", "unknown"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(heard(row.status, row.body, &Paystack::collect, order()), row.heard) << row.body;
}

TEST_F(PaystackTest, AVoucherThatCameWithTheChargeIsToldAtOnce) {
  Order wanted = order();
  wanted.network = "telecel";
  wanted.voucher = "123456";
  rail.answer(200, R"({"status":true,"data":{"status":"send_otp"}})");
  rail.answer(200, R"({"status":true,"data":{"status":"pay_offline"}})");
  EXPECT_EQ(collected(wanted), "wait");
  EXPECT_NE(rail.asked[0].body.find(R"("provider":"vod")"), std::string::npos);
  EXPECT_EQ(rail.last().path, "/charge/submit_otp");
  EXPECT_EQ(rail.last().body, R"({"otp":"123456","reference":"0000010000a0000001b01"})");
  for (const std::string& line : rail.lines) EXPECT_EQ(line.find("123456"), std::string::npos) << line;
}

TEST_F(PaystackTest, AWrongCodeMayBeToldAgain) {
  rail.answer(400, R"({"status":false,"message":"Invalid OTP","code":"invalid_otp"})");
  const Reply reply = rail.run(paystack.submit_input(order(), "000000"));
  const auto* pending = std::get_if<Pending>(&reply);
  ASSERT_NE(pending, nullptr);
  EXPECT_EQ(pending->next, Pending::Next::input);
  EXPECT_TRUE(pending->input_refused);
}

TEST_F(PaystackTest, ATakenReferenceIsAskedFor) {
  for (const char* duplicate : {R"({"status":false,"message":"Duplicate Transaction Reference"})",
                                R"({"status":false,"message":"taken","code":"duplicate_reference"})"}) {
    rail.answer(400, duplicate);
    rail.answer(200, R"({"status":true,"data":{"status":"success","amount":1250,"currency":"GHS"}})");
    EXPECT_EQ(collected(order()), "succeeded 12.5 GHS");
    EXPECT_EQ(rail.last().path, "/charge/0000010000a0000001b01");
  }
}

TEST_F(PaystackTest, ACardIsPaidOnItsPage) {
  Order wanted = order();
  wanted.channel = Channel::card;
  wanted.return_url = "https://pay.example.com/checkout/t";
  rail.answer(200, R"({"status":true,"data":{"authorization_url":"https://checkout.example/a","access_code":"a"}})");
  EXPECT_EQ(collected(wanted), "redirect https://checkout.example/a");
  EXPECT_EQ(rail.last().body,
            R"({"email":"ama@example.com","amount":1250,"currency":"GHS","reference":"0000010000a0000001b01",)"
            R"("callback_url":"https://pay.example.com/checkout/t","channels":["card"]})");
  // A customer who has not finished may still do so.
  EXPECT_EQ(heard(200, R"({"status":true,"data":{"status":"abandoned"}})", &Paystack::query, wanted), "redirect ");
  EXPECT_EQ(rail.last().path, "/transaction/verify/0000010000a0000001b01");
}

TEST_F(PaystackTest, WhatItDoesNotKnowIsNotFound) {
  EXPECT_EQ(heard(400, R"({"status":false,"message":"Transaction reference not found"})", &Paystack::query, order()),
            "not found");
  EXPECT_EQ(heard(404, R"({"status":false,"message":"no","code":"transaction_not_found"})", &Paystack::query, order()),
            "not found");
  EXPECT_EQ(heard(404, "<html>", &Paystack::query, order()), "unknown");
  EXPECT_EQ(heard(401, R"({"status":false,"message":"Invalid key"})", &Paystack::query, order()), "unknown");
}

TEST_F(PaystackTest, SendsToWalletsAndBanks) {
  rail.answer(201, R"({"status":true,"data":{"recipient_code":"RCP_1"}})");
  rail.answer(200, R"({"status":true,"message":"Transfer has been queued","data":{"status":"pending"}})");
  EXPECT_EQ(in_words(rail.run(paystack.pay_out(order(OrderKind::payout)))), "wait");
  EXPECT_EQ(
      rail.asked[0].body,
      R"({"type":"mobile_money","name":"Ama Mensah","account_number":"0551234987","bank_code":"MTN","currency":"GHS"})");
  EXPECT_EQ(rail.last().body, R"({"source":"balance","amount":1250,"currency":"GHS","recipient":"RCP_1",)"
                              R"("reference":"0000010000a0000001b01","reason":"Shoes"})");
  Order bank = order(OrderKind::payout);
  bank.channel = Channel::bank;
  bank.bank = {"300304", "1234567890"};
  rail.answer(201, R"({"status":true,"data":{"recipient_code":"RCP_2"}})");
  rail.answer(400, R"({"status":false,"message":"Your balance is not enough to fulfill this request"})");
  EXPECT_EQ(in_words(rail.run(paystack.pay_out(bank))), "failed CONFIGURATION");
  rail.answer(400, R"({"status":false,"message":"Account number is invalid"})");
  EXPECT_EQ(in_words(rail.run(paystack.pay_out(bank))), "failed PAYER_NOT_FOUND");
  // The recipient alone moves nothing.
  rail.answer(500, "");
  EXPECT_EQ(in_words(rail.run(paystack.pay_out(bank))), "not sent");
}

TEST_F(PaystackTest, SortsWhatBecameOfATransfer) {
  struct Row {
    const char* status;
    const char* heard;
  };
  const Row rows[] = {{"success", "succeeded 12.5 GHS"},
                      {"failed", "failed DECLINED"},
                      {"reversed", "reversed "},
                      {"abandoned", "failed DECLINED"},
                      {"blocked", "failed DECLINED"},
                      {"rejected", "failed DECLINED"},
                      {"otp", "wait"},
                      {"pending", "wait"},
                      {"received", "wait"}};
  for (const Row& row : rows) {
    const std::string body =
        R"({"status":true,"data":{"amount":1250,"currency":"GHS","status":")" + std::string(row.status) + "\"}}";
    EXPECT_EQ(heard(200, body, &Paystack::query, order(OrderKind::payout)), row.heard) << row.status;
  }
}

TEST_F(PaystackTest, FindsARefundByItsNote) {
  Order refund = order(OrderKind::refund);
  refund.original = {"0000010000a0000000a01", "77", {1250, Currency::ghs()}};
  rail.answer(200, R"({"status":true,"message":"Refund has been queued","data":{"status":"pending","id":5}})");
  EXPECT_EQ(in_words(rail.run(paystack.refund(refund))), "wait");
  EXPECT_EQ(rail.last().body, R"({"transaction":"0000010000a0000000a01","amount":1250,"currency":"GHS",)"
                              R"("merchant_note":"0000010000a0000001b01","customer_note":"Shoes"})");
  const std::string others = R"({"status":"processed","merchant_note":"another","amount":"1250","currency":"GHS"})";
  EXPECT_EQ(heard(200, R"({"status":true,"data":[)" + others + "]}", &Paystack::query, refund), "not found");
  EXPECT_EQ(
      heard(200,
            R"({"status":true,"data":[)" + others +
                R"(,{"status":"processed","merchant_note":"0000010000a0000001b01","amount":"1250","currency":"GHS"}]})",
            &Paystack::query, refund),
      "succeeded 12.5 GHS");
  EXPECT_EQ(heard(500, "", &Paystack::query, refund), "unknown");
}

TEST_F(PaystackTest, BelievesSignedWebhooksOnly) {
  const std::string body =
      R"({"event":"charge.success","data":{"reference":"0000010000a0000001b01","status":"success"}})";
  const auto mac = hmac_sha512("sk_test_key", body);
  const std::string signature = hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
  const auto heard_with = [&](const std::string& header, const std::string& text) {
    http::Request request{.method = "POST", .body = text};
    if (!header.empty()) request.headers.add("X-Paystack-Signature", header);
    return paystack.read_callback(request, "");
  };
  const auto news = heard_with(signature, body);
  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->reference, "0000010000a0000001b01");
  EXPECT_EQ(news->claim, Claim::succeeded);
  EXPECT_EQ(heard_with("", body).error().code, ErrorCode::unauthenticated);
  EXPECT_EQ(heard_with(signature, body + " ").error().code, ErrorCode::unauthenticated);
  EXPECT_EQ(heard_with(signature.substr(1), body).error().code, ErrorCode::unauthenticated);
  const auto live = hmac_sha512("sk_live_key", body);
  EXPECT_EQ(heard_with(hex_encode({reinterpret_cast<const char*>(live.data()), live.size()}), body).error().code,
            ErrorCode::unauthenticated);
}

TEST_F(PaystackTest, NeedsAnEmail) {
  Order wanted = order();
  wanted.email.clear();
  EXPECT_EQ(collected(wanted), "failed CONFIGURATION");
  EXPECT_TRUE(rail.asked.empty());
}

TEST_F(PaystackTest, KnowsOwnersAndBalances) {
  rail.answer(200, R"({"status":true,"data":{"account_number":"055","account_name":"AMA MENSAH"}})");
  const auto holder = rail.run(paystack.look_up({.wallet = *PhoneNumber::parse("0551234987"), .network = "mtn"}));
  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->name, "AMA MENSAH");
  EXPECT_EQ(rail.last().query, "account_number=0551234987&bank_code=MTN");
  rail.answer(422, R"({"status":false,"message":"Could not resolve account name"})");
  EXPECT_EQ(rail.run(paystack.look_up({.wallet = *PhoneNumber::parse("0551234987"), .network = "mtn"})).error().code,
            ErrorCode::not_found);
  rail.answer(200, R"({"status":true,"data":[{"currency":"NGN","balance":5},{"currency":"GHS","balance":170000}]})");
  EXPECT_EQ(rail.run(paystack.balance(Currency::ghs()))->to_decimal(), "1700");
}

TEST_F(PaystackTest, ServesWhatItCan) {
  EXPECT_TRUE(paystack.serves({.network = "telecel"}));
  EXPECT_TRUE(paystack.serves({.channel = Channel::card}));
  EXPECT_TRUE(paystack.serves({.kind = OrderKind::payout, .channel = Channel::bank}));
  EXPECT_FALSE(paystack.serves({.channel = Channel::bank}));
  EXPECT_FALSE(paystack.serves({.kind = OrderKind::payout, .channel = Channel::card}));
  EXPECT_FALSE(paystack.serves({.mode = Mode::live}));
  EXPECT_FALSE(paystack.serves({.currency = *Currency::parse("USD")}));
  EXPECT_FALSE(paystack.serves({.network = "zeepay"}));
}

}  // namespace
}  // namespace epay::rails::paystack
