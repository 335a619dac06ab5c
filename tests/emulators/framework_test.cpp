// The parts of the emulators that have rules of their own.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "emulators/fault.h"
#include "emulators/json_text.h"
#include "emulators/ledger.h"
#include "emulators/order.h"
#include "emulators/replies.h"
#include "emulators/state_file.h"
#include "emulators/switches.h"

namespace epay::emulators {
namespace {

class StateFileTest : public testing::Test {
 protected:
  ~StateFileTest() override { std::filesystem::remove(path); }
  const std::string path =
      (std::filesystem::temp_directory_path() / ("epay-state-" + std::to_string(::getpid()))).string();
};

TEST_F(StateFileTest, KeepsTheLatestOfEachKey) {
  {
    auto state = *StateFile::open(path);
    state->put("order", "b", "1");
    state->put("order", "a", "2");
    state->put("other", "b", "3");
    state->put("order", "b", "4");
  }
  auto state = *StateFile::open(path);
  const StateFile::Records expected = {{"b", "4"}, {"a", "2"}};
  EXPECT_EQ(state->take("order"), expected);
  EXPECT_EQ(state->take("none"), StateFile::Records{});
}

TEST_F(StateFileTest, DropsALineThatAKillCutOff) {
  (*StateFile::open(path))->put("order", "a", "1");
  std::ofstream(path, std::ios::app) << "order\tb\t{\"cut";
  (*StateFile::open(path))->put("order", "c", "3");
  const StateFile::Records expected = {{"a", "1"}, {"c", "3"}};
  EXPECT_EQ((*StateFile::open(path))->take("order"), expected);
}

TEST_F(StateFileTest, ALedgerComesBackAsItWas) {
  const auto opening = [](std::string_view, Currency currency) { return Money{100, currency}; };
  const Movement movement{.from = "wallet:1", .to = "merchant", .amount = {60, Currency::ghs()}, .kind = "pay"};
  {
    auto state = *StateFile::open(path);
    Ledger ledger(*state, opening);
    EXPECT_TRUE(ledger.move(movement));
    EXPECT_FALSE(ledger.move(movement)) << "40 are left";
  }
  auto state = *StateFile::open(path);
  Ledger ledger(*state, opening);
  EXPECT_EQ(ledger.balance("wallet:1", Currency::ghs()).minor, 40);
  EXPECT_EQ(ledger.balance("merchant", Currency::ghs()).minor, 160);
  EXPECT_EQ(ledger.balance("world", Currency::ghs()).minor, -200);
}

TEST(SwitchesTest, TakeOnlyTheirValues) {
  Switches switches({{"a", "x|y|alternate", "alternate"}, {"b", "duration", "2s"}, {"c", "", "any"}});
  EXPECT_EQ(switches.next("a") + switches.next("a") + switches.next("a"), "xyx");
  EXPECT_EQ(switches.duration("b"), seconds(2));
  EXPECT_TRUE(switches.set("a", "y").has_value());
  EXPECT_EQ(switches.next("a"), "y");
  EXPECT_EQ(switches.set("a", "z").error().code, ErrorCode::invalid);
  EXPECT_EQ(switches.set("b", "soon").error().code, ErrorCode::invalid);
  EXPECT_EQ(switches.set("d", "").error().code, ErrorCode::not_found);
}

TEST(FaultPattern, AStarIsAnyText) {
  EXPECT_TRUE(fits_pattern("*", "/a/b"));
  EXPECT_TRUE(fits_pattern("/a/*/c", "/a/b/b/c"));
  EXPECT_TRUE(fits_pattern("*/c", "/a/c"));
  EXPECT_FALSE(fits_pattern("/a", "/a/b"));
  EXPECT_FALSE(fits_pattern("/a/*/c", "/a/c"));
}

TEST(FaultsTest, AreTakenByTheirTurn) {
  Faults faults;
  faults.add(*read_fault(*http::Json::parse(R"({"path":"/pay","nth":2,"count":2,"kind":"close"})")));
  http::Request request{.method = "POST", .path = "/pay"};
  http::Request other{.method = "POST", .path = "/other"};
  std::string taken;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(faults.take(other).has_value());
    taken += faults.take(request) ? 'x' : '-';
  }
  EXPECT_EQ(taken, "-xx--");
  EXPECT_FALSE(read_fault(*http::Json::parse(R"({"kind":"other"})")).has_value());
  EXPECT_FALSE(read_fault(*http::Json::parse(R"({"delay":"soon"})")).has_value());
  EXPECT_FALSE(read_fault(*http::Json::parse(R"({"nth":0})")).has_value());
}

TEST(ScenarioTest, GoesThroughItsText) {
  const std::string text =
      R"({"decides":true,"failure":"EXPIRED","after":"5000ms","created_first":true,"needs_input":true,"hidden_for":"2ms",)"
      R"("wire":"lost","callback":"contradictory","callback_after":"1000ms","callback_times":3,"amount":"1.5",)"
      R"("currency":"USD","turn":{"after":"7000ms","succeeds":true}})";
  const auto scenario = read_scenario(*http::Json::parse(text));
  ASSERT_TRUE(scenario.has_value());
  EXPECT_EQ(to_json(*scenario), text);
  for (const char* wrong : {R"({"wire":"cut"})", R"({"callback":"twice"})", R"({"after":"x"})"}) {
    EXPECT_FALSE(read_scenario(*http::Json::parse(wrong)).has_value()) << wrong;
  }
}

TEST(ScenarioTest, NumbersAreTheSameHoweverTheyAreWritten) {
  for (const char* number : {"233240000451", "0240000451", "+233 24 000 0451", "00233240000451"}) {
    ASSERT_TRUE(scenario_of_our_number(number, false).has_value()) << number;
    EXPECT_EQ(scenario_of_our_number(number, false)->failure, "APPROVAL_REJECTED");
  }
  EXPECT_EQ(scenario_of_our_number("0200000455", true)->failure, "NOT_ENOUGH_FUNDS");
  EXPECT_FALSE(scenario_of_our_number("0240001451", false).has_value());
  EXPECT_FALSE(scenario_of_our_number("0240000999", false).has_value());
}

TEST(OrderTest, GoesThroughItsText) {
  Order order{.kind = "transfer",
              .id = "x",
              .client_reference = "ours",
              .rail_reference = "7",
              .pays_out = true,
              .amount = {150, Currency::ghs()},
              .moved = {140, Currency::ghs()},
              .fee = 3,
              .customer_pays_fee = true,
              .customer = "wallet:1",
              .merchant = "merchant:balance",
              .status = Status::reversed,
              .reason = "EXPIRED",
              .created_at = {11},
              .decides_at = Timestamp{12},
              .decided_at = Timestamp{13},
              .callback_url = "http://a/",
              .scenario = {.failure = "EXPIRED"}};
  order.set_text("note", "say \"hello\"");
  order.details["number"] = "12";
  const std::string text = to_json(order);
  const Order read = read_order(*http::Json::parse(text));
  EXPECT_EQ(to_json(read), text);
  EXPECT_EQ(read.detail_text("note"), "say \"hello\"");
  EXPECT_EQ(read.detail("number"), "12");
  EXPECT_EQ(read.detail("none"), "null");
}

TEST(JsonText, IsWrittenAsItWasRead) {
  const std::string text = R"({"a":[1,2.50,-3e2,null,true],"b":{"c":"\"x\/é"}})";
  EXPECT_EQ(to_text(*http::Json::parse(text)), R"({"a":[1,2.50,-3e2,null,true],"b":{"c":"\"x/é"}})");
  const auto document = http::Json::parse(R"({"a":1,"b":"2.5","c":"x","d":["3"]})");
  EXPECT_EQ(with_numbers_as_texts(*document), R"({"a":"1","b":"2.5","c":"x","d":["3"]})");
  EXPECT_EQ(with_texts_as_numbers(*document), R"({"a":1,"b":2.5,"c":"x","d":[3]})");
  EXPECT_EQ(with_duplicate_keys(*http::Json::parse(R"({"a":1,"d":[]})")), R"({"a":"said twice","a":1,"d":[]})");
  EXPECT_EQ(without_members(*http::Json::parse(R"({"a":1,"b":{"a":2,"c":[{"a":3}]}})"), {"a"}), R"({"b":{"c":[{}]}})");
  EXPECT_EQ(nested_arrays(3), "[[[]]]");
}

TEST(Uuid, OfVersionFour) {
  EXPECT_TRUE(is_uuid4("0b2ad1c4-37e6-4c51-9d0a-1b5f4e0a7c11"));
  for (const char* wrong : {"", "0b2ad1c4-37e6-1c51-9d0a-1b5f4e0a7c11", "0b2ad1c4-37e6-4c51-7d0a-1b5f4e0a7c11",
                            "0b2ad1c437e64c519d0a1b5f4e0a7c11", "0b2ad1c4-37e6-4c51-9d0a-1b5f4e0a7c1g"}) {
    EXPECT_FALSE(is_uuid4(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace epay::emulators
