// The rules of the house that a compiler does not know (docs/architecture.md): which folder may include which, where
// the heavy headers may appear, that the build lists every file, that money is never a float. Each rule is a function
// over made-up files too, so that its own test shows that it can fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace epay {
namespace {

struct File {
  std::string path;  // from the project's root: src/base/money.h
  std::string text;
};

using Findings = std::vector<std::string>;  // "src/db/database.h:12: what is wrong"

std::string finding(const File& file, int line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string(what);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// ---- includes ----

struct Include {
  int line;
  bool quoted;
  std::string name;
};

std::vector<Include> includes_of(const File& file) {
  static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^">]+)[">])re");
  std::vector<Include> includes;
  int number = 0;
  for (const std::string& line : lines_of(file.text)) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, pattern)) includes.push_back({number, match[1] == "\"", match[2]});
  }
  return includes;
}

// Folders of one rank do not see each other; each sees the ranks below.
const std::map<std::string, int, std::less<>> ranks = {
    {"base", 0},                                                 //
    {"runtime", 1},                                              //
    {"db", 2},         {"http", 2},      {"images", 2},          //
    {"processes", 3},                                            //
    {"ledger", 4},     {"merchants", 4}, {"events", 4},          //
    {"mail", 4},       {"sms", 4},                               //
    {"payments", 5},   {"rails", 5},     {"webhooks", 5},        //
    {"processing", 6}, {"lists", 6},     {"reconciliation", 6},  //
    {"api", 7},        {"pages", 7},                             //
    {"app", 8},
};

// The folder under src/, "" for other paths.
std::string layer_of(std::string_view path) {
  if (!path.starts_with("src/")) return "";
  path.remove_prefix(4);
  return std::string(path.substr(0, path.find('/')));
}

Findings check_layers(const File& file) {
  const std::string own = layer_of(file.path);
  if (own.empty()) return {};
  if (!ranks.contains(own)) return {finding(file, 1, "the folder src/" + own + " has no place among the layers")};
  Findings findings;
  for (const Include& include : includes_of(file)) {
    const std::string other = include.name.substr(0, include.name.find('/'));
    if (other == "simulation" || other == "emulators") {
      if (!file.path.ends_with("_test.cpp") && own != "app") {
        findings.push_back(finding(file, include.line, "only tests and src/app may include " + other + "/"));
      }
      continue;
    }
    if (include.quoted && (include.name.starts_with(".") || !include.name.contains('/'))) {
      findings.push_back(finding(file, include.line, "\"" + include.name + "\": includes are written from src/"));
      continue;
    }
    const auto rank = ranks.find(other);
    if (rank == ranks.end() || !include.quoted || other == own) continue;
    if (rank->second > ranks.at(own)) {
      findings.push_back(finding(file, include.line, "an upward include: " + own + " may not know " + other));
    } else if (rank->second == ranks.at(own)) {
      findings.push_back(
          finding(file, include.line, "a sideways include: " + own + " and " + other + " are of one rank"));
    }
  }
  return findings;
}

// ---- heavy headers ----

// A header costly to compile, or that would spread a library's words, and the .cpp files that may include it: paths
// that begin so. The longest match counts. The benchmark measures the libraries themselves and may include what it
// likes.
struct Heavy {
  std::string_view header;
  std::vector<std::string_view> allowed;
};

const std::vector<Heavy> heavy_headers = {
    {"boost/", {}},
    {"boost/asio", {"src/runtime/"}},
    {"boost/asio/buffer.hpp", {"src/runtime/", "src/http/"}},
    {"boost/beast", {"src/http/"}},
    {"boost/context", {"src/db/fiber.cpp"}},
    {"boost/json", {"src/http/json.cpp"}},
    {"boost/system", {"src/runtime/", "src/http/"}},
    {"boost/url", {"src/http/"}},
    {"CLI/", {"src/app/"}},
    {"curl/", {"src/mail/smtp_transport.cpp"}},
    {"gif_lib.h", {"src/images/"}},
    {"kainjow/", {"src/pages/template.cpp"}},
    {"libpq-fe.h", {"src/db/postgres_"}},
    {"openssl/", {"src/base/hmac_sha1.cpp", "src/runtime/", "tests/loopback_test.cpp"}},
    {"png.h", {"src/images/"}},
    {"prometheus/", {"src/app/", "src/runtime/metrics.cpp"}},
    {"qrencode.h", {"src/images/qr.cpp"}},
    {"sodium", {"src/base/", "src/runtime/random.cpp"}},
    {"spdlog/", {"src/app/"}},
    {"sqlite3.h", {"src/db/sqlite_"}},
    {"turbojpeg.h", {"src/images/"}},
    {"webp/", {"src/images/"}},
    {"unicode/", {"src/pages/format.cpp"}},
    {"zlib.h", {"src/http/gzip.cpp"}},
};

Findings check_heavy_headers(const File& file) {
  Findings findings;
  if (file.path.starts_with("tests/bench/")) return findings;
  for (const Include& include : includes_of(file)) {
    const Heavy* rule = nullptr;
    for (const Heavy& heavy : heavy_headers) {
      if (include.name.starts_with(heavy.header) && (!rule || heavy.header.size() > rule->header.size())) rule = &heavy;
    }
    if (!rule) continue;
    if (file.path.ends_with(".h")) {
      findings.push_back(finding(file, include.line, "<" + include.name + "> is heavy: it belongs in .cpp files only"));
      continue;
    }
    if (std::ranges::none_of(rule->allowed, [&](std::string_view start) { return file.path.starts_with(start); })) {
      std::string where;
      for (const std::string_view start : rule->allowed) where += " " + std::string(start);
      findings.push_back(
          finding(file, include.line,
                  "<" + include.name + "> is heavy: allowed only in" + (where.empty() ? " no file" : where)));
    }
  }
  return findings;
}

// ---- what the build lists ----

// The files of each set(NAME …) of a CMake text.
std::map<std::string, std::set<std::string>> cmake_lists(const std::string& text) {
  std::map<std::string, std::set<std::string>> lists;
  std::string list;
  for (std::string line : lines_of(text)) {
    line = line.substr(0, line.find('#'));
    static const std::regex opening(R"(\bset\((\w+))");
    std::smatch match;
    if (std::regex_search(line, match, opening)) list = match[1];
    static const std::regex name(R"([\w./-]+\.cpp\b)");
    for (std::sregex_iterator it(line.begin(), line.end(), name), end; it != end; ++it) lists[list].insert(it->str());
    if (line.contains(')')) list.clear();
  }
  return lists;
}

Findings check_listed(const File& file, const std::map<std::string, std::set<std::string>>& lists) {
  if (!file.path.ends_with(".cpp")) return {};
  if (file.path.ends_with("_test.cpp")) {
    const auto tests = lists.find("EPAY_UNIT_TESTS");
    if (tests != lists.end() && tests->second.contains(file.path)) return {};
    return {finding(file, 1, "not listed in EPAY_UNIT_TESTS of cmake/sources.cmake, so it never runs")};
  }
  for (const auto& [name, files] : lists) {
    if (files.contains(file.path)) return {};
  }
  return {finding(file, 1, "not listed in cmake/sources.cmake, so it is not built")};
}

// The scripts run tests/e2e/*.test.mjs and tests/browser/*.test.mjs.
Findings check_scripted_tests(const File& file) {
  if (!file.path.ends_with(".mjs") && !file.path.ends_with(".js")) return {};
  static const std::regex covered(R"(tests/(e2e|browser)/[^/]+\.test\.mjs)");
  // A harness may use the runner's hooks.
  static const std::regex tests(R"re(import\b[^;]*\b(test|it|suite|describe)\b[^;]*\bfrom ['"]node:test['"])re");
  const bool is_test = file.path.contains(".test.") || std::regex_search(file.text, tests);
  if (!is_test || std::regex_match(file.path, covered)) return {};
  return {finding(file, 1, "no script runs this test: they run tests/e2e/*.test.mjs and tests/browser/*.test.mjs")};
}

// ---- money ----

// The text with comments and literals blanked, line breaks kept.
std::string code_of(const std::string& text) {
  static const std::regex skipped(R"re(//[^\n]*|/\*[^]*?\*/|R"\([^]*?\)"|"(?:[^"\\\n]|\\.)*")re");
  std::string code = text;
  for (std::sregex_iterator it(text.begin(), text.end(), skipped), end; it != end; ++it) {
    const auto start = code.begin() + it->position();
    std::replace_if(start, start + it->length(), [](char c) { return c != '\n'; }, ' ');
  }
  return code;
}

Findings check_no_floating_point(const File& file) {
  static const std::regex places(R"(src/(base/money|ledger/|lists/|payments/).*)");
  static const std::regex words(R"(\b(float|double)\b)");
  Findings findings;
  if (!std::regex_match(file.path, places)) return findings;
  int number = 0;
  for (const std::string& line : lines_of(code_of(file.text))) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, words)) findings.push_back(finding(file, number, match.str() + " near money"));
  }
  return findings;
}

// ---- the tree itself ----

File read(const std::filesystem::path& path) {
  const std::filesystem::path root = EPAY_SOURCE_DIR;
  std::ifstream stream(root / path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return {path.generic_string(), text.str()};
}

const std::vector<File>& tree() {
  static const std::vector<File> files = [] {
    const std::filesystem::path root = EPAY_SOURCE_DIR;
    std::set<std::filesystem::path> paths;
    for (const char* folder : {"src", "tests"}) {
      for (auto entry = std::filesystem::recursive_directory_iterator(root / folder); entry != end(entry); ++entry) {
        if (entry->path().filename() == "node_modules") {
          entry.disable_recursion_pending();
          continue;
        }
        const auto extension = entry->path().extension();
        if (extension == ".cpp" || extension == ".h" || extension == ".mjs" || extension == ".js") {
          paths.insert(entry->path().lexically_relative(root));
        }
      }
    }
    std::vector<File> found;
    for (const auto& path : paths) found.push_back(read(path));
    return found;
  }();
  return files;
}

template <class Check>
void check_tree(Check check) {
  ASSERT_GT(tree().size(), 20u) << "the tree was not found under " << EPAY_SOURCE_DIR;
  for (const File& file : tree()) {
    for (const std::string& found : check(file)) ADD_FAILURE() << found;
  }
}

TEST(Tree, IncludesGoDownwardOnly) { check_tree(check_layers); }
TEST(Tree, HeavyHeadersStayInTheirFiles) { check_tree(check_heavy_headers); }
TEST(Tree, MoneyIsNeverAFloat) { check_tree(check_no_floating_point); }

TEST(Tree, TheBuildListsEveryFile) {
  auto lists = cmake_lists(read("cmake/sources.cmake").text);
  lists.merge(cmake_lists(read("CMakeLists.txt").text));
  check_tree([&](const File& file) { return check_listed(file, lists); });
}

TEST(Tree, TheScriptsRunEveryTestOfTheirs) {
  const std::string steps = read("scripts/steps.sh").text;
  for (const char* pattern : {"\"$folder\"/*.test.mjs", "test_files tests/e2e ", "test_files tests/browser "}) {
    EXPECT_TRUE(steps.contains(pattern)) << "scripts/steps.sh lost " << pattern;
  }
  check_tree(check_scripted_tests);
}

// ---- the rules can fail ----

struct Row {
  const char* path;
  const char* text;
  const char* found;  // what the only finding begins with; "" for none
};

template <class Check>
void check_rows(Check check, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.path) + " with: " + row.text);
    const Findings findings = check(File{row.path, row.text});
    EXPECT_EQ(findings.size(), *row.found ? 1u : 0u);
    for (const std::string& found : findings) EXPECT_TRUE(found.starts_with(row.found)) << found;
  }
}

TEST(TreeRules, Layers) {
  check_rows(
      check_layers,
      {
          {"src/db/a.h", "#include \"base/money.h\"\n#include \"runtime/task.h\"\n#include <vector>\n", ""},
          {"src/db/a.h", "#include \"db/database.h\"\n", ""},
          {"src/base/a.h", "\n#include \"db/database.h\"\n", "src/base/a.h:2: an upward include: base may not know db"},
          {"src/ledger/a.cpp", "#  include \"payments/b.h\"\n", "src/ledger/a.cpp:1: an upward include"},
          {"src/http/a.h", "#include \"db/database.h\"\n", "src/http/a.h:1: a sideways include"},
          {"src/ledger/a.cpp", "#include \"events/b.h\"\n", "src/ledger/a.cpp:1: a sideways include"},
          {"src/rails/simulator/a.cpp", "#include \"rails/rail.h\"\n", ""},
          {"src/rails/simulator/a.cpp", "#include \"payments/b.h\"\n", "src/rails/simulator/a.cpp:1: a sideways"},
          {"src/processing/a.cpp", "#include \"payments/b.h\"\n#include \"webhooks/c.h\"\n", ""},
          {"src/api/a.cpp", "#include \"pages/b.h\"\n", "src/api/a.cpp:1: a sideways include"},
          {"src/db/a_test.cpp", "#include \"simulation/sim_clock.h\"\n", ""},
          {"src/db/a_test.cpp", "#include \"payments/b.h\"\n", "src/db/a_test.cpp:1: an upward include"},
          {"src/db/a.cpp", "#include \"simulation/sim_clock.h\"\n", "src/db/a.cpp:1: only tests"},
          {"src/app/sim.cpp", "#include \"simulation/sim_clock.h\"\n", ""},
          {"src/rails/a.cpp", "#include \"emulators/emulator.h\"\n", "src/rails/a.cpp:1: only tests"},
          {"src/base/a.cpp", "#include \"../db/database.h\"\n", "src/base/a.cpp:1: \"../db/database.h\": includes are"},
          {"src/base/a.cpp", "#include \"money.h\"\n", "src/base/a.cpp:1: \"money.h\": includes are written from src/"},
          {"src/stuff/a.cpp", "", "src/stuff/a.cpp:1: the folder src/stuff has no place"},
          {"src/base/a.cpp", "// #include \"db/database.h\"\n", ""},
          {"tests/simulation/a.h", "#include \"app/app.h\"\n", ""},
      });
}

TEST(TreeRules, HeavyHeaders) {
  check_rows(
      check_heavy_headers,
      {
          {"src/runtime/a.cpp", "#include <boost/asio/io_context.hpp>\n#include <openssl/ssl.h>\n", ""},
          {"src/runtime/a.h", "#include <boost/asio/io_context.hpp>\n",
           "src/runtime/a.h:1: <boost/asio/io_context.hpp>"},
          {"src/http/a.cpp", "#include <boost/asio/ip/tcp.hpp>\n",
           "src/http/a.cpp:1: <boost/asio/ip/tcp.hpp> is heavy"},
          {"src/http/a.cpp", "#include <boost/beast/http/parser.hpp>\n#include <boost/asio/buffer.hpp>\n", ""},
          {"src/api/a.cpp", "#include <boost/beast/http/parser.hpp>\n", "src/api/a.cpp:1: <boost/beast"},
          {"src/http/json.cpp", "#include <boost/json.hpp>\n", ""},
          {"src/http/a.cpp", "\n\n#include <boost/json.hpp>\n", "src/http/a.cpp:3: <boost/json.hpp> is heavy"},
          {"src/http/a.cpp", "#include <boost/regex.hpp>\n",
           "src/http/a.cpp:1: <boost/regex.hpp> is heavy: allowed only in no"},
          {"src/db/sqlite_database.cpp", "#include <sqlite3.h>\n", ""},
          {"src/db/database.cpp", "#include <sqlite3.h>\n", "src/db/database.cpp:1: <sqlite3.h>"},
          {"src/ledger/a.cpp", "#include <libpq-fe.h>\n", "src/ledger/a.cpp:1: <libpq-fe.h>"},
          {"src/mail/smtp_transport.cpp", "#include <curl/curl.h>\n", ""},
          {"src/mail/sender.cpp", "#include <curl/curl.h>\n", "src/mail/sender.cpp:1: <curl/curl.h>"},
          {"src/base/crypto.cpp", "#include <sodium.h>\n", ""},
          {"src/webhooks/a.cpp", "#include <sodium/crypto_sign.h>\n", "src/webhooks/a.cpp:1: <sodium/crypto_sign.h>"},
          {"src/app/a.cpp", "#include <spdlog/spdlog.h>\n#include <CLI/CLI.hpp>\n#include <prometheus/counter.h>\n",
           ""},
          {"src/base/a.cpp", "#include <spdlog/spdlog.h>\n", "src/base/a.cpp:1: <spdlog/spdlog.h>"},
          {"tests/bench/a.cpp", "#include <sqlite3.h>\n", ""},
          {"tests/simulation/a.cpp", "#include <sqlite3.h>\n", "tests/simulation/a.cpp:1: <sqlite3.h>"},
      });
}

TEST(TreeRules, FloatingPoint) {
  check_rows(check_no_floating_point,
             {
                 {"src/base/money.cpp", "// never a float\nint a; /* double\n float */ auto b = \"float\";\n", ""},
                 {"src/base/money.h", "int a;\nlong double b;\n", "src/base/money.h:2: double near money"},
                 {"src/ledger/a.cpp", "auto n = 10'000; float x = 1;\n", "src/ledger/a.cpp:1: float near money"},
                 {"src/payments/a.cpp", "auto s = R\"(float)\"; auto t = \"a\\\"float\";\n", ""},
                 {"src/payments/a.cpp", "int floats, doubled;\n", ""},
                 {"src/runtime/a.cpp", "double load;\n", ""},
             });
}

TEST(TreeRules, ListedByTheBuild) {
  const auto lists = cmake_lists(
      "set(EPAY_CORE_SOURCES\n  src/base/a.cpp\n  # src/base/off.cpp\n  src/base/b_test.cpp\n)\n"
      "set(EPAY_UNIT_TESTS src/base/a_test.cpp)\nadd_executable(epay src/app/main.cpp)\n");
  check_rows([&](const File& file) { return check_listed(file, lists); },
             {
                 {"src/base/a.cpp", "", ""},
                 {"src/app/main.cpp", "", ""},
                 {"src/base/a_test.cpp", "", ""},
                 {"src/base/a.h", "", ""},
                 {"src/base/new.cpp", "", "src/base/new.cpp:1: not listed in cmake/sources.cmake"},
                 {"src/base/off.cpp", "", "src/base/off.cpp:1: not listed in cmake/sources.cmake"},
                 {"src/base/new_test.cpp", "", "src/base/new_test.cpp:1: not listed in EPAY_UNIT_TESTS"},
                 {"src/base/b_test.cpp", "", "src/base/b_test.cpp:1: not listed in EPAY_UNIT_TESTS"},
             });
}

TEST(TreeRules, ScriptedTestsAreCovered) {
  check_rows(check_scripted_tests,
             {
                 {"tests/e2e/wire.test.mjs", "import { test } from 'node:test';", ""},
                 {"tests/browser/docs.test.mjs", "import { test } from 'node:test';", ""},
                 {"tests/e2e/harness.mjs", "import http from 'node:http';", ""},
                 {"tests/browser/browser.mjs", "import { after } from 'node:test';", ""},
                 {"tests/e2e/wire.mjs", "import { test } from 'node:test';", "tests/e2e/wire.mjs:1: no script"},
                 {"tests/e2e/deep/wire.test.mjs", "", "tests/e2e/deep/wire.test.mjs:1: no script"},
                 {"tests/wire.test.mjs", "", "tests/wire.test.mjs:1: no script"},
             });
}

}  // namespace
}  // namespace epay
