// No statement of lists or of the ledger's wallet walks through a merchant's payments, customers or entries: each is
// bounded by keys or by a LIMIT along one.
#include <gtest/gtest.h>

#include <regex>

#include "simulation/statement_plans.h"

namespace epay::lists {
namespace {

using simulation::Tables;

const Tables large_tables = {"payments",     "customers",   "attempts",      "transfers",
                             "payment_days", "wallet_days", "search_blocks", "search_changes"};

// Whether a row's place in the key bounds the plan's every line: SQLite writes "(merchant_id=? AND …)" behind the
// index.
bool keeps_to_a_merchant(const std::vector<std::string>& plan) {
  static const std::regex search(R"re(^SEARCH \w+ .*\(merchant_id=\?)re");
  for (const std::string& line : plan) {
    if (line.starts_with("SEARCH") && !std::regex_search(line, search)) return false;
  }
  return true;
}
bool sorts(const std::vector<std::string>& plan) {
  for (const std::string& line : plan) {
    if (line.starts_with("USE TEMP B-TREE")) return true;
  }
  return false;
}

void check_folder(const std::string& folder, const std::string& file, std::size_t at_least) {
  simulation::Plans plans;
  std::size_t checked = 0;
  for (const simulation::Statement& statement : simulation::statements_of(folder)) {
    if (!file.empty() && statement.file != file) continue;
    ASSERT_FALSE(statement.text.empty()) << statement.file << " has a statement that was not understood";
    ++checked;
    // The oldest of all that was noted: taken from the beginning of the table, and soon gone from it.
    if (statement.name == "select_changes") continue;
    const auto plan = plans.of(statement.text);
    SCOPED_TRACE(statement.file + ": " + statement.name + ": " + testing::PrintToString(plan));
    EXPECT_EQ(walked_tables(statement, plan, large_tables), Tables());
    EXPECT_TRUE(statement.name == "select_totals_after" || keeps_to_a_merchant(plan));
    EXPECT_FALSE(sorts(plan));
  }
  EXPECT_GE(checked, at_least);
}

TEST(ListStatements, FollowKeys) { check_folder("lists", "", 25); }
TEST(ListStatements, OfTheWalletFollowKeys) { check_folder("ledger", "wallet_store.h", 7); }

// The check can fail.
TEST(ListStatements, AWalkIsNoticed) {
  simulation::Plans plans;
  const auto plan =
      plans.of("SELECT id FROM payments WHERE merchant_id = $1 AND wallet_number = $2 ORDER BY created_at");
  EXPECT_TRUE(sorts(plan));
  EXPECT_FALSE(keeps_to_a_merchant(plans.of("SELECT payment_id FROM attempts WHERE poll_at = $1")));
  EXPECT_TRUE(keeps_to_a_merchant(plan));
  const std::string all = "SELECT p.id FROM payments p WHERE p.created_at > $1";
  EXPECT_EQ(simulation::walked_tables({"", "", all}, plans.of(all), large_tables), Tables{"payments"});
}

}  // namespace
}  // namespace epay::lists
