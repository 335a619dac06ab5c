// Every statement of events finds its rows by an index: each of its files is read, and the store asked for its plan.
#include <gtest/gtest.h>

#include <map>

#include "simulation/statement_plans.h"

namespace epay::events {
namespace {

using simulation::Tables;

const Tables large_tables = {"events", "deliveries", "delivery_attempts", "endpoints"};
// Statements that may walk through a large table, and why.
const std::map<std::string, std::string, std::less<>> allowed = {
    {"select_endpoint_owner", "for the command line, in a process of its own: an operator names no merchant"},
};

TEST(Statements, WalkThroughNoLargeTable) {
  const auto all = simulation::statements_of("events");
  EXPECT_GT(all.size(), 40u);
  simulation::Plans plans;
  for (const simulation::Statement& statement : all) {
    ASSERT_FALSE(statement.text.empty()) << statement.file << " has a statement that was not understood";
    for (const std::string& table : simulation::walked_tables(statement, plans.of(statement.text), large_tables)) {
      EXPECT_TRUE(allowed.contains(statement.name))
          << statement.file << ": " << statement.name << " walks through all " << table << ": " << statement.text;
    }
  }
}

// The check can fail.
TEST(Statements, AWalkIsNoticed) {
  simulation::Plans plans;
  const auto walked = [&](const std::string& text) {
    return simulation::walked_tables({"", "", text}, plans.of(text), large_tables);
  };
  EXPECT_EQ(walked("SELECT id FROM events WHERE type = $1"), Tables{"events"});
  EXPECT_EQ(walked("SELECT d.event_id FROM deliveries d WHERE d.event_id = $1"), Tables{"deliveries"});
  EXPECT_EQ(walked("UPDATE deliveries SET tries = 0 WHERE status = $1"), Tables{"deliveries"});
  EXPECT_EQ(walked("DELETE FROM delivery_attempts WHERE started_at < $1"), Tables{"delivery_attempts"});
  EXPECT_EQ(walked("SELECT e.id FROM endpoints e JOIN events v ON v.id = e.id WHERE e.url = $1"),
            (Tables{"endpoints", "events"}));
  EXPECT_EQ(walked("SELECT id FROM events WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3"), Tables{});
  EXPECT_EQ(walked("SELECT id FROM redeliveries WHERE endpoint_id = $1"), Tables{});
}

TEST(Statements, AreReadFromTheText) {
  const auto found = simulation::statements_in("a_store.h",
                                               "inline constexpr db::Sql one{\n    \"SELECT 1 \"\n    \"WHERE 2\"};\n"
                                               "// text\ninline constexpr db::Sql two{\"SELECT 2\"};\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "one");
  EXPECT_EQ(found[0].text, "SELECT 1 WHERE 2");
  EXPECT_EQ(found[1].text, "SELECT 2");
}

}  // namespace
}  // namespace epay::events
