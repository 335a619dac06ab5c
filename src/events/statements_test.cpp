// Every statement of events finds its rows by an index: each of its files is read, and the store asked for its plan.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "simulation/memory_store.h"

namespace epay::events {
namespace {

const std::set<std::string, std::less<>> large_tables = {"events", "deliveries", "delivery_attempts", "endpoints"};
// Statements that may walk through a large table, and why.
const std::map<std::string, std::string, std::less<>> allowed = {
    {"select_endpoint_owner", "for the command line, in a process of its own: an operator names no merchant"},
};

struct Statement {
  std::string file, name, text;
};

// The statements of a C++ text: `db::Sql name{"…" "…"}`.
std::vector<Statement> statements_in(const std::string& file, const std::string& text) {
  static const std::regex declaration(R"re(db::Sql (\w+)\s*\{((?:\s*"(?:[^"\\]|\\.)*")+)\s*\})re");
  static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
  std::vector<Statement> statements;
  for (std::sregex_iterator it(text.begin(), text.end(), declaration), end; it != end; ++it) {
    Statement statement{file, (*it)[1], ""};
    const std::string literals = (*it)[2];
    for (std::sregex_iterator part(literals.begin(), literals.end(), literal); part != end; ++part) {
      statement.text += (*part)[1];
    }
    statements.push_back(std::move(statement));
  }
  return statements;
}

std::vector<Statement> all_statements() {
  std::vector<Statement> all;
  for (const auto& entry : std::filesystem::directory_iterator(EPAY_SOURCE_DIR "/src/events")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("_store.h")) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto statements = statements_in(name, text.str());
    EXPECT_FALSE(statements.empty()) << name;
    // Each that is declared was understood.
    std::size_t declared = 0;
    for (std::size_t at = 0; (at = text.str().find("db::Sql ", at)) != std::string::npos; ++at) ++declared;
    EXPECT_EQ(statements.size(), declared) << name;
    all.insert(all.end(), statements.begin(), statements.end());
  }
  return all;
}

class Plans {
 public:
  // The lines of the store's plan, such as "SEARCH events USING PRIMARY KEY (merchant_id=? AND id>?)".
  std::vector<std::string> of(const std::string& text) {
    texts_.push_back("EXPLAIN QUERY PLAN " + text);  // a store remembers statements by the place of their texts
    statements_.push_back({texts_.back()});
    int parameters = 0;
    for (int n = 1; n <= parameters_max; ++n) {
      if (std::regex_search(text, std::regex("\\$" + std::to_string(n) + "\\b"))) parameters = n;
    }
    return *store_.write([&](db::Transaction& tx) -> Result<std::vector<std::string>> {
      return ask(tx, statements_.back(), parameters, std::make_index_sequence<parameters_max + 1>());
    });
  }

 private:
  static constexpr int parameters_max = 16;

  template <std::size_t... Counts>
  std::vector<std::string> ask(db::Transaction& tx, const db::Sql& sql, int parameters,
                               std::index_sequence<Counts...>) {
    std::vector<std::string> lines;
    ((int(Counts) == parameters ? ask_with(tx, sql, lines, std::make_index_sequence<Counts>()) : void()), ...);
    return lines;
  }
  template <std::size_t... Places>
  void ask_with(db::Transaction& tx, const db::Sql& sql, std::vector<std::string>& lines,
                std::index_sequence<Places...>) {
    tx.query_each(sql, [&](const db::Row& row) { lines.push_back(row.string(3)); }, (void(Places), nullptr)...);
  }

  simulation::MemoryStore store_;
  std::list<std::string> texts_;
  std::list<db::Sql> statements_;
};

// The large tables that a plan walks through. An alias in the statement stands for its table.
std::set<std::string> walked_tables(const Statement& statement, const std::vector<std::string>& plan) {
  static const std::regex alias(R"re(\b(?:FROM|JOIN)\s+(\w+)\s+(\w+)\b)re");
  std::map<std::string, std::string> aliases;
  for (std::sregex_iterator it(statement.text.begin(), statement.text.end(), alias), end; it != end; ++it) {
    aliases[(*it)[2]] = (*it)[1];
  }
  static const std::regex scan(R"re(^SCAN (\w+))re");
  std::set<std::string> walked;
  for (const std::string& line : plan) {
    std::smatch match;
    if (!std::regex_search(line, match, scan)) continue;
    const auto found = aliases.find(match[1]);
    const std::string table = found == aliases.end() ? match[1].str() : found->second;
    if (large_tables.contains(table)) walked.insert(table);
  }
  return walked;
}

TEST(Statements, WalkThroughNoLargeTable) {
  const auto all = all_statements();
  EXPECT_GT(all.size(), 40u);
  Plans plans;
  for (const Statement& statement : all) {
    const auto plan = plans.of(statement.text);
    for (const std::string& table : walked_tables(statement, plan)) {
      EXPECT_TRUE(allowed.contains(statement.name))
          << statement.file << ": " << statement.name << " walks through all " << table << ": " << statement.text;
    }
  }
}

// The check can fail.
TEST(Statements, AWalkIsNoticed) {
  Plans plans;
  const auto walked = [&](const std::string& text) { return walked_tables({"", "", text}, plans.of(text)); };
  using Tables = std::set<std::string>;
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
  const auto found = statements_in("a_store.h",
                                   "inline constexpr db::Sql one{\n    \"SELECT 1 \"\n    \"WHERE 2\"};\n"
                                   "// text\ninline constexpr db::Sql two{\"SELECT 2\"};\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "one");
  EXPECT_EQ(found[0].text, "SELECT 1 WHERE 2");
  EXPECT_EQ(found[1].text, "SELECT 2");
}

}  // namespace
}  // namespace epay::events
