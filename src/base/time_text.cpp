#include "base/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace epay {
namespace {

constexpr std::int64_t unix_seconds_max = 253'402'300'799;  // the end of 9999
constexpr int fraction_digits_max = 9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a text apart from its beginning; once something does not fit, nothing does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly so many digits, from `low` to `high`.
  int number(int digits, int low, int high) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value >= low && value <= high ? value : fail();
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) {
    if (!take(any_of)) fail();
  }
  // Microseconds; what is finer is dropped.
  int fraction() {
    int micros = 0;
    int digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); ++digits, rest_.remove_prefix(1)) {
      if (digits < 6) micros = micros * 10 + (rest_.front() - '0');
    }
    if (digits == 0 || digits > fraction_digits_max) return fail();
    for (; digits < 6; ++digits) micros *= 10;
    return micros;
  }
  bool at_end() const { return rest_.empty(); }
  bool fits() const { return fits_; }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  int fail() {
    fits_ = false;
    return 0;
  }
  std::string_view rest_;
  bool fits_ = true;
};

std::optional<Timestamp> from_seconds(std::int64_t seconds, int micros = 0) {
  if (seconds < 0 || seconds > unix_seconds_max) return std::nullopt;
  return Timestamp{seconds * 1'000'000 + micros};
}

std::optional<Timestamp> parse_unix(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return from_seconds(seconds);
}

// Seconds that the clock is ahead of UTC.
int parse_offset(Scanner& scan) {
  if (scan.at_end() || scan.take("Zz")) return 0;
  const bool behind = scan.next() == '-';
  scan.expect("+-");
  const int hour = scan.number(2, 0, 14);
  scan.take(":");
  const int minute = scan.number(2, 0, 59);
  return (behind ? -1 : 1) * (hour * 3'600 + minute * 60);
}

}  // namespace

std::optional<Timestamp> parse_time(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_digit)) return parse_unix(text);
  Scanner scan(text);
  const int year = scan.number(4, 1970, 9999);
  scan.expect("-");
  const int month = scan.number(2, 1, 12);
  scan.expect("-");
  const int day = scan.number(2, 1, 31);
  int second_of_day = 0;
  int micros = 0;
  int offset = 0;
  if (!scan.at_end()) {
    scan.expect(" Tt");
    second_of_day = scan.number(2, 0, 23) * 3'600;
    scan.expect(":");
    second_of_day += scan.number(2, 0, 59) * 60;
    scan.expect(":");
    second_of_day += scan.number(2, 0, 59);
    if (scan.take(".")) micros = scan.fraction();
    offset = parse_offset(scan);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!scan.fits() || !scan.at_end() || !date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return from_seconds(days * 86'400 + second_of_day - offset, micros);
}

}  // namespace epay
