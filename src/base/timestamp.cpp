#include "base/timestamp.h"

#include <algorithm>

namespace epay {
namespace {

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second;
  std::int64_t micros;
};

Civil to_civil(Timestamp t) {
  using namespace std::chrono;
  const sys_time<microseconds> point{microseconds(t.micros)};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const auto rest = point - day;
  const auto second_of_day = duration_cast<seconds>(rest).count();
  return {int(date.year()),
          unsigned(date.month()),
          unsigned(date.day()),
          int(second_of_day / 3600),
          int(second_of_day / 60 % 60),
          int(second_of_day % 60),
          duration_cast<microseconds>(rest).count() % 1'000'000};
}

// Without printf: every answer and every line of the log has such a text.
void put(std::string& text, std::int64_t number, std::size_t width, char after) {
  const std::size_t begin = text.size();
  text.append(width, '0');
  for (std::size_t at = begin + width; at > begin; number /= 10) text[--at] = char('0' + number % 10);
  if (after != 0) text += after;
}

std::string to_text(const Civil& c, char between) {
  std::string text;
  text.reserve(32);
  put(text, c.year, 4, '-');
  put(text, c.month, 2, '-');
  put(text, c.day, 2, between);
  put(text, c.hour, 2, ':');
  put(text, c.minute, 2, ':');
  put(text, c.second, 2, 0);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes pieces off the front of a text; once one does not fit, nothing does.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  bool at(std::string_view choices) const { return !rest_.empty() && choices.contains(rest_.front()); }
  bool take(std::string_view choices) {
    good_ = good_ && at(choices);
    if (good_) rest_.remove_prefix(1);
    return good_;
  }
  // As many digits, at most `most`.
  std::int64_t number(std::size_t digits, std::int64_t most) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char digit = rest_.empty() ? '0' : rest_.front();
      if (take("0123456789")) number = number * 10 + (digit - '0');
    }
    good_ = good_ && number <= most;
    return number;
  }
  // What comes after a point, of which microseconds count.
  std::int64_t fraction() {
    std::int64_t micros = number(1, 9) * 100'000;
    for (std::int64_t unit = 10'000; good_ && at("0123456789"); unit /= 10) micros += number(1, 9) * unit;
    return micros;
  }
  bool ended() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// Minutes east of UTC.
std::int64_t take_zone(Pieces& pieces) {
  if (pieces.at("Zz")) {
    pieces.take("Zz");
    return 0;
  }
  if (!pieces.at("+-")) return 0;
  const std::int64_t sign = pieces.at("-") ? -1 : 1;
  pieces.take("+-");
  const std::int64_t hour = pieces.number(2, 23);
  if (pieces.at(":")) pieces.take(":");
  return sign * (hour * 60 + pieces.number(2, 59));
}

std::int64_t take_time_of_day(Pieces& pieces) {
  std::int64_t micros = pieces.number(2, 23) * 3'600'000'000;
  pieces.take(":");
  micros += pieces.number(2, 59) * 60'000'000;
  if (pieces.at(":")) {
    pieces.take(":");
    micros += pieces.number(2, 59) * 1'000'000;
    if (pieces.at(".,")) {
      pieces.take(".,");
      micros += pieces.fraction();
    }
  }
  return micros - take_zone(pieces) * 60'000'000;
}

}  // namespace

std::optional<Timestamp> Timestamp::parse(std::string_view text) {
  constexpr std::size_t unix_digits_max = 11;  // until the year 5138
  if (!text.empty() && text.size() <= unix_digits_max && std::ranges::all_of(text, is_digit)) {
    return Timestamp{Pieces(text).number(text.size(), INT64_MAX) * 1'000'000};
  }
  using namespace std::chrono;
  Pieces pieces(text);
  const year year{int(pieces.number(4, 9999))};
  pieces.take("-");
  const month month{unsigned(pieces.number(2, 12))};
  pieces.take("-");
  const day day{unsigned(pieces.number(2, 31))};
  std::int64_t micros = 0;
  if (!pieces.ended()) {
    pieces.take(" Tt");
    micros = take_time_of_day(pieces);
  }
  const year_month_day date = year / month / day;
  if (!pieces.ended() || !date.ok()) return std::nullopt;
  micros += duration_cast<microseconds>(sys_days(date).time_since_epoch()).count();
  return micros < 0 ? std::nullopt : std::optional(Timestamp{micros});
}

std::string Timestamp::to_wire() const { return to_text(to_civil(*this), ' '); }

std::string Timestamp::to_iso8601() const {
  const Civil c = to_civil(*this);
  std::string text = to_text(c, 'T');
  text += '.';
  put(text, c.micros, 6, 'Z');
  return text;
}

}  // namespace epay
