#include "base/csv_reader.h"

namespace epay {
namespace {

class Reader {
 public:
  Reader(std::string_view text, char separator) : text_(text), separator_(separator) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  Result<std::vector<CsvLine>> read() {
    while (!text_.empty()) {
      CsvLine line{.number = line_number_};
      bool more = true;
      while (more) {
        auto field = read_field();
        if (!field) return std::unexpected(field.error());
        line.fields.push_back(*std::move(field));
        more = !text_.empty() && text_.front() == separator_;
        if (more) text_.remove_prefix(1);
      }
      end_line();
      const bool empty = line.fields.size() == 1 && line.fields[0].empty();
      if (empty) continue;
      if (lines_.size() >= csv_lines_max)
        return wrong("the file has more than " + std::to_string(csv_lines_max) + " lines");
      lines_.push_back(std::move(line));
    }
    return std::move(lines_);
  }

 private:
  std::unexpected<Error> wrong(const std::string& what) const {
    return fail(ErrorCode::invalid, "line " + std::to_string(line_number_) + ": " + what);
  }

  Result<std::string> read_field() {
    std::string field;
    if (text_.starts_with('"')) {
      text_.remove_prefix(1);
      for (;;) {
        if (text_.empty()) return wrong("a quote is not closed");
        const char c = take();
        if (c != '"') {
          field += c;
        } else if (text_.starts_with('"')) {
          field += take();
        } else {
          break;
        }
      }
      if (!text_.empty() && !at_end_of_field()) return wrong("there is something behind a closing quote");
    } else {
      while (!text_.empty() && !at_end_of_field()) field += take();
    }
    if (field.size() > csv_field_max) return wrong("a field has more than " + std::to_string(csv_field_max) + " bytes");
    return field;
  }

  bool at_end_of_field() const {
    return text_.front() == separator_ || text_.front() == '\n' || text_.starts_with("\r\n");
  }

  char take() {
    const char c = text_.front();
    text_.remove_prefix(1);
    if (c == '\n') ++line_number_;
    return c;
  }

  void end_line() {
    if (text_.starts_with('\r')) text_.remove_prefix(1);
    if (!text_.empty()) take();
  }

  std::string_view text_;
  char separator_;
  int line_number_ = 1;
  std::vector<CsvLine> lines_;
};

}  // namespace

Result<std::vector<CsvLine>> read_csv(std::string_view text, char separator) { return Reader(text, separator).read(); }

}  // namespace epay
