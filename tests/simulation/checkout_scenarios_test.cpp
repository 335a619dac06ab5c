// Customers of checkouts in virtual time: what several attempts end in, and that crashes and second windows change
// nothing of it.
#include <gtest/gtest.h>

#include "simulation/world.h"

namespace epay::simulation {
namespace {

using Customer = Order::Customer;

struct Row {
  const char* what;
  std::vector<std::string> tries;
  bool cancels;
  Customer customer;
  const char* status;
  const char* told;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"nobody comes", {}, false, Customer::approves, "pending", ""},
      {"paid at once", {"0241234567"}, false, Customer::approves, "success", "success"},
      {"declined, then another number", {"0240000451", "0241234567"}, false, Customer::approves, "success", "success"},
      {"refused, declined, then a card",
       {"0240000490", "0270000452", "card"},
       false,
       Customer::approves,
       "success",
       "success"},
      {"all declined, given up", {"0240000451", "0240000490"}, true, Customer::approves, "failed", "failed"},
      {"all declined, left", {"0240000451"}, false, Customer::approves, "pending", ""},
      {"never decided", {"0240000453", "0241234567"}, false, Customer::approves, "failed", "failed"},
      {"reply lost", {"0240000484"}, false, Customer::approves, "success", "success"},
      {"request lost", {"0240000485"}, false, Customer::approves, "success", "success"},
      {"silent, then paid", {"0240000488", "0241234567"}, false, Customer::approves, "success", "success"},
      {"a code", {"0240000491"}, false, Customer::approves, "success", "success"},
      {"a wrong code, then another number",
       {"0240000491", "0241234567"},
       false,
       Customer::declines,
       "success",
       "success"},
      {"a voucher", {"0201234567"}, false, Customer::approves, "success", "success"},
      {"a card", {"card"}, false, Customer::approves, "success", "success"},
      {"a card declined, then a number", {"card", "0241234567"}, false, Customer::declines, "success", "success"},
      {"late", {"0240000483"}, false, Customer::approves, "success", "failed,success"},
      {"wrong amount", {"0240000486", "0241234567"}, false, Customer::approves, "pending", ""},
  };
  return all;
}

Plan plan_of_rows(bool two_windows) {
  Plan plan{.calm = true,
            .lasts = minutes(60),
            .latency_least = milliseconds(1),
            .latency_most = milliseconds(20),
            .rail_delay = seconds(2)};
  for (const Row& row : rows()) {
    plan.orders.push_back({.kind = Order::Kind::checkout,
                           .reference = row.what,
                           .key = row.what,
                           .amount = {5'000, Currency::ghs()},
                           .name = "Ama",
                           .email = "ama@example.com",
                           .telephone = "0244123456",
                           .patience = seconds(30),
                           .customer = row.customer,
                           .tries = row.tries,
                           .cancels = row.cancels,
                           .two_windows = two_windows});
  }
  return plan;
}

void check(const RunReport& report) {
  EXPECT_EQ(report.failure.value_or(""), "");
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    const auto ended = report.endings.find({0, row.what});
    ASSERT_NE(ended, report.endings.end());
    EXPECT_EQ(ended->second.status, row.status);
    EXPECT_EQ(ended->second.told, row.told);
  }
}

TEST(CheckoutScenarios, EndAsTheirCustomersMadeThem) { check(World(plan_of_rows(false), 1, false).run()); }

TEST(CheckoutScenarios, ASecondWindowChangesNothing) { check(World(plan_of_rows(true), 2, false).run()); }

TEST(CheckoutScenarios, CrashesChargeNobodyTwice) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Plan plan = plan_of_rows(seed % 2 == 0);
    plan.calm = false;
    plan.steps_between_crashes = 300;
    const RunReport report = World(std::move(plan), seed, false).run();
    EXPECT_EQ(report.failure.value_or(""), "") << "seed " << seed;
    EXPECT_GT(report.crashes, 0u);
  }
}

}  // namespace
}  // namespace epay::simulation
