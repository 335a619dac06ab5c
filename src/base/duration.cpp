#include "base/duration.h"

#include <charconv>

namespace epay {

Result<microseconds> parse_duration(std::string_view text) {
  constexpr std::int64_t largest_hours = 10 * 366 * 24;
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(std::size_t(end - text.data()));
  const auto bad = [&] {
    return fail(ErrorCode::invalid, "\"" + std::string(text) + "\" is no duration: write 0, 250ms, 2s, 5m or 24h");
  };
  if (error != std::errc() || number < 0) return bad();
  if (unit.empty() && number == 0) return microseconds(0);
  std::int64_t micros = 0;
  if (unit == "ms") {
    micros = 1'000;
  } else if (unit == "s") {
    micros = 1'000'000;
  } else if (unit == "m") {
    micros = 60'000'000;
  } else if (unit == "h") {
    micros = 3'600'000'000;
  } else {
    return bad();
  }
  if (number > largest_hours * 3'600'000'000 / micros) return bad();
  return microseconds(number * micros);
}

}  // namespace epay
