#include "rails/hubtel/hubtel.h"

#include <gtest/gtest.h>

#include "rails/hubtel/replies.h"
#include "simulation/scripted_rail.h"

namespace epay::rails::hubtel {
namespace {

using simulation::in_words;
using Fault = simulation::SimNetwork::Fault;

constexpr std::string_view base = "http://rail.example";
constexpr std::string_view our_reference = "0000010000a0000001b01";

class HubtelTest : public testing::Test {
 protected:
  static Options options() {
    const std::string url(base);
    return {.mode = Mode::live,
            .api_id = "user",
            .api_key = Secret("key"),
            .pos_sales_id = "11684",
            .prepaid_account = "2017174",
            .addresses = {url, url, url, url, url + "/v2", url, url}};
  }
  Order order(OrderKind kind = OrderKind::collect) const {
    Order order{.kind = kind,
                .merchant = {1},
                .reference = std::string(our_reference),
                .wallet = *PhoneNumber::parse("0244123456"),
                .network = "mtn",
                .amount = {1250, Currency::ghs()},
                .description = "Ama's order & more",
                .origin = "https://pay.example.com",
                .created_at = rail.clock.now(),
                .expires_at = rail.clock.now() + minutes(10)};
    if (kind == OrderKind::refund) order.original = {"0000010000a0000000a01", "7fd01221", {1250, Currency::ghs()}};
    return order;
  }
  std::string collect_heard(int status, std::string body) {
    rail.answer(status, std::move(body));
    Hubtel hubtel(rail.tools(), options());
    return in_words(rail.run(hubtel.collect(order())));
  }
  std::string query_heard(int status, std::string body, OrderKind kind = OrderKind::collect) {
    rail.answer(status, std::move(body));
    Hubtel hubtel(rail.tools(), options());
    return in_words(rail.run(hubtel.query(order(kind))));
  }

  simulation::ScriptedRail rail;
};

struct Row {
  int status;
  const char* body;
  const char* heard;
};

TEST_F(HubtelTest, AsksForMoneyAsTheDocumentsSay) {
  rail.answer(200, R"({"Message":"Transaction pending.","ResponseCode":"0001","Data":{"TransactionId":"09f84e20"}})");
  Hubtel hubtel(rail.tools(), options());
  Order wanted = order();
  wanted.name = "Ama Mensah";
  const Reply reply = rail.run(hubtel.collect(wanted));
  EXPECT_EQ(in_words(reply), "wait");
  EXPECT_EQ(std::get<Pending>(reply).rail_id, "09f84e20");
  const http::Request& asked = rail.last();
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.path, "/merchantaccount/merchants/11684/receive/mobilemoney");
  EXPECT_EQ(asked.headers.get("Authorization"), "Basic dXNlcjprZXk=");
  EXPECT_EQ(asked.body, R"({"CustomerName":"Ama Mensah","CustomerMsisdn":"233244123456","Channel":"mtn-gh",)"
                        R"("Amount":12.50,"PrimaryCallbackURL":")" +
                            rail.tokens.address("https://pay.example.com", "hubtel", our_reference) +
                            R"(","Description":"Amas order  more","ClientReference":"0000010000a0000001b01"})");
}

TEST_F(HubtelTest, EachNetworkHasItsChannel) {
  struct Channel {
    const char *network, *channel;
  };
  Hubtel hubtel(rail.tools(), options());
  for (const auto& [network, channel] :
       {Channel{"mtn", "mtn-gh"}, Channel{"telecel", "vodafone-gh"}, Channel{"airteltigo", "tigo-gh"}}) {
    Order wanted = order();
    wanted.network = network;
    rail.answer(200, R"({"ResponseCode":"0001"})");
    EXPECT_EQ(in_words(rail.run(hubtel.collect(wanted))), "wait");
    EXPECT_NE(rail.last().body.find("\"Channel\":\"" + std::string(channel) + "\""), std::string::npos) << network;
  }
  Order wanted = order();
  wanted.network = "glo";
  EXPECT_EQ(in_words(rail.run(hubtel.collect(wanted))), "failed CONFIGURATION");
}

TEST_F(HubtelTest, PaysOutToWalletsAndBanksFromThePrepaidAccount) {
  Hubtel hubtel(rail.tools(), options());
  rail.answer(200, R"({"ResponseCode":"0001","Data":{"TransactionId":"a1"}})");
  EXPECT_EQ(in_words(rail.run(hubtel.pay_out(order(OrderKind::payout)))), "wait");
  EXPECT_EQ(rail.last().path, "/api/merchants/2017174/send/mobilemoney");
  EXPECT_NE(rail.last().body.find(R"("RecipientName":"233244123456","RecipientMsisdn":"233244123456")"),
            std::string::npos);
  Order to_bank = order(OrderKind::payout);
  to_bank.channel = Channel::bank;
  to_bank.wallet.reset();
  to_bank.bank = {"300304", "1441002256080"};
  to_bank.name = "Ama Mensah";
  rail.answer(200, R"({"ResponseCode":"0001"})");
  EXPECT_EQ(in_words(rail.run(hubtel.pay_out(to_bank))), "wait");
  EXPECT_EQ(rail.last().path, "/api/merchants/2017174/send/bank/gh/300304");
  EXPECT_EQ(rail.last().body, R"({"BankAccountNumber":"1441002256080","BankAccountName":"Ama Mensah","Amount":12.50,)"
                              R"("PrimaryCallbackUrl":")" +
                                  rail.tokens.address("https://pay.example.com", "hubtel", our_reference) +
                                  R"(","Description":"Amas order  more","ClientReference":"0000010000a0000001b01"})");
  to_bank.bank.reset();
  EXPECT_EQ(in_words(rail.run(hubtel.pay_out(to_bank))), "failed CONFIGURATION");
}

TEST_F(HubtelTest, SortsAnswersToACreateByWhatTheyProve) {
  const Row rows[] = {
      {200, R"({"ResponseCode":"0001"})", "wait"},
      {200, R"({"responseCode":"0001"})", "wait"},
      // "Processed": whether it was paid the status says.
      {200, R"({"ResponseCode":"0000","Data":{"Amount":12.5}})", "wait"},
      {200, R"({"ResponseCode":"0005","Message":"HTTP failure"})", "unknown"},
      {200, R"({"ResponseCode":"2001","Message":"failed"})", "failed DECLINED"},
      {200, R"({"ResponseCode":"2001","Message":"Insufficient funds or limit"})", "failed NOT_ENOUGH_FUNDS"},
      {200, R"({"ResponseCode":"2001","Message":"counter or balance limits"})", "failed PAYER_LIMIT_REACHED"},
      {200, R"({"ResponseCode":"2001","Message":"Account holder with FRN not found"})", "failed PAYER_NOT_FOUND"},
      {200, R"({"ResponseCode":"2001","Message":"number does not match the channel"})", "failed PAYER_NOT_FOUND"},
      {200, R"({"ResponseCode":"2001","Message":"USSD session timeout"})", "failed EXPIRED"},
      {200, R"({"ResponseCode":"2001","Message":"Wrong PIN"})", "failed APPROVAL_REJECTED"},
      {400, R"({"ResponseCode":"2001","Data":{"Description":"Wrong PIN"}})", "failed APPROVAL_REJECTED"},
      {200, R"({"ResponseCode":"2152","Message":"old words"})", "failed DECLINED"},
      {400, R"({"ResponseCode":"4000","Message":"Validation"})", "failed CONFIGURATION"},
      {200, R"({"ResponseCode":"4070","Message":"Fees are not set"})", "failed CONFIGURATION"},
      {403, R"({"ResponseCode":"4101","Message":"scope"})", "failed CONFIGURATION"},
      {200, R"({"ResponseCode":"4103","Message":"channel"})", "failed CONFIGURATION"},
      {400, "", "failed CONFIGURATION"},
      {401, "", "failed CONFIGURATION"},
      {403, "<html>Forbidden</html>", "failed CONFIGURATION"},
      {404, "", "failed CONFIGURATION"},
      {429, "", "unknown"},
      {408, "", "unknown"},
      {200, "", "unknown"},
      {200, "{}", "unknown"},
      {200, R"({"ResponseCode":"9999"})", "unknown"},
      {200, R"({"ResponseCode":"00)", "unknown"},
      {500, R"({"ResponseCode":"2001"})", "unknown"},
      {502, "<html>", "unknown"},
      {503, R"({"ResponseCode":"0001"})", "unknown"},
  };
  for (const Row& row : rows) EXPECT_EQ(collect_heard(row.status, row.body), row.heard) << row.status << row.body;
}

TEST_F(HubtelTest, SortsAnswersToAQuestion) {
  const Row rows[] = {
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5,"currencyCode":null}})",
       "succeeded 12.5 GHS"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":"12.50","currencyCode":"GHS"}})",
       "succeeded 12.5 GHS"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":11,"charges":0.02}})", "succeeded 11 GHS"},
      // The customer bore the charges.
      {200,
       R"({"responseCode":"0000","data":{"status":"Paid","amount":12.75,"charges":0.25,)"
       R"("amountAfterCharges":12.5}})",
       "succeeded 12.5 GHS"},
      {200,
       R"({"responseCode":"0000","data":{"status":"Paid","amount":12.75,"charges":0.20,)"
       R"("amountAfterCharges":12.5}})",
       "succeeded 12.75 GHS"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5,"currencyCode":"USD"}})",
       "succeeded 12.5 USD"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid"}})", "unknown"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.505}})", "unknown"},
      // 0000 beside it says that there is an answer, no more.
      {200, R"({"responseCode":"0000","message":"Successful","data":{"status":"Unpaid","amount":12.5}})", "wait"},
      {200, R"({"responseCode":"0000","data":{"status":"Something new"}})", "wait"},
      {200, R"({"responseCode":"0000","data":{"status":"Refunded","amount":12.5}})", "failed DECLINED"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5,"clientReference":"another"}})", "unknown"},
      {200, R"({"responseCode":"0000","data":{"amount":12.5}})", "unknown"},
      {200, R"({"responseCode":"0000","data":null})", "not found"},
      {200, R"({"responseCode":"0000","data":{}})", "not found"},
      {404, R"({"message":"Transaction not found","responseCode":"4040","data":null})", "not found"},
      {404, R"({"statusCode":404,"message":"Resource not found"})", "unknown"},
      {404, "<html>", "unknown"},
      {200, R"({"responseCode":"4000","data":{"status":"Paid","amount":12.5}})", "unknown"},
      {403, "<html>", "unknown"},
      {200, "<html>", "unknown"},
      {200, R"({"responseCode":"0000","data":{"status":"Pai)", "unknown"},
      {500, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5}})", "unknown"},
  };
  for (const Row& row : rows) EXPECT_EQ(query_heard(row.status, row.body), row.heard) << row.status << row.body;
  EXPECT_EQ(rail.last().path, "/transactions/11684/status");
  EXPECT_EQ(rail.last().query_parameter("clientReference"), our_reference);
}

TEST_F(HubtelTest, UnpaidEndsAPaymentWhenNoPromptCanBeOpen) {
  constexpr const char* unpaid = R"({"responseCode":"0000","data":{"status":"Unpaid","amount":12.5}})";
  Hubtel hubtel(rail.tools(), options());
  const auto heard_at_age = [&](microseconds age) {
    Order asked = order();
    asked.created_at = rail.clock.now() - age;
    rail.answer(200, unpaid);
    return in_words(rail.run(hubtel.query(asked)));
  };
  EXPECT_EQ(heard_at_age(minutes(11)), "wait");
  EXPECT_EQ(heard_at_age(unpaid_is_final_after - seconds(1)), "wait");
  EXPECT_EQ(heard_at_age(unpaid_is_final_after + seconds(1)), "failed EXPIRED");
}

TEST_F(HubtelTest, SortsAnswersToAQuestionAboutAPayout) {
  const Row rows[] = {
      {200, R"({"ResponseCode":"success","Data":{"transactionStatus":"success","Amount":12.5}})", "succeeded 12.5 GHS"},
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5}})", "succeeded 12.5 GHS"},
      {200, R"({"ResponseCode":"success","Data":{"transactionStatus":"failed","Amount":12.5}})", "failed DECLINED"},
      {200, R"({"ResponseCode":"success","Data":{"transactionStatus":"pending","Amount":12.5}})", "wait"},
      {200, R"({"responseCode":"0000","data":{"status":"Unpaid","amount":12.5}})", "wait"},
      {200, R"({"responseCode":"0000","data":{"status":"Refunded","amount":12.5}})", "reversed Refunded"},
      {200, R"({"ResponseCode":"success","Data":{"Amount":12.5}})", "unknown"},
      {200, R"({"ResponseCode":"success","Data":null})", "not found"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(query_heard(row.status, row.body, OrderKind::payout), row.heard) << row.status << row.body;
  EXPECT_EQ(rail.last().path, "/api/merchants/2017174/transactions/status");
}

TEST_F(HubtelTest, GivesBackTheWholeOfAPayment) {
  Hubtel hubtel(rail.tools(), options());
  rail.answer(202, R"({"responseCode":"0001","data":{"orderId":"b230"}})");
  const Reply reply = rail.run(hubtel.refund(order(OrderKind::refund)));
  EXPECT_EQ(in_words(reply), "wait");
  EXPECT_EQ(std::get<Pending>(reply).rail_id, "b230");
  EXPECT_EQ(rail.last().path, "/refund/11684/order/7fd01221");
  EXPECT_EQ(rail.last().body,
            R"({"callbackUrl":")" + rail.tokens.address("https://pay.example.com", "hubtel", our_reference) + R"("})");
  const Row rows[] = {
      {423, R"({"responseCode":"4515","message":"being processed"})", "wait"},
      {404, R"({"responseCode":"3000","message":"Could not find order"})", "failed NOT_ALLOWED"},
      {404, R"({"responseCode":"4509","message":"not eligible"})", "failed NOT_ALLOWED"},
      {403, "", "failed CONFIGURATION"},
      {500, "", "unknown"},
  };
  for (const Row& row : rows) {
    rail.answer(row.status, row.body);
    EXPECT_EQ(in_words(rail.run(hubtel.refund(order(OrderKind::refund)))), row.heard) << row.status << row.body;
  }
  const std::size_t asked = rail.asked.size();
  Order half = order(OrderKind::refund);
  half.amount.minor = 600;
  EXPECT_EQ(in_words(rail.run(hubtel.refund(half))), "failed NOT_ALLOWED");
  Order nameless = order(OrderKind::refund);
  nameless.original->rail_id.reset();
  EXPECT_EQ(in_words(rail.run(hubtel.refund(nameless))), "failed CONFIGURATION");
  EXPECT_EQ(rail.asked.size(), asked);
}

TEST_F(HubtelTest, ARefundIsSeenInThePaymentThatItGivesBack) {
  const Row rows[] = {
      {200, R"({"responseCode":"0000","data":{"status":"Refunded","amount":12.5}})", "succeeded 12.5 GHS"},
      // Hubtel has not said that it has it.
      {200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5}})", "not found"},
      {200, R"({"responseCode":"0000","data":{"status":"Unpaid","amount":12.5}})", "unknown"},
      {200, R"({"responseCode":"0000","data":null})", "unknown"},
      {404, R"({"responseCode":"4040","data":null})", "unknown"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(query_heard(row.status, row.body, OrderKind::refund), row.heard) << row.status << row.body;
  EXPECT_EQ(rail.last().query_parameter("clientReference"), "0000010000a0000000a01");
  Order taken = order(OrderKind::refund);
  taken.rail_id = "b230";
  Hubtel hubtel(rail.tools(), options());
  rail.answer(200, R"({"responseCode":"0000","data":{"status":"Paid","amount":12.5}})");
  EXPECT_EQ(in_words(rail.run(hubtel.query(taken))), "wait");
}

TEST_F(HubtelTest, SilenceIsUnknownAndSentOnce) {
  Hubtel hubtel(rail.tools(), options());
  EXPECT_FALSE(hubtel.capabilities().idempotent_by_reference);
  rail.answer(200, R"({"ResponseCode":"0001"})");
  EXPECT_EQ(in_words(rail.run(hubtel.collect(order()))), "wait");
  rail.answer_half();
  EXPECT_EQ(in_words(rail.run(hubtel.collect(order()))), "unknown");
  EXPECT_EQ(rail.asked.size(), 2U);
  rail.network.set_fault(rail.at, Fault::refuse);
  EXPECT_EQ(in_words(rail.run(hubtel.collect(order()))), "not sent");
}

TEST_F(HubtelTest, ACallbackSaysWhoAndNotWhat) {
  const Hubtel hubtel(rail.tools(), options());
  const auto claim = [&](std::string body) {
    const auto news = hubtel.read_callback({.method = "POST", .body = std::move(body)}, our_reference);
    EXPECT_TRUE(news.has_value());
    EXPECT_EQ(news->reference, our_reference);
    return news->claim;
  };
  EXPECT_EQ(claim(R"({"ResponseCode":"0000","Data":{"ClientReference":"0000010000a0000001b01"}})"), Claim::succeeded);
  EXPECT_EQ(claim(R"({"ResponseCode":"2001","Data":{"ClientReference":"0000010000a0000001b01"}})"), Claim::failed);
  EXPECT_EQ(claim(R"({"ResponseCode":"0001","Data":{"ClientReference":"0000010000a0000001b01"}})"), Claim::nothing);
  // Somebody else's, or nothing readable: a reason to ask, no more.
  EXPECT_EQ(claim(R"({"ResponseCode":"0000","Data":{"ClientReference":"0000010000a0000001b02"}})"), Claim::nothing);
  EXPECT_EQ(claim(R"({"ResponseCode":"0000"})"), Claim::nothing);
  EXPECT_EQ(claim("garbage"), Claim::nothing);
  EXPECT_EQ(hubtel.read_callback({.method = "POST"}, "").error().code, ErrorCode::not_found);
}

TEST_F(HubtelTest, KnowsWhoOwnsAnAccountAndWhatItHolds) {
  Hubtel hubtel(rail.tools(), options());
  const Payee wallet{.wallet = *PhoneNumber::parse("0201431586"), .network = "telecel"};
  rail.answer(200, R"({"responseCode":"0000","data":{"isRegistered":true,"name":"JOSEPH ANNOH","status":"active"}})");
  auto holder = rail.run(hubtel.look_up(wallet));
  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->name, "JOSEPH ANNOH");
  EXPECT_TRUE(holder->active);
  EXPECT_EQ(rail.last().path, "/v2/merchantaccount/merchants/11684/mobilemoney/verify");
  EXPECT_EQ(rail.last().query_parameter("channel"), "vodafone-gh");
  EXPECT_EQ(rail.last().query_parameter("customerMsisdn"), "233201431586");
  rail.answer(200, R"({"ResponseCode":"0000","Data":{"IsRegistered":true,"Name":"Ama","Status":"barred"}})");
  EXPECT_FALSE(rail.run(hubtel.look_up(wallet))->active);
  rail.answer(200, R"({"ResponseCode":"0000","Data":{"IsRegistered":false,"Name":null}})");
  EXPECT_EQ(rail.run(hubtel.look_up(wallet)).error().code, ErrorCode::not_found);
  rail.answer(424, R"({"responseCode":"2001","data":null})");
  EXPECT_EQ(rail.run(hubtel.look_up(wallet)).error().code, ErrorCode::unavailable);

  const Payee account{.channel = Channel::bank, .bank = BankAccount{"300312", "144100225608"}};
  rail.answer(200, R"({"responseCode":"0000","data":{"name":"JOHN DOE"}})");
  EXPECT_EQ(rail.run(hubtel.look_up(account))->name, "JOHN DOE");
  EXPECT_EQ(rail.last().path, "/v2/merchantaccount/merchants/11684/bank/verify/300312/144100225608");
  rail.answer(400, R"({"responseCode":"2001","message":"could not verify","data":null})");
  EXPECT_EQ(rail.run(hubtel.look_up(account)).error().code, ErrorCode::not_found);
  rail.answer(403, "");
  EXPECT_EQ(rail.run(hubtel.look_up(account)).error().code, ErrorCode::unavailable);

  rail.answer(200, R"({"responseCode":"0000","data":{"amount":11.50}})");
  EXPECT_EQ(rail.run(hubtel.balance(Currency::ghs()))->to_decimal(), "11.5");
  EXPECT_EQ(rail.last().path, "/api/inter-transfers/prepaid/2017174");
  rail.answer(200, R"({"responseCode":"0000","data":{"amount":0.0}})");
  EXPECT_EQ(rail.run(hubtel.balance(Currency::ghs()))->minor, 0);
  rail.answer(200, R"({"responseCode":"0000","data":null})");
  EXPECT_EQ(rail.run(hubtel.balance(Currency::ghs())).error().code, ErrorCode::unavailable);
}

TEST_F(HubtelTest, NoKeyOrNumberIsInTheLog) {
  Hubtel hubtel(rail.tools(), options());
  rail.answer(200, R"({"ResponseCode":"0001"})");
  rail.run(hubtel.collect(order()));
  rail.answer(200,
              R"({"ResponseCode":"success","Data":{"transactionStatus":"pending","CustomerNumber":"233244123456"}})");
  rail.run(hubtel.query(order(OrderKind::payout)));
  rail.answer(200, R"({"responseCode":"0000","data":{"name":"JOHN DOE"}})");
  rail.run(hubtel.look_up({.channel = Channel::bank, .bank = BankAccount{"300312", "144100225608"}}));
  ASSERT_FALSE(rail.lines.empty());
  for (const std::string& line : rail.lines) {
    for (const char* secret : {"dXNlcjprZXk", "\"key\"", "233244123456", "0244123456", "144100225608"})
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
  }
}

TEST_F(HubtelTest, ServesWhatItHasAccountsFor) {
  const Hubtel both(rail.tools(), options());
  EXPECT_TRUE(both.serves({.mode = Mode::live, .network = "telecel"}));
  EXPECT_TRUE(both.serves({.mode = Mode::live, .kind = OrderKind::payout, .channel = Channel::bank}));
  EXPECT_FALSE(both.serves({.mode = Mode::live, .channel = Channel::bank}));
  EXPECT_FALSE(both.serves({.mode = Mode::live, .channel = Channel::card}));
  EXPECT_FALSE(both.serves({.mode = Mode::live, .network = "glo"}));
  EXPECT_FALSE(both.serves({.mode = Mode::test}));
  EXPECT_FALSE(both.serves({.mode = Mode::live, .currency = *Currency::parse("EUR")}));
  EXPECT_TRUE(both.capabilities().refunds);
  EXPECT_FALSE(both.capabilities().partial_refunds);
  Options collections = options();
  collections.prepaid_account.clear();
  const Hubtel collects(rail.tools(), collections);
  EXPECT_TRUE(collects.serves({.mode = Mode::live}));
  EXPECT_FALSE(collects.serves({.mode = Mode::live, .kind = OrderKind::payout}));
}

TEST(HubtelOptions, HaveHubtelsHostsUnlessToldOtherwise) {
  std::vector<std::string> problems;
  const auto read = [&](std::string_view text) {
    const auto json = http::Json::parse(text);
    Settings settings(*json, "rails[0]", problems);
    Options options = read_options(settings);
    return options;
  };
  Options options = read(R"({"mode":"live","api_id":"a","api_key":"k","pos_sales_id":"1"})");
  EXPECT_EQ(options.addresses.receive, "https://rmp.hubtel.com");
  EXPECT_EQ(options.addresses.payout_status, "https://smrsc.hubtel.com");
  options = read(R"({"mode":"live","api_id":"a","api_key":"k","prepaid_account":"1",)"
                 R"("addresses":{"send":"https://smp.example.com/"}})");
  EXPECT_EQ(options.addresses.send, "https://smp.example.com");
  EXPECT_EQ(options.addresses.refund, "https://refund-api.hubtel.com");
  options = read(R"({"mode":"test","api_id":"a","api_key":"k","pos_sales_id":"1","url":"http://127.0.0.1:4000"})");
  EXPECT_EQ(options.addresses.status, "http://127.0.0.1:4000");
  EXPECT_EQ(options.addresses.verify, "http://127.0.0.1:4000/v2");
  EXPECT_TRUE(problems.empty());
  read(R"({"mode":"test","api_id":"a","api_key":"k"})");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0], "rails[0].pos_sales_id: is missing, and so is prepaid_account: one of the two is needed");
  problems.clear();
  read(R"({"mode":"test","api_id":"a","api_key":"k","pos_sales_id":"1","url":"http://a.example","addresses":{}})");
  EXPECT_EQ(problems.size(), 1U);
}

}  // namespace
}  // namespace epay::rails::hubtel
