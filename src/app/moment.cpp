#include "app/moment.h"

#include "base/duration.h"

namespace epay::app {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool ended() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly as many digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // ".5": at least one digit; what is finer than a microsecond is dropped.
  std::optional<microseconds> fraction() {
    std::int64_t micros = 0;
    int digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), ++digits) {
      if (digits < 6) micros = micros * 10 + (rest_.front() - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
    return microseconds(micros);
  }

 private:
  std::string_view rest_;
};

std::optional<Timestamp> read_date(Reader& reader) {
  namespace chrono = std::chrono;
  const auto year = reader.number(4);
  if (!year || !reader.take('-')) return std::nullopt;
  const auto month = reader.number(2);
  if (!month || !reader.take('-')) return std::nullopt;
  const auto day = reader.number(2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Timestamp{microseconds(chrono::sys_days(date).time_since_epoch()).count()};
}

std::optional<microseconds> read_time(Reader& reader) {
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59 || !reader.take(':')) return std::nullopt;
  const auto second = reader.number(2);
  if (!second || *second > 59) return std::nullopt;
  microseconds time = hours(*hour) + minutes(*minute) + seconds(*second);
  if (!reader.take('.')) return time;
  const auto fraction = reader.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

// How far ahead of UTC.
std::optional<microseconds> read_zone(Reader& reader) {
  if (reader.take('Z')) return microseconds(0);
  const bool behind = reader.take('-');
  if (!behind && !reader.take('+')) return std::nullopt;
  const auto hour = reader.number(2);
  if (!hour || *hour > 23) return std::nullopt;
  reader.take(':');
  const auto minute = reader.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  const microseconds ahead = hours(*hour) + minutes(*minute);
  return behind ? -ahead : ahead;
}

std::optional<Timestamp> read_moment(std::string_view text) {
  Reader reader(text);
  const auto date = read_date(reader);
  if (!date) return std::nullopt;
  const bool wire = reader.take(' ');
  if (!wire && !reader.take('T')) return std::nullopt;
  const auto time = read_time(reader);
  if (!time) return std::nullopt;
  const auto zone = wire && reader.ended() ? std::optional(microseconds(0)) : read_zone(reader);
  if (!zone || !reader.ended()) return std::nullopt;
  return *date + *time - *zone;
}

}  // namespace

Result<Timestamp> parse_moment(std::string_view text) {
  if (const auto moment = read_moment(text)) return *moment;
  return fail(ErrorCode::invalid,
              "\"" + std::string(text) + "\" is no moment: write 2026-01-25 12:53:29 (UTC) or 2026-01-25T12:53:29Z");
}

Result<Timestamp> parse_moment_or_age(std::string_view text, Timestamp now) {
  if (const auto age = parse_duration(text)) return now - *age;
  const auto moment = parse_moment(text);
  if (moment) return moment;
  return fail(ErrorCode::invalid, moment.error().message + ", or how long ago: 24h");
}

}  // namespace epay::app
