#include "app/moment.h"

#include "api/wire_time.h"
#include "base/duration.h"

namespace epay::app {

Result<Timestamp> parse_moment(std::string_view text, Timestamp now) {
  if (const auto age = parse_duration(text)) return now - *age;
  if (const auto moment = api::parse_time(text)) return *moment;
  return fail(ErrorCode::invalid, std::string(api::time_forms) + ", or how long ago: 24h");
}

}  // namespace epay::app
