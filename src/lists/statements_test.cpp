// No statement of lists, of payments or of the ledger's wallet walks through a merchant's payments, customers or
// entries: each is bounded by keys or by a LIMIT along one.
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "simulation/statement_plans.h"

namespace epay::lists {
namespace {

using simulation::Tables;

const Tables large_tables = {"payments",     "customers",   "attempts",      "transfers",
                             "payment_days", "wallet_days", "search_blocks", "search_changes"};

// Statements that may look beyond a merchant, or at all that he has, and why.
const std::map<std::string, std::string, std::less<>> allowed = {
    {"select_changes", "the oldest of all that was noted, from the beginning of a table that is emptied at once"},
    {"select_totals_after", "the background's walk over merchants, some at a time"},
    {"select_payment_days", "for epay verify"},
    {"select_customers", "the wire's pages are numbered"},
    {"select_payments", "the wire's pages are numbered"},
    {"select_refunds", "the wire's pages are numbered"},
    {"select_running_bulks", "the payer's, by the index on what is running"},
    {"select_due_attempts", "the poller's, by the index on owner and poll_at"},
    {"select_next_poll", "the poller's, by the index on owner and poll_at"},
    {"select_next_poll_owner", "the poller's, by the index on owner and poll_at"},
    {"select_nth_poll", "the poller's, by the index on owner and poll_at"},
    {"claim_polls", "the poller's, by the index on owner and poll_at"},
    {"count_polled_attempts", "an operator's, by the index on owner and poll_at"},
    {"select_fee", "by the merchant's id"},
    {"select_merchant_of_fee", "by the merchant's id"},
    {"update_default_fee", "by the merchant's id"},
    {"select_merchant_name", "by the merchant's id"},
    {"select_payee", "by the merchant's id"},
    {"select_slug", "the way from a link to its merchant"},
    {"select_checkout_token", "the way from a link to its merchant"},
    {"select_expired_checkouts", "housekeeping, by the index on what is not paid"},
    {"select_old_keys", "housekeeping, by the index on created_at"},
};

// Whether a row's place in the key bounds the plan's every line: SQLite writes "(merchant_id=? AND …)" behind the
// index.
bool keeps_to_a_merchant(const std::vector<std::string>& plan) {
  static const std::regex search(R"re(^SEARCH \w+ .*\(merchant_id=\?)re");
  for (const std::string& line : plan) {
    if (line.starts_with("SEARCH") && !std::regex_search(line, search)) return false;
  }
  return true;
}
// Whether every row of a large table is found by more than its owner, or is one of a few along the key. SQLite takes
// the owner alone for enough where it could use an index.
bool finds_rows(const simulation::Statement& statement, const std::vector<std::string>& plan) {
  static const std::regex search(R"re(^SEARCH (\w+) .*\(merchant_id=\?(?: AND mode=\?)?\))re");
  static const std::regex few(R"re(WHERE merchant_id = \$1( AND mode = \$2)? ORDER BY id( DESC)? LIMIT)re");
  for (const std::string& line : plan) {
    std::smatch match;
    if (!std::regex_search(line, match, search)) continue;
    if (large_tables.contains(match[1]) && !std::regex_search(statement.text, few)) return false;
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
    const auto plan = plans.of(statement.text);
    SCOPED_TRACE(statement.file + ": " + statement.name + ": " + testing::PrintToString(plan));
    EXPECT_TRUE(allowed.contains(statement.name) || simulation::walked_tables(statement, plan, large_tables).empty());
    EXPECT_TRUE(allowed.contains(statement.name) || keeps_to_a_merchant(plan));
    EXPECT_TRUE(allowed.contains(statement.name) || finds_rows(statement, plan));
    EXPECT_FALSE(sorts(plan));
  }
  EXPECT_GE(checked, at_least);
}

TEST(ListStatements, FollowKeys) { check_folder("lists", "", 25); }
TEST(ListStatements, OfPaymentsFollowKeys) { check_folder("payments", "", 25); }
TEST(ListStatements, OfTheWalletFollowKeys) { check_folder("ledger", "wallet_store.h", 7); }

// The check can fail.
TEST(ListStatements, AWalkIsNoticed) {
  simulation::Plans plans;
  const auto plan =
      plans.of("SELECT id FROM payments WHERE merchant_id = $1 AND wallet_number = $2 ORDER BY created_at");
  EXPECT_TRUE(sorts(plan));
  EXPECT_FALSE(keeps_to_a_merchant(plans.of("SELECT payment_id FROM attempts WHERE owner = $1 AND poll_at = $2")));
  EXPECT_TRUE(keeps_to_a_merchant(plan));
  EXPECT_FALSE(finds_rows({"", "", "SELECT name FROM customers WHERE merchant_id = $1 AND mode = $2 AND email = $3"},
                          plans.of("SELECT name FROM customers WHERE merchant_id = $1 AND mode = $2 AND email = $3")));
  const std::string all = "SELECT p.id FROM payments p WHERE p.created_at > $1";
  EXPECT_EQ(simulation::walked_tables({"", "", all}, plans.of(all), large_tables), Tables{"payments"});
}

}  // namespace
}  // namespace epay::lists
