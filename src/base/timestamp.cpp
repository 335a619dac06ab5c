#include "base/timestamp.h"

#include <array>
#include <cstdio>

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

}  // namespace

std::string Timestamp::to_wire() const {
  const Civil c = to_civil(*this);
  std::array<char, 80> text;
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", c.year, c.month, c.day,
                                 c.hour, c.minute, c.second);
  return {text.data(), std::size_t(size)};
}

std::string Timestamp::to_iso8601() const {
  const Civil c = to_civil(*this);
  std::array<char, 96> text;
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06lldZ", c.year, c.month,
                                 c.day, c.hour, c.minute, c.second, static_cast<long long>(c.micros));
  return {text.data(), std::size_t(size)};
}

}  // namespace epay
