#include "rails/mpgs/mpgs.h"

#include <gtest/gtest.h>

#include "rails/mpgs/replies.h"
#include "simulation/scripted_rail.h"

namespace epay::rails::mpgs {
namespace {

using simulation::in_words;
using Fault = simulation::SimNetwork::Fault;

constexpr std::string_view our_reference = "0000010000a0000001b01";
constexpr std::string_view page = "redirect http://rail.example/checkout/pay/SESSION0001?checkoutVersion=1.0.0";
constexpr std::string_view session = R"({"checkoutMode":"WEBSITE","merchant":"TESTEPAY","result":"SUCCESS",)"
                                     R"("session":{"id":"SESSION0001","updateStatus":"SUCCESS","version":"e1"},)"
                                     R"("successIndicator":"f00"})";
constexpr std::string_view unknown_order =
    R"({"error":{"cause":"INVALID_REQUEST","explanation":"Unable to find order, or transaction 0000010000a0000001b01"},)"
    R"("result":"ERROR"})";

// An order with what was tried for it: "PAYMENT FAILURE DECLINED, PAYMENT SUCCESS APPROVED".
std::string order_json(std::string_view result, std::string_view status, std::string_view tried = "") {
  std::string json = R"({"id":"0000010000a0000001b01","currency":"GHS","amount":12.5,"result":")" +
                     std::string(result) + R"(","status":")" + std::string(status) + R"(","totalCapturedAmount":)" +
                     (status == "CAPTURED" ? "12.50" : "0") + R"(,"transaction":[)";
  while (!tried.empty()) {
    const std::size_t comma = std::min(tried.find(", "), tried.size());
    std::string_view one = tried.substr(0, comma);
    tried.remove_prefix(std::min(comma + 2, tried.size()));
    const std::size_t first = one.find(' '), second = one.rfind(' ');
    if (json.ends_with('}')) json += ',';
    json += R"({"result":")" + std::string(one.substr(first + 1, second - first - 1)) +
            R"(","response":{"gatewayCode":")" + std::string(one.substr(second + 1)) +
            R"("},"transaction":{"id":"1","type":")" + std::string(one.substr(0, first)) +
            R"(","receipt":"412300000001"}})";
  }
  return json + "]}";
}

class MpgsTest : public testing::Test {
 protected:
  static Options options() {
    return {.mode = Mode::test,
            .url = "http://rail.example",
            .version = 100,
            .merchant_id = "TESTEPAY",
            .password = Secret("key"),
            .display_name = "Epay",
            .currencies = {Currency::ghs()}};
  }
  Order order(OrderKind kind = OrderKind::collect) const {
    Order order{.kind = kind,
                .merchant = {1},
                .reference = std::string(our_reference),
                .channel = Channel::card,
                .amount = {1250, Currency::ghs()},
                .description = "Ama's order",
                .origin = "https://pay.example.com",
                .return_url = "https://pay.example.com/c/abc/1",
                .created_at = rail.clock.now(),
                .expires_at = rail.clock.now() + minutes(10)};
    if (kind == OrderKind::refund) order.original = {"0000010000a0000000a01", "412300000001", {1250, Currency::ghs()}};
    return order;
  }
  // As asked `age` after it began, with a session that is known.
  Order old_order(microseconds age) const {
    Order old = order();
    old.rail_id = "SESSION0001";
    old.created_at = rail.clock.now() - age;
    old.expires_at = old.created_at + minutes(10);
    return old;
  }
  std::string collect_heard(int status, std::string body) {
    rail.answer(status, std::move(body));
    rail.answer(400, std::string(unknown_order));
    Mpgs mpgs(rail.tools(), options());
    std::string heard = in_words(rail.run(mpgs.collect(order())));
    rail.answers.clear();
    return heard;
  }
  std::string query_heard(int status, std::string body, const Order& asked) {
    rail.answer(status, std::move(body));
    Mpgs mpgs(rail.tools(), options());
    return in_words(rail.run(mpgs.query(asked)));
  }

  simulation::ScriptedRail rail;
};

struct Row {
  int status;
  std::string body;
  const char* heard;
};

TEST_F(MpgsTest, OpensASessionAndSendsTheCustomerToItsPage) {
  rail.answer(201, std::string(session));
  Mpgs mpgs(rail.tools(), options());
  const Reply reply = rail.run(mpgs.collect(order()));
  EXPECT_EQ(in_words(reply), page);
  EXPECT_EQ(std::get<Pending>(reply).rail_id, "SESSION0001");
  const http::Request& asked = rail.last();
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.path, "/api/rest/version/100/merchant/TESTEPAY/session");
  EXPECT_EQ(asked.headers.get("Authorization"), "Basic bWVyY2hhbnQuVEVTVEVQQVk6a2V5");
  EXPECT_EQ(asked.body,
            R"({"apiOperation":"INITIATE_CHECKOUT","interaction":{"operation":"PURCHASE","merchant":{"name":"Epay"},)"
            R"("timeout":570,"returnUrl":"https://pay.example.com/c/abc/1",)"
            R"("cancelUrl":"https://pay.example.com/c/abc/1","timeoutUrl":"https://pay.example.com/c/abc/1"},)"
            R"("order":{"id":"0000010000a0000001b01","amount":"12.50","currency":"GHS","description":"Amas order",)"
            R"("notificationUrl":")" +
                rail.tokens.address("https://pay.example.com", "mpgs", our_reference) + R"("}})");
}

TEST_F(MpgsTest, AsksForASessionAsTheVersionHasItAndNeverForAMomentOnly) {
  Options old = options();
  old.version = 62;
  old.callbacks = false;
  Mpgs mpgs(rail.tools(), old);
  Order late = order();
  late.expires_at = rail.clock.now() + seconds(20);
  late.return_url.clear();
  rail.answer(201, std::string(session));
  EXPECT_EQ(in_words(rail.run(mpgs.collect(late))), "redirect http://rail.example/checkout/entry/SESSION0001");
  EXPECT_EQ(rail.last().path, "/api/rest/version/62/merchant/TESTEPAY/session");
  EXPECT_EQ(rail.last().body,
            R"({"apiOperation":"CREATE_CHECKOUT_SESSION","interaction":{"operation":"PURCHASE",)"
            R"("merchant":{"name":"Epay"},"timeout":60},"order":{"id":"0000010000a0000001b01","amount":"12.50",)"
            R"("currency":"GHS","description":"Amas order"}})");
}

TEST_F(MpgsTest, SortsAnswersToASessionByWhatTheyProve) {
  const Row rows[] = {
      {201, std::string(session), page.data()},
      {200, std::string(session), page.data()},
      {400, R"({"error":{"cause":"INVALID_REQUEST","field":"order.amount"},"result":"ERROR"})", "failed CONFIGURATION"},
      {400, R"({"error":{"cause":"REQUEST_REJECTED"},"result":"ERROR"})", "failed CONFIGURATION"},
      {401, R"({"error":{"cause":"INVALID_REQUEST","explanation":"Invalid credentials."}})", "failed CONFIGURATION"},
      {403, "", "failed CONFIGURATION"},
      {404, "", "failed CONFIGURATION"},
      {400, R"({"error":{"cause":"SERVER_BUSY"},"result":"ERROR"})", "unknown"},
      {500, R"({"error":{"cause":"SERVER_FAILED"},"result":"ERROR"})", "unknown"},
      {503, R"({"error":{"cause":"SERVER_BUSY"},"result":"ERROR"})", "unknown"},
      {429, "", "unknown"},
      {201, R"({"result":"SUCCESS"})", "unknown"},
      {201, R"({"result":"ERROR","session":{"id":"SESSION0001"}})", "unknown"},
      {201, "", "unknown"},
      {201, R"({"result":"SUCCESS","session":{"id":"SESS)", "unknown"},
      {502, "<html>", "unknown"},
  };
  for (const Row& row : rows) EXPECT_EQ(collect_heard(row.status, row.body), row.heard) << row.status << row.body;
}

TEST_F(MpgsTest, ASessionForAnOrderThatStandsAlreadyFindsIt) {
  Mpgs mpgs(rail.tools(), options());
  const std::string refused = R"({"error":{"cause":"REQUEST_REJECTED"},"result":"ERROR"})";
  rail.answer(400, refused);
  rail.answer(200, order_json("SUCCESS", "CAPTURED", "PAYMENT SUCCESS APPROVED"));
  EXPECT_EQ(in_words(rail.run(mpgs.collect(order()))), "succeeded 12.5 GHS");
  rail.answer(400, refused);
  rail.answer(503, "");
  EXPECT_EQ(in_words(rail.run(mpgs.collect(order()))), "unknown");
}

TEST_F(MpgsTest, OnlyWhatIsCapturedIsPaid) {
  const Row rows[] = {
      {200, order_json("SUCCESS", "CAPTURED", "PAYMENT SUCCESS APPROVED"), "succeeded 12.5 GHS"},
      {200, order_json("SUCCESS", "CAPTURED", "PAYMENT FAILURE DECLINED, PAYMENT SUCCESS APPROVED"),
       "succeeded 12.5 GHS"},
      // As much as was captured, not as was asked for.
      {200, R"({"result":"SUCCESS","status":"CAPTURED","currency":"USD","amount":"12.50","totalCapturedAmount":"1"})",
       "succeeded 1 USD"},
      {200, R"({"result":"SUCCESS","status":"CAPTURED","currency":"GHS","amount":12.5})", "unknown"},
      {200, R"({"result":"SUCCESS","status":"CAPTURED","totalCapturedAmount":12.5})", "unknown"},
      {200, R"({"id":"another","result":"SUCCESS","status":"CAPTURED","currency":"GHS","totalCapturedAmount":12.5})",
       "unknown"},
      {200, order_json("PENDING", "CAPTURED"), "wait"},
      {200, order_json("SUCCESS", "AUTHORIZED", "AUTHORIZATION SUCCESS APPROVED"), "wait"},
      {200, order_json("SUCCESS", "PARTIALLY_CAPTURED", "CAPTURE SUCCESS APPROVED"), "wait"},
      {200, order_json("SUCCESS", "REFUNDED", "PAYMENT SUCCESS APPROVED, REFUND SUCCESS APPROVED"), "wait"},
      {200, order_json("UNKNOWN", "INITIATED", "PAYMENT UNKNOWN TIMED_OUT"), "wait"},
      {200, order_json("PENDING", "INITIATED", "PAYMENT PENDING PENDING"), "wait"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE TIMED_OUT"), "wait"},
      {200, order_json("SUCCESS", "AUTHENTICATED", "AUTHENTICATION SUCCESS APPROVED"), page.data()},
      {200, R"({"result":"SUCCESS"})", "unknown"},
      {200, "", "unknown"},
      {200, "<html>", "unknown"},
      {200, R"({"status":"CAPT)", "unknown"},
      {400, std::string(unknown_order), page.data()},
      {400, R"({"error":{"cause":"INVALID_REQUEST","explanation":"Something else"}})", "unknown"},
      {404, "", "unknown"},
      {500, order_json("SUCCESS", "CAPTURED"), "unknown"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(query_heard(row.status, row.body, old_order(minutes(1))), row.heard) << row.status << row.body;
  EXPECT_EQ(rail.last().path, "/api/rest/version/100/merchant/TESTEPAY/order/0000010000a0000001b01");
}

TEST_F(MpgsTest, TheReceiptOfTheCardThatPaidIsKept) {
  rail.answer(200, order_json("SUCCESS", "CAPTURED", "PAYMENT FAILURE DECLINED, PAYMENT SUCCESS APPROVED"));
  Mpgs mpgs(rail.tools(), options());
  const Reply reply = rail.run(mpgs.query(old_order(minutes(1))));
  EXPECT_EQ(std::get<Succeeded>(reply).rail_id, "412300000001");
}

TEST_F(MpgsTest, ADeclinedCardIsNoEndWhileTheSessionLives) {
  const std::string declined = order_json("FAILURE", "FAILED",
                                          "AUTHENTICATION SUCCESS APPROVED, "
                                          "PAYMENT FAILURE DECLINED, "
                                          "PAYMENT FAILURE INSUFFICIENT_FUNDS");
  const microseconds end = minutes(10) + end_of_session_grace;
  EXPECT_EQ(query_heard(200, declined, old_order(minutes(1))), page);
  EXPECT_EQ(query_heard(200, declined, old_order(minutes(11))), page);
  EXPECT_EQ(query_heard(200, declined, old_order(end - seconds(1))), page);
  // The last card is the one that the customer remembers.
  EXPECT_EQ(query_heard(200, declined, old_order(end)), "failed NOT_ENOUGH_FUNDS");
}

TEST_F(MpgsTest, AfterTheSessionAnOrderHasFailedWhereNothingIsUndecided) {
  const Row rows[] = {
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE DECLINED"), "failed CARD_DECLINED"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE EXPIRED_CARD"), "failed CARD_DECLINED"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE BLOCKED"), "failed NOT_ALLOWED"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE ACQUIRER_SYSTEM_ERROR"), "failed SERVICE_UNAVAILABLE"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE UNSPECIFIED_FAILURE"), "failed DECLINED"},
      {200, order_json("SUCCESS", "AUTHENTICATION_INITIATED", "AUTHENTICATION PENDING PENDING"), "failed EXPIRED"},
      {200, order_json("FAILURE", "AUTHENTICATION_UNSUCCESSFUL", "AUTHENTICATION FAILURE DECLINED"), "failed EXPIRED"},
      {400, std::string(unknown_order), "failed EXPIRED"},
      {200, order_json("SUCCESS", "CAPTURED", "PAYMENT SUCCESS APPROVED"), "succeeded 12.5 GHS"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE DECLINED, PAYMENT UNKNOWN TIMED_OUT"), "wait"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE TIMED_OUT"), "wait"},
      {200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE UNKNOWN"), "wait"},
      {200, order_json("PENDING", "INITIATED", "PAYMENT PENDING PENDING"), "wait"},
      {200, order_json("SUCCESS", "AUTHORIZED", "AUTHORIZATION SUCCESS APPROVED"), "wait"},
      {200, R"({"result":"FAILURE","status":"FAILED"})", "wait"},
      {500, "", "unknown"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(query_heard(row.status, row.body, old_order(hours(1))), row.heard) << row.status << row.body;
}

TEST_F(MpgsTest, AnOrderWithoutAKnownSessionIsNotFound) {
  Order sessionless = order();
  EXPECT_EQ(query_heard(400, std::string(unknown_order), sessionless), "not found");
  EXPECT_EQ(query_heard(200, order_json("FAILURE", "FAILED", "PAYMENT FAILURE DECLINED"), sessionless), "wait");
}

TEST_F(MpgsTest, ARefundIsATransactionUnderOurReference) {
  Mpgs mpgs(rail.tools(), options());
  const auto transaction = [](std::string_view result, std::string_view code) {
    return R"({"order":{"id":"0000010000a0000000a01"},"result":")" + std::string(result) +
           R"(","response":{"gatewayCode":")" + std::string(code) +
           R"("},"transaction":{"id":"0000010000a0000001b01","type":"REFUND","amount":12.5,"currency":"GHS"}})";
  };
  rail.answer(201, transaction("SUCCESS", "APPROVED"));
  EXPECT_EQ(in_words(rail.run(mpgs.refund(order(OrderKind::refund)))), "succeeded 12.5 GHS");
  EXPECT_EQ(rail.last().method, "PUT");
  EXPECT_EQ(rail.last().path,
            "/api/rest/version/100/merchant/TESTEPAY/order/0000010000a0000000a01/transaction/0000010000a0000001b01");
  EXPECT_EQ(rail.last().body, R"({"apiOperation":"REFUND","transaction":{"amount":"12.50","currency":"GHS"}})");
  const Row rows[] = {
      {200, transaction("SUCCESS", "APPROVED"), "succeeded 12.5 GHS"},
      {201, transaction("FAILURE", "DECLINED"), "failed CARD_DECLINED"},
      {201, transaction("FAILURE", "TIMED_OUT"), "wait"},
      {201, transaction("UNKNOWN", "UNKNOWN"), "wait"},
      {201, transaction("PENDING", "PENDING"), "wait"},
      {201, order_json("SUCCESS", "CAPTURED"), "unknown"},
      {201, R"({"result":"SUCCESS","transaction":{"id":"2","type":"REFUND","amount":1,"currency":"GHS"}})", "unknown"},
      {201, R"({"result":"SUCCESS","transaction":{"id":"0000010000a0000001b01","type":"PAYMENT"}})", "unknown"},
      {401, "", "failed CONFIGURATION"},
      {500, "", "unknown"},
      {201, "", "unknown"},
  };
  for (const Row& row : rows) {
    rail.answer(row.status, row.body);
    EXPECT_EQ(in_words(rail.run(mpgs.refund(order(OrderKind::refund)))), row.heard) << row.status << row.body;
  }
}

TEST_F(MpgsTest, ARefundThatIsRefusedIsLookedForFirst) {
  Mpgs mpgs(rail.tools(), options());
  const std::string refused = R"({"error":{"cause":"INVALID_REQUEST","explanation":"Exceeds"},"result":"ERROR"})";
  const std::string stands = R"({"result":"SUCCESS","transaction":{"id":"0000010000a0000001b01","type":"REFUND",)"
                             R"("amount":"12.50","currency":"GHS"}})";
  rail.answer(400, refused);
  rail.answer(200, stands);
  EXPECT_EQ(in_words(rail.run(mpgs.refund(order(OrderKind::refund)))), "succeeded 12.5 GHS");
  EXPECT_EQ(rail.last().method, "GET");
  rail.answer(400, refused);
  rail.answer(400, std::string(unknown_order));
  EXPECT_EQ(in_words(rail.run(mpgs.refund(order(OrderKind::refund)))), "failed CONFIGURATION");
  rail.answer(400, refused);
  rail.answer(500, "");
  EXPECT_EQ(in_words(rail.run(mpgs.refund(order(OrderKind::refund)))), "unknown");
}

TEST_F(MpgsTest, SortsAnswersToAQuestionAboutARefund) {
  const Row rows[] = {
      {400, std::string(unknown_order), "not found"},
      {400, R"({"error":{"cause":"INVALID_REQUEST","explanation":"Unable to find transaction."}})", "not found"},
      // That the question is refused is no proof about the refund.
      {400, R"({"error":{"cause":"INVALID_REQUEST","explanation":"Value is invalid"}})", "unknown"},
      {401, "", "unknown"},
      {500, "", "unknown"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(query_heard(row.status, row.body, order(OrderKind::refund)), row.heard) << row.status << row.body;
}

TEST_F(MpgsTest, SilenceIsUnknownAndRefusedConnectionsAreNotSent) {
  Mpgs mpgs(rail.tools(), options());
  rail.answer_half();
  EXPECT_EQ(in_words(rail.run(mpgs.collect(order()))), "unknown");
  rail.answer_half();
  EXPECT_EQ(in_words(rail.run(mpgs.refund(order(OrderKind::refund)))), "unknown");
  rail.network.set_fault(rail.at, Fault::refuse);
  EXPECT_EQ(in_words(rail.run(mpgs.collect(order()))), "not sent");
}

std::string notification(std::string_view type, std::string_view result, std::string_view code) {
  return R"({"order":{"id":"0000010000a0000001b01"},"result":")" + std::string(result) +
         R"(","response":{"gatewayCode":")" + std::string(code) + R"("},"transaction":{"id":"1","type":")" +
         std::string(type) + R"("}})";
}

TEST_F(MpgsTest, ANotificationClaimsOnlyWhatIsAnEnd) {
  const Mpgs mpgs(rail.tools(), options());
  const auto claim = [&](std::string body) {
    return mpgs.read_callback({.method = "POST", .body = std::move(body)}, our_reference)->claim;
  };
  EXPECT_EQ(claim(notification("PAYMENT", "SUCCESS", "APPROVED")), Claim::succeeded);
  // 3-D Secure's own is no payment; a declined card may be followed by another.
  EXPECT_EQ(claim(notification("AUTHENTICATION", "SUCCESS", "APPROVED")), Claim::nothing);
  EXPECT_EQ(claim(notification("PAYMENT", "FAILURE", "DECLINED")), Claim::nothing);
  EXPECT_EQ(claim(R"({"order":{"id":"another"},"result":"SUCCESS","transaction":{"type":"PAYMENT"}})"), Claim::nothing);
  EXPECT_EQ(claim("garbage"), Claim::nothing);
}

TEST_F(MpgsTest, ANotificationOfARefundIsAboutTheRefund) {
  const Mpgs mpgs(rail.tools(), options());
  const auto news = mpgs.read_callback({.method = "POST",
                                        .body = R"({"order":{"id":"0000010000a0000001b01"},"result":"SUCCESS",)"
                                                R"("transaction":{"id":"0000010000a0000009b01","type":"REFUND"}})"},
                                       our_reference);
  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->reference, "0000010000a0000009b01");
  EXPECT_EQ(news->claim, Claim::succeeded);
}

TEST_F(MpgsTest, NotificationsCarryTheSecretWhereThereIsOne) {
  Options with_secret = options();
  with_secret.notification_secret = Secret("0123456789ABCDEF");
  const Mpgs mpgs(rail.tools(), with_secret);
  http::Request request{.method = "POST", .body = notification("PAYMENT", "SUCCESS", "APPROVED")};
  for (const std::string_view reference : {our_reference, std::string_view("")})
    EXPECT_EQ(mpgs.read_callback(request, reference).error().code, ErrorCode::unauthenticated);
  request.headers.add("X-Notification-Secret", "0123456789abcdef");
  EXPECT_EQ(mpgs.read_callback(request, "").error().code, ErrorCode::unauthenticated);
  request.headers = {};
  request.headers.add("X-Notification-Secret", "0123456789ABCDEF");
  for (const std::string_view reference : {our_reference, std::string_view("")}) {
    const auto news = mpgs.read_callback(request, reference);
    ASSERT_TRUE(news.has_value());
    EXPECT_EQ(news->reference, our_reference);
    EXPECT_EQ(news->claim, Claim::succeeded);
  }
  request.body = "garbage";
  EXPECT_EQ(mpgs.read_callback(request, "").error().code, ErrorCode::invalid);
  // Without a secret anybody could call the address that all know.
  const Mpgs open(rail.tools(), options());
  EXPECT_EQ(open.read_callback(request, "").error().code, ErrorCode::not_found);
}

TEST_F(MpgsTest, ServesCardsInItsCurrencies) {
  Options two = options();
  two.currencies.push_back(*Currency::parse("USD"));
  const Mpgs mpgs(rail.tools(), two);
  EXPECT_TRUE(mpgs.serves({.channel = Channel::card}));
  EXPECT_TRUE(mpgs.serves({.channel = Channel::card, .currency = *Currency::parse("USD")}));
  EXPECT_TRUE(mpgs.serves({.kind = OrderKind::refund, .channel = Channel::card}));
  EXPECT_FALSE(mpgs.serves({.channel = Channel::card, .currency = *Currency::parse("EUR")}));
  EXPECT_FALSE(mpgs.serves({.channel = Channel::momo}));
  EXPECT_FALSE(mpgs.serves({.kind = OrderKind::payout, .channel = Channel::card}));
  EXPECT_FALSE(mpgs.serves({.mode = Mode::live, .channel = Channel::card}));
}

TEST_F(MpgsTest, NoPasswordIsInTheLog) {
  Mpgs mpgs(rail.tools(), options());
  rail.answer(201, std::string(session));
  rail.run(mpgs.collect(order()));
  ASSERT_FALSE(rail.lines.empty());
  for (const std::string& line : rail.lines) {
    for (const char* secret : {"bWVyY2hhbnQ", "\"key\"", "f00"})
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
  }
}

TEST(MpgsOptions, AreReadWithWhatIsUsual) {
  std::vector<std::string> problems;
  const auto read = [&](std::string_view text) {
    const auto json = http::Json::parse(text);
    Settings settings(*json, "rails[0]", problems);
    Options options = read_options(settings);
    settings.end();
    return options;
  };
  Options options = read(R"({"mode":"test","url":"https://test-gateway.mastercard.com/","merchant_id":"TESTEPAY",)"
                         R"("password":"p","display_name":"Epay"})");
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(options.url, "https://test-gateway.mastercard.com");
  EXPECT_EQ(options.version, 100);
  EXPECT_EQ(options.currencies, std::vector{Currency::ghs()});
  EXPECT_FALSE(options.notification_secret.has_value());
  read(R"({"mode":"test","url":"https://a.example","merchant_id":"M","password":"p","display_name":"E",)"
       R"("version":51,"currencies":["GHS","cedis"]})");
  EXPECT_EQ(problems, (std::vector<std::string>{"rails[0].version: must be a whole number from 52 to 999",
                                                "rails[0].currencies: must be ISO 4217 codes such as GHS"}));
}

}  // namespace
}  // namespace epay::rails::mpgs
