#include "base/timestamp.h"

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

}  // namespace

std::string Timestamp::to_wire() const { return to_text(to_civil(*this), ' '); }

std::string Timestamp::to_iso8601() const {
  const Civil c = to_civil(*this);
  std::string text = to_text(c, 'T');
  text += '.';
  put(text, c.micros, 6, 'Z');
  return text;
}

}  // namespace epay
