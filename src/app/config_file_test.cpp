#include "app/config_file.h"

#include <gtest/gtest.h>

namespace epay::app {
namespace {

// "number:name=value" of each line, or what is wrong.
std::string read(std::string_view text) {
  const auto lines = parse_config(text);
  if (!lines) return lines.error().message;
  std::string shown;
  for (const ConfigLine& line : *lines) {
    shown += (shown.empty() ? "" : " ") + std::to_string(line.number) + ":" + line.name + "=" + line.value;
  }
  return shown;
}

TEST(ConfigFile, IsReadLineByLine) {
  const struct {
    std::string_view text, read;
  } rows[] = {
      {"", ""},
      {"\n  \n# listen = nowhere\n  # nothing\n", ""},
      {"listen = 127.0.0.1:8080", "1:listen=127.0.0.1:8080"},
      {"\nlisten=a\r\n\t mail-from =  Epay <pay@example.com> \n", "2:listen=a 3:mail-from=Epay <pay@example.com>"},
      {"trusted-proxy = ::1\ntrusted-proxy = 10.0.0.0/8", "1:trusted-proxy=::1 2:trusted-proxy=10.0.0.0/8"},
      {"sms-body = {\"to\":\"{to}\",\"a\":\"x=y # z\"}", "1:sms-body={\"to\":\"{to}\",\"a\":\"x=y # z\"}"},
      {"a = ' b '\nc = \"d\"\ne = \"f\" and \"g\"\nh = \"", "1:a= b  2:c=d 3:e=\"f\" and \"g\" 4:h=\""},
      {"public-url =", "1:public-url="},
  };
  for (const auto& row : rows) EXPECT_EQ(read(row.text), row.read) << row.text;
}

TEST(ConfigFile, NamesTheLineThatIsNone) {
  for (const std::string_view line : {"listen", "= 1", "--listen = 1", "[serve]", "Listen = 1", "public url = x"}) {
    EXPECT_EQ(read("# first\n" + std::string(line)), "line 2 is not `name = value`, such as listen = 127.0.0.1:8080")
        << line;
  }
}

}  // namespace
}  // namespace epay::app
