#include "simulation/statement_plans.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace epay::simulation {
namespace {

constexpr int parameters_max = 32;

template <std::size_t... Places>
void ask_with(db::Transaction& tx, const db::Sql& sql, std::vector<std::string>& lines,
              std::index_sequence<Places...>) {
  tx.query_each(sql, [&](const db::Row& row) { lines.push_back(row.string(3)); }, (void(Places), nullptr)...);
}

template <std::size_t... Counts>
std::vector<std::string> ask(db::Transaction& tx, const db::Sql& sql, int parameters, std::index_sequence<Counts...>) {
  std::vector<std::string> lines;
  ((int(Counts) == parameters ? ask_with(tx, sql, lines, std::make_index_sequence<Counts>()) : void()), ...);
  return lines;
}

}  // namespace

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

std::vector<Statement> statements_of(const std::string& folder) {
  std::vector<Statement> all;
  for (const auto& entry : std::filesystem::directory_iterator(EPAY_SOURCE_DIR "/src/" + folder)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("_store.h")) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto statements = statements_in(name, text.str());
    std::size_t declared = 0;
    for (std::size_t at = 0; (at = text.str().find("db::Sql ", at)) != std::string::npos; ++at) ++declared;
    if (statements.empty() || statements.size() != declared) all.push_back({name, "", ""});
    all.insert(all.end(), statements.begin(), statements.end());
  }
  return all;
}

std::vector<std::string> Plans::of(const std::string& text) {
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

Tables walked_tables(const Statement& statement, const std::vector<std::string>& plan, const Tables& in_question) {
  static const std::regex alias(R"re(\b(?:FROM|JOIN)\s+(\w+)\s+(\w+)\b)re");
  std::map<std::string, std::string> aliases;
  for (std::sregex_iterator it(statement.text.begin(), statement.text.end(), alias), end; it != end; ++it) {
    aliases[(*it)[2]] = (*it)[1];
  }
  static const std::regex scan(R"re(^SCAN (\w+))re");
  Tables walked;
  for (const std::string& line : plan) {
    std::smatch match;
    if (!std::regex_search(line, match, scan)) continue;
    const auto found = aliases.find(match[1]);
    const std::string table = found == aliases.end() ? match[1].str() : found->second;
    if (in_question.contains(table)) walked.insert(table);
  }
  return walked;
}

}  // namespace epay::simulation
