#include "rails/mtn_momo/mtn_momo.h"

#include <gtest/gtest.h>

#include "simulation/scripted_rail.h"

namespace epay::rails::mtn_momo {
namespace {

using simulation::in_words;
using Fault = simulation::SimNetwork::Fault;

constexpr std::string_view token = R"({"access_token":"secret-token","token_type":"access_token","expires_in":3600})";

class MtnMomoTest : public testing::Test {
 protected:
  Options options() const {
    const Credentials keys{Secret("subscription"), "user", Secret("key")};
    return {.mode = Mode::live,
            .url = "http://rail.example",
            .target_environment = "mtnghana",
            .collection = keys,
            .disbursement = keys};
  }
  Order order(OrderKind kind = OrderKind::collect) const {
    return {.kind = kind,
            .merchant = {1},
            .reference = "0000010000a0000001b01",
            .wallet = *PhoneNumber::parse("0244123456"),
            .network = "mtn",
            .amount = {1250, Currency::ghs()},
            .description = "Ama's order",
            .origin = "https://pay.example.com"};
  }
  std::string collect_heard(int status, std::string body) {
    rail.answer(200, std::string(token));
    rail.answer(status, std::move(body));
    MtnMomo mtn(rail.tools(), options());
    return in_words(rail.run(mtn.collect(order())));
  }
  std::string query_heard(int status, std::string body) {
    rail.answer(200, std::string(token));
    rail.answer(status, std::move(body));
    MtnMomo mtn(rail.tools(), options());
    return in_words(rail.run(mtn.query(order())));
  }

  simulation::ScriptedRail rail;
};

TEST_F(MtnMomoTest, AsksForMoneyAsTheDocumentsSay) {
  rail.answer(200, std::string(token));
  rail.answer(202, "");
  MtnMomo mtn(rail.tools(), options());
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "wait");
  ASSERT_EQ(rail.asked.size(), 2U);
  EXPECT_EQ(rail.asked[0].path, "/collection/token");
  EXPECT_EQ(rail.asked[0].headers.get("Authorization"), "Basic dXNlcjprZXk=");
  EXPECT_EQ(rail.asked[0].headers.get("Ocp-Apim-Subscription-Key"), "subscription");
  const http::Request& asked = rail.last();
  EXPECT_EQ(asked.path, "/collection/v1_0/requesttopay");
  EXPECT_EQ(asked.headers.get("Authorization"), "Bearer secret-token");
  EXPECT_EQ(asked.headers.get("X-Target-Environment"), "mtnghana");
  EXPECT_EQ(asked.headers.get("X-Reference-Id"), uuid_of(order().reference));
  EXPECT_EQ(asked.headers.get("X-Callback-Url"),
            rail.tokens.address("https://pay.example.com", "mtn", order().reference));
  EXPECT_EQ(asked.body, R"({"amount":"12.5","currency":"GHS","externalId":"0000010000a0000001b01",)"
                        R"("payer":{"partyIdType":"MSISDN","partyId":"233244123456"},)"
                        R"("payerMessage":"Amas order","payeeNote":"Amas order"})");
}

TEST_F(MtnMomoTest, SendsAndGivesBackWithTheOtherProduct) {
  rail.answer(200, std::string(token));
  rail.answer(202, "");
  rail.answer(202, "");
  MtnMomo mtn(rail.tools(), options());
  EXPECT_EQ(in_words(rail.run(mtn.pay_out(order(OrderKind::payout)))), "wait");
  EXPECT_EQ(rail.last().path, "/disbursement/v1_0/transfer");
  EXPECT_NE(rail.last().body.find(R"("payee":{"partyIdType":"MSISDN")"), std::string::npos);
  Order refund = order(OrderKind::refund);
  refund.original = {"0000010000a0000000a01", std::nullopt, {1250, Currency::ghs()}};
  EXPECT_EQ(in_words(rail.run(mtn.refund(refund))), "wait");
  EXPECT_EQ(rail.last().path, "/disbursement/v1_0/refund");
  EXPECT_NE(rail.last().body.find("\"referenceIdToRefund\":\"" + uuid_of("0000010000a0000000a01")), std::string::npos);
}

TEST_F(MtnMomoTest, AReferenceBecomesOneUuidOfVersionFour) {
  const std::string uuid = uuid_of("0000010000a0000001b01");
  EXPECT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_EQ(uuid, uuid_of("0000010000a0000001b01"));
  EXPECT_NE(uuid, uuid_of("0000010000a0000001b02"));
}

TEST_F(MtnMomoTest, SortsAnswersToACreateByWhatTheyProve) {
  struct Row {
    int status;
    const char* body;
    const char* heard;
  };
  const Row rows[] = {
      {202, "", "wait"},
      {400, "", "failed CONFIGURATION"},
      {403, R"({"statusCode":403,"message":"FORBIDDEN IP"})", "failed CONFIGURATION"},
      {404, R"({"statusCode":404,"message":"Resource not found"})", "failed CONFIGURATION"},
      {500, R"({"code":"INVALID_CURRENCY","message":"Currency not supported."})", "failed CONFIGURATION"},
      {500, R"({"code":"NOT_ALLOWED","message":""})", "failed CONFIGURATION"},
      {500, R"({"code":"NOT_ALLOWED_TARGET_ENVIRONMENT","message":""})", "failed CONFIGURATION"},
      {500, R"({"code":"INVALID_CALLBACK_URL_HOST","message":""})", "failed CONFIGURATION"},
      {500, R"({"code":"INTERNAL_PROCESSING_ERROR","message":""})", "unknown"},
      {500, "<html>oops</html>", "unknown"},
      {502, "", "unknown"},
      {503, R"({"code":"SERVICE_UNAVAILABLE"})", "unknown"},
      {429, R"({"statusCode":429,"message":"Rate limit is exceeded."})", "unknown"},
      {302, "", "unknown"},
  };
  for (const Row& row : rows) EXPECT_EQ(collect_heard(row.status, row.body), row.heard) << row.status << row.body;
}

TEST_F(MtnMomoTest, SortsAnswersToAQuestion) {
  struct Row {
    int status;
    const char* body;
    const char* heard;
  };
  const Row rows[] = {
      {200, R"({"status":"PENDING","amount":"12.5","currency":"GHS"})", "wait"},
      {200, R"({"status":"CREATED"})", "wait"},
      {200, R"({"status":"SOMETHING NEW"})", "wait"},
      {200, R"({"status":"SUCCESSFUL","amount":"12.5","currency":"GHS","financialTransactionId":"23503452"})",
       "succeeded 12.5 GHS"},
      {200, R"({"status":"SUCCESSFUL","amount":"12.50","currency":"GHS"})", "succeeded 12.5 GHS"},
      {200, R"({"status":"SUCCESSFUL","amount":12.500,"currency":"GHS"})", "succeeded 12.5 GHS"},
      {200, R"({"status":"SUCCESSFUL","amount":"12","currency":"EUR"})", "succeeded 12 EUR"},
      {200, R"({"status":"SUCCESSFUL","currency":"GHS"})", "unknown"},
      {200, R"({"status":"SUCCESSFUL","amount":"12.505","currency":"GHS"})", "unknown"},
      {200, R"({"status":"FAILED","reason":"NOT_ENOUGH_FUNDS"})", "failed NOT_ENOUGH_FUNDS"},
      {200, R"({"status":"FAILED","reason":{"code":"APPROVAL_REJECTED","message":"no"}})", "failed APPROVAL_REJECTED"},
      {200, R"({"status":"FAILED"})", "failed DECLINED"},
      {200, R"({"status":"FAILED","reason":"NEVER HEARD OF"})", "failed NEVER HEARD OF"},
      {200, R"({"status":"PENDING","status":"FAILED","reason":"EXPIRED"})", "failed EXPIRED"},
      {200, R"({"amount":"12.5"})", "unknown"},
      {200, "<html>", "unknown"},
      {200, "", "unknown"},
      {200, R"({"status":"SUCC)", "unknown"},
      {404, R"({"code":"RESOURCE_NOT_FOUND","message":"Requested resource was not found."})", "not found"},
      {404, R"({"statusCode":404,"message":"Resource not found"})", "unknown"},
      {400, "", "unknown"},
      {429, "", "unknown"},
      {500, "", "unknown"},
  };
  for (const Row& row : rows) EXPECT_EQ(query_heard(row.status, row.body), row.heard) << row.status << row.body;
}

TEST_F(MtnMomoTest, ATakenReferenceIsAskedFor) {
  rail.answer(200, std::string(token));
  rail.answer(409, R"({"code":"RESOURCE_ALREADY_EXIST","message":"Duplicated reference id."})");
  rail.answer(200, R"({"status":"SUCCESSFUL","amount":"12.5","currency":"GHS"})");
  MtnMomo mtn(rail.tools(), options());
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "succeeded 12.5 GHS");
  rail.answer(409, "");
  rail.answer(404, R"({"code":"RESOURCE_NOT_FOUND"})");
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "unknown");
}

TEST_F(MtnMomoTest, ATokenThatIsNotTakenIsRenewedOnce) {
  rail.answer(200, std::string(token));
  rail.answer(401, R"({"statusCode":401,"message":"Access denied"})");
  rail.answer(200, R"({"access_token":"second","expires_in":3600})");
  rail.answer(202, "");
  MtnMomo mtn(rail.tools(), options());
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "wait");
  EXPECT_EQ(rail.last().headers.get("Authorization"), "Bearer second");
  EXPECT_EQ(rail.asked[1].headers.get("X-Reference-Id"), rail.asked[3].headers.get("X-Reference-Id"));
  rail.answer(401, "");
  rail.answer(200, std::string(token));
  rail.answer(401, "");
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "failed CONFIGURATION");
}

TEST_F(MtnMomoTest, WithoutATokenNothingIsSent) {
  MtnMomo mtn(rail.tools(), options());
  rail.answer(503, "");
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "not sent");
  // Nor is the token asked for again at once.
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "not sent");
  EXPECT_EQ(rail.asked.size(), 1U);
  rail.run([](Clock& clock) -> Task<int> {
    co_await clock.sleep(seconds(2));
    co_return 0;
  }(rail.clock));
  rail.answer(200, std::string(token));
  rail.answer(202, "");
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "wait");
}

TEST_F(MtnMomoTest, SilenceIsUnknownAndRefusedConnectionsAreNotSent) {
  MtnMomo mtn(rail.tools(), options());
  rail.answer(200, std::string(token));
  rail.answer_half();
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "unknown");
  rail.network.set_fault(rail.at, Fault::refuse);
  EXPECT_EQ(in_words(rail.run(mtn.collect(order()))), "not sent");
}

TEST_F(MtnMomoTest, ACallbackSaysWhoAndNotWhat) {
  const MtnMomo mtn(rail.tools(), options());
  http::Request request{.method = "PUT", .body = R"({"externalId":"0000010000a0000001b01","status":"SUCCESSFUL"})"};
  auto news = mtn.read_callback(request, "0000010000a0000001b01");
  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->claim, Claim::succeeded);
  // Somebody else's, or nothing readable: a reason to ask, no more.
  request.body = R"({"externalId":"0000010000a0000001b02","status":"FAILED"})";
  EXPECT_EQ(mtn.read_callback(request, "0000010000a0000001b01")->claim, Claim::nothing);
  request.body = "garbage";
  EXPECT_EQ(mtn.read_callback(request, "0000010000a0000001b01")->claim, Claim::nothing);
  EXPECT_EQ(mtn.read_callback(request, "").error().code, ErrorCode::not_found);
}

TEST_F(MtnMomoTest, KnowsWhoOwnsAWalletAndWhatItHolds) {
  MtnMomo mtn(rail.tools(), options());
  const Payee payee{.wallet = *PhoneNumber::parse("0244123456"), .network = "mtn"};
  rail.answer(200, std::string(token));
  rail.answer(200, R"({"result":true})");
  rail.answer(200, R"({"given_name":"Ama","family_name":"Mensah"})");
  const auto holder = rail.run(mtn.look_up(payee));
  ASSERT_TRUE(holder.has_value());
  EXPECT_TRUE(holder->active);
  EXPECT_EQ(holder->name, "Ama Mensah");
  rail.answer(200, "true");
  rail.answer(500, "");
  EXPECT_TRUE(rail.run(mtn.look_up(payee))->active);
  rail.answer(404, "");
  EXPECT_EQ(rail.run(mtn.look_up(payee)).error().code, ErrorCode::not_found);
  rail.answer(200, R"({"availableBalance":"1000.5","currency":"GHS"})");
  EXPECT_EQ(rail.run(mtn.balance(Currency::ghs()))->to_decimal(), "1000.5");
}

TEST_F(MtnMomoTest, NoKeyTokenOrNumberIsInTheLog) {
  rail.answer(200, std::string(token));
  rail.answer(202, "");
  MtnMomo mtn(rail.tools(), options());
  rail.run(mtn.collect(order()));
  ASSERT_FALSE(rail.lines.empty());
  for (const std::string& line : rail.lines) {
    for (const char* secret : {"secret-token", "subscription\"", "dXNlcjprZXk", "233244123456", "0244123456"})
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
  }
}

TEST_F(MtnMomoTest, ServesWhatItHasKeysFor) {
  Options collections = options();
  collections.disbursement.reset();
  const MtnMomo mtn(rail.tools(), collections);
  EXPECT_TRUE(mtn.serves({.mode = Mode::live}));
  EXPECT_TRUE(mtn.serves({.mode = Mode::live, .network = "mtn"}));
  EXPECT_FALSE(mtn.serves({.mode = Mode::test}));
  EXPECT_FALSE(mtn.serves({.mode = Mode::live, .network = "telecel"}));
  EXPECT_FALSE(mtn.serves({.mode = Mode::live, .channel = Channel::card}));
  EXPECT_FALSE(mtn.serves({.mode = Mode::live, .kind = OrderKind::payout}));
  EXPECT_FALSE(mtn.serves({.mode = Mode::live, .currency = *Currency::parse("EUR")}));
  EXPECT_FALSE(mtn.capabilities().refunds);
}

}  // namespace
}  // namespace epay::rails::mtn_momo
