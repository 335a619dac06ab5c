// The emulators over the simulated network and clock, as `epay sim` has them.
#include "emulators/emulator.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "emulators/json_text.h"
#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::emulators {
namespace {

constexpr std::string_view reference = "0b2ad1c4-37e6-4c51-9d0a-1b5f4e0a7c11";
constexpr std::string_view collection_key = "c0ffee00c0ffee00c0ffee00c0ffee00";

class EmulatorTest : public testing::Test {
 protected:
  EmulatorTest() { start(); }
  void start() {
    auto opened = Emulator::open({clock, clock, network, random, log}, {.vendor = "mtn"}, state);
    EPAY_CHECK(opened.has_value());
    emulator = *std::move(opened);
    EPAY_CHECK(emulator->listen(rail_at).has_value());
  }
  ~EmulatorTest() override {
    network.drop_all();
    clock.drop_all();
  }

  http::ExchangeReport ask(std::string method, std::string_view target, std::string body, http::Headers headers) {
    headers.add("Ocp-Apim-Subscription-Key", std::string(collection_key));
    headers.add("X-Target-Environment", "sandbox");
    return simulation::run_task(
        clock, client->exchange({.url = *http::Url::parse("http://" + rail_at.to_string() + std::string(target)),
                                 .method = std::move(method),
                                 .headers = std::move(headers),
                                 .body = std::move(body),
                                 .once = true}));
  }
  std::string token() {
    http::Headers headers;
    headers.add("Authorization", "Basic " + base64_encode("11111111-1111-4111-8111-111111111111:"
                                                          "0123456789abcdef0123456789abcdef"));
    const auto report = ask("POST", "/collection/token/", "", headers);
    EPAY_CHECK(report.answer && report.answer->status == 200);
    return text_of(*http::Json::parse(report.answer->body), "access_token");
  }
  http::Headers authorised() {
    http::Headers headers;
    headers.add("Authorization", "Bearer " + token());
    return headers;
  }
  http::ExchangeReport pay(std::string_view number) {
    http::Headers headers = authorised();
    headers.add("X-Reference-Id", std::string(reference));
    return ask("POST", "/collection/v1_0/requesttopay",
               R"({"amount":"12.50","currency":"EUR","externalId":"ours","payer":{"partyIdType":"MSISDN","partyId":")" +
                   std::string(number) + R"("}})",
               headers);
  }
  std::string status() {
    const auto report = ask("GET", "/collection/v1_0/requesttopay/" + std::string(reference), "", authorised());
    if (!report.answer || report.answer->status != 200) return "none";
    return text_of(*http::Json::parse(report.answer->body), "status");
  }

  const SocketAddress rail_at{IpAddress::v4(10, 9, 0, 1), 80};
  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  Log log{LogLevel::error, [this] { return clock.now(); }, [](LogLevel, std::string_view) {}};
  std::optional<http::Client> client{std::in_place, clock, network, http::AddressGuard({*http::Cidr::parse("::/0")}),
                                     http::ClientLimits{}};
  std::shared_ptr<StateFile> state = StateFile::in_memory();
  std::unique_ptr<Emulator> emulator;
};

TEST_F(EmulatorTest, AWalletsMoneyMovesOnceItsOwnerHasDecided) {
  ASSERT_EQ(pay("233241234567").answer->status, 202);
  EXPECT_EQ(status(), "PENDING");
  EXPECT_EQ(emulator->ledger().moved_for("ours").times, 0);
  clock.run_for(seconds(1));
  EXPECT_EQ(status(), "SUCCESSFUL");
  EXPECT_EQ(emulator->ledger().moved_for("ours").times, 1);
  EXPECT_EQ(emulator->ledger().moved_for("ours").minor, 1'250);
  EXPECT_EQ(emulator->ledger().balance("merchant:collection", *Currency::parse("EUR")).minor, 1'250);
  EXPECT_EQ(pay("233241234567").answer->status, 409);
}

TEST_F(EmulatorTest, AnEmptyWalletCannotPay) {
  ASSERT_TRUE(emulator->engine().switches().set("wallet.opening", "12.49").has_value());
  ASSERT_EQ(pay("233241234567").answer->status, 202);
  clock.run_for(seconds(1));
  EXPECT_EQ(status(), "FAILED");
  EXPECT_EQ(emulator->engine().find("requesttopay", reference)->reason, "NOT_ENOUGH_FUNDS");
}

TEST_F(EmulatorTest, HoursAreOneStepInVirtualTime) {
  ASSERT_EQ(pay("233240000483").answer->status, 202);
  clock.run_for(minutes(19));
  EXPECT_EQ(status(), "PENDING");
  clock.run_for(minutes(2));
  EXPECT_EQ(status(), "SUCCESSFUL");
}

TEST_F(EmulatorTest, AnAnswerIsLostAsTheNumberSays) {
  const auto lost = pay("233240000484");
  ASSERT_FALSE(lost.answer.has_value());
  EXPECT_EQ(lost.answer.error().code, ErrorCode::connection_closed);
  EXPECT_EQ(status(), "PENDING");
}

TEST_F(EmulatorTest, NothingIsKnownOfWhatWasNotProcessed) {
  EXPECT_FALSE(pay("233240000485").answer.has_value());
  EXPECT_EQ(status(), "none");
  EXPECT_EQ(emulator->ledger().moved_for("ours").times, 0);
  EXPECT_EQ(pay("233240000485").answer->status, 202) << "the same again";
  EXPECT_EQ(status(), "PENDING");
}

TEST_F(EmulatorTest, AFaultIsMadeForTheRequestsItNames) {
  const auto fault = read_fault(
      *http::Json::parse(R"({"method":"POST","path":"*/requesttopay","kind":"hang","delay":"40s","processed":true})"));
  ASSERT_TRUE(fault.has_value());
  emulator->faults().add(*fault);
  const auto hanging = pay("233241234567");
  ASSERT_FALSE(hanging.answer.has_value());
  EXPECT_EQ(hanging.answer.error().code, ErrorCode::timed_out);
  EXPECT_EQ(status(), "SUCCESSFUL");
}

TEST_F(EmulatorTest, ACrashOfEverythingLosesNothing) {
  ASSERT_EQ(pay("233241234567").answer->status, 202);
  network.drop_all();
  clock.drop_all();
  client.emplace(clock, network, http::AddressGuard({*http::Cidr::parse("::/0")}), http::ClientLimits{});
  emulator.reset();
  start();
  EXPECT_EQ(status(), "PENDING");
  clock.run_for(seconds(1));
  EXPECT_EQ(status(), "SUCCESSFUL");
  EXPECT_EQ(emulator->ledger().moved_for("ours").times, 1);
}

TEST_F(EmulatorTest, AKillBetweenAMovementAndItsEndingMovesNothingTwice) {
  ASSERT_EQ(pay("233241234567").answer->status, 202);
  const std::string open = to_json(*emulator->engine().find("requesttopay", reference));
  clock.run_for(seconds(1));
  ASSERT_EQ(emulator->ledger().moved_for("ours").times, 1);
  state->put("order", "requesttopay/" + std::string(reference), open);
  network.drop_all();
  clock.drop_all();
  client.emplace(clock, network, http::AddressGuard({*http::Cidr::parse("::/0")}), http::ClientLimits{});
  emulator.reset();
  start();
  EXPECT_EQ(status(), "SUCCESSFUL");
  clock.run_for(seconds(1));
  EXPECT_EQ(emulator->ledger().moved_for("ours").times, 1);
}

TEST(EmulatorOpen, SaysWhatIsWrong) {
  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  Log log{LogLevel::error, [&] { return clock.now(); }, [](LogLevel, std::string_view) {}};
  const Seams seams{clock, clock, network, random, log};
  EXPECT_EQ(Emulator::open(seams, {.vendor = "other"}).error().code, ErrorCode::not_found);
  EXPECT_EQ(Emulator::open(seams, {.vendor = "mtn", .switches = {{"mtn.other", "x"}}}).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(Emulator::open(seams, {.vendor = "mtn", .switches = {{"mtn.453", "x"}}}).error().code, ErrorCode::invalid);
  EXPECT_EQ(Emulator::open(seams, {.vendor = "mtn", .state_file = "/nowhere/at/all"}).error().code,
            ErrorCode::unavailable);
  for (const char* vendor : {"mtn", "paystack", "hubtel", "mpgs"}) {
    EXPECT_TRUE(Emulator::open(seams, {.vendor = vendor}).has_value()) << vendor;
  }
}

}  // namespace
}  // namespace epay::emulators
