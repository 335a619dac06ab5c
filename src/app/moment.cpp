#include "app/moment.h"

#include "base/duration.h"
#include "base/time_text.h"

namespace epay::app {

Result<Timestamp> parse_moment(std::string_view text, Timestamp now) {
  if (const auto age = parse_duration(text)) return now - *age;
  if (const auto moment = parse_time(text)) return *moment;
  return fail(ErrorCode::invalid, std::string(time_forms) + ", or how long ago: 24h");
}

}  // namespace epay::app
