// The whole service, driven through its API in virtual time: what each of the simulator's numbers ends in (RAILS §8).
#include <gtest/gtest.h>

#include "simulation/world.h"

namespace epay::simulation {
namespace {

using Kind = Order::Kind;
using Customer = Order::Customer;

struct Row {
  const char* what;
  Kind kind;
  const char* wallet;
  Customer customer;
  const char* status;  // that the API ends with
  const char* told;    // the webhooks, in the order of the alphabet
};

const Row rows[] = {
    {"any number", Kind::momo, "0241234567", Customer::never, "success", "success"},
    {"internal error", Kind::momo, "0240000450", Customer::never, "failed", "failed"},
    {"rejected", Kind::momo, "0240000451", Customer::never, "failed", "failed"},
    {"expired at the network", Kind::momo, "0240000452", Customer::never, "failed", "failed"},
    {"pending for ever", Kind::momo, "0240000453", Customer::never, "failed", "failed"},
    {"slow", Kind::momo, "0240000454", Customer::never, "success", "success"},
    {"no such payer", Kind::momo, "0270000455", Customer::never, "failed", "failed"},
    {"no callback", Kind::momo, "0240000480", Customer::never, "success", "success"},
    {"three callbacks", Kind::momo, "0240000481", Customer::never, "success", "success"},
    {"callback before the reply", Kind::momo, "0240000482", Customer::never, "success", "success"},
    {"late success", Kind::momo, "0240000483", Customer::never, "success", "failed,success"},
    {"lost reply", Kind::momo, "0240000484", Customer::never, "success", "success"},
    {"lost request", Kind::momo, "0240000485", Customer::never, "success", "success"},
    {"wrong amount", Kind::momo, "0240000486", Customer::never, "pending", ""},
    {"contradictory callback", Kind::momo, "0240000487", Customer::never, "success", "success"},
    {"silent until it has succeeded", Kind::momo, "0240000488", Customer::never, "success", "success"},
    {"refused at once", Kind::momo, "0240000490", Customer::never, "failed", "failed"},
    {"right code", Kind::momo, "0240000491", Customer::approves, "success", "success"},
    {"wrong code", Kind::momo, "0240000491", Customer::declines, "failed", "failed"},
    {"no code", Kind::momo, "0240000491", Customer::never, "failed", "failed"},
    {"card approved", Kind::card, "", Customer::approves, "success", "success"},
    {"card declined", Kind::card, "", Customer::declines, "failed", "failed"},
    {"card forgotten", Kind::card, "", Customer::never, "failed", "failed"},
    {"checkout not paid", Kind::checkout, "", Customer::never, "pending", ""},
    {"payout", Kind::payout, "0241234567", Customer::never, "success", ""},
    {"payout not covered by the rail", Kind::payout, "0240000455", Customer::never, "failed", ""},
    {"payout pending for ever", Kind::payout, "0240000453", Customer::never, "pending", ""},
    {"payout, lost reply", Kind::payout, "0240000484", Customer::never, "success", ""},
    {"payout, lost request", Kind::payout, "0240000485", Customer::never, "success", ""},
    {"payout, silent until it has succeeded", Kind::payout, "0240000488", Customer::never, "success", ""},
    {"payout, refused at once", Kind::payout, "0240000490", Customer::never, "failed", ""},
    {"payout, wrong amount", Kind::payout, "0240000486", Customer::never, "pending", ""},
};

Order order_of(const Row& row) {
  const bool payout = row.kind == Kind::payout;
  return {.kind = row.kind,
          .reference = row.what,
          .key = std::to_string(&row - rows),
          .amount = {payout ? 100 : 5'000, Currency::ghs()},
          .wallet = row.wallet,
          .network = *row.wallet == 0       ? ""
                     : row.wallet[2] == '7' ? "tigo"
                                            : "mtn",
          .name = "Ama",
          .email = "ama@example.com",
          .telephone = "0244123456",
          .due = payout ? minutes(5) : minutes(0),  // when there is money for them
          .patience = seconds(30),
          .replays = true,
          .customer = row.customer,
          .customer_waits = seconds(3)};
}

Plan plan_of_rows() {
  Plan plan{.calm = true,
            .lasts = minutes(30),
            .latency_least = milliseconds(1),
            .latency_most = milliseconds(20),
            .rail_delay = seconds(2)};
  for (const Row& row : rows) plan.orders.push_back(order_of(row));
  return plan;
}

TEST(Scenarios, EachNumberEndsAsItsTableSays) {
  const RunReport report = World(plan_of_rows(), 1, false).run();
  EXPECT_EQ(report.failure.value_or(""), "");
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const auto ended = report.endings.find({0, row.what});
    ASSERT_NE(ended, report.endings.end());
    EXPECT_EQ(ended->second.status, row.status);
    EXPECT_EQ(ended->second.told, row.told);
  }
}

TEST(Scenarios, CrashesChangeNoEnding) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Plan plan = plan_of_rows();
    plan.calm = false;
    plan.steps_between_crashes = 400;
    const RunReport report = World(std::move(plan), seed, false).run();
    EXPECT_EQ(report.failure.value_or(""), "") << "seed " << seed;
    EXPECT_GT(report.crashes, 0u);
    for (const Row& row : rows) {
      // A customer who comes while the service is down may come too late.
      if (row.customer != Customer::never) continue;
      const auto ended = report.endings.find({0, row.what});
      ASSERT_NE(ended, report.endings.end()) << row.what;
      EXPECT_EQ(ended->second.status, row.status) << row.what << ", seed " << seed;
    }
  }
}

TEST(Simulation, IsTheSameForTheSameSeed) {
  const RunReport first = run_seed(1, 1, false);
  EXPECT_EQ(first.failure.value_or(""), "");
  EXPECT_EQ(first.trace_hash, run_seed(1, 1, false).trace_hash);
  EXPECT_NE(first.trace_hash, run_seed(2, 1, false).trace_hash);
}

// Several processes over one store, killed, stopped and cut off from it one by one: all that holds for one holds for
// them together.
TEST(Simulation, SeveralProcessesServeOneStore) {
  for (const std::size_t processes : {2u, 3u}) {
    std::size_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const RunReport report = run_seed(seed, processes, false);
      EXPECT_EQ(report.failure.value_or(""), "") << "seed " << seed << " of " << processes;
      crashes += report.crashes;
    }
    EXPECT_GT(crashes, 0u);
  }
}

TEST(Simulation, SeveralProcessesTakeTheSameCourseForTheSameSeed) {
  EXPECT_EQ(run_seed(3, 2, false).trace_hash, run_seed(3, 2, false).trace_hash);
}

}  // namespace
}  // namespace epay::simulation
