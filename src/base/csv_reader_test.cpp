#include "base/csv_reader.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

std::string shown(std::string_view text, char separator = ',') {
  const auto lines = read_csv(text, separator);
  if (!lines) return lines.error().message;
  std::string out;
  for (const CsvLine& line : *lines) {
    out += std::to_string(line.number) + ":";
    for (const std::string& field : line.fields) out += "[" + field + "]";
  }
  return out;
}

TEST(CsvReader, ReadsWhatSpreadsheetsWrite) {
  struct Row {
    const char* text;
    const char* shown;
  };
  const Row rows[] = {
      {"", ""},
      {"a,b\r\nc,d\r\n", "1:[a][b]2:[c][d]"},
      {"\xEF\xBB\xBF"
       "a,b\nc",
       "1:[a][b]2:[c]"},
      {"a,,\n", "1:[a][][]"},
      {"\"a,1\",\"say \"\"hi\"\"\",\"two\nlines\"\nnext", "1:[a,1][say \"hi\"][two\nlines]3:[next]"},
      {"a\n\n\nb", "1:[a]4:[b]"},
      {"a\"b,c", "1:[a\"b][c]"},
      {"\"a", "line 1: a quote is not closed"},
      {"x\n\"a\"b,c", "line 2: there is something behind a closing quote"},
  };
  for (const Row& row : rows) EXPECT_EQ(shown(row.text), row.shown) << row.text;
  EXPECT_EQ(shown("a;b,c", ';'), "1:[a][b,c]");
}

TEST(CsvReader, IsBounded) {
  EXPECT_EQ(shown(std::string(csv_field_max + 1, 'x')), "line 1: a field has more than 10000 bytes");
}

}  // namespace
}  // namespace epay
