#include "webhooks/verdict.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace epay::webhooks {
namespace {

// A receiver that is just restarting: a connection that failed this soon is tried once more at once.
constexpr seconds instant_retry_within{1};

constexpr int status_gone = 410, status_too_many = 429, status_unavailable = 503;

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<Timestamp> parse_http_date(const std::string& text) {
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, read = 0;
  char month[4] = "";
  if (std::sscanf(text.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour, &minute,
                  &second, &read) != 6 ||
      read != static_cast<int>(text.size())) {
    return std::nullopt;
  }
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = months.find(std::string_view(month));
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(at / 3 + 1)),
                                         std::chrono::day(unsigned(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto moment = std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
  return Timestamp{std::chrono::duration_cast<microseconds>(moment.time_since_epoch()).count()};
}

bool is_wait_obeyed(const TryResult& result) {
  return result.status == status_too_many || result.status == status_unavailable;
}

}  // namespace

std::optional<microseconds> parse_retry_after(std::string_view text, Timestamp now) {
  if (text.empty() || text.size() > 40) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (end == text.data() + text.size() && error == std::errc::result_out_of_range) return retry_after_max;
  if (error == std::errc() && end == text.data() + text.size()) {
    if (count < 0) return std::nullopt;
    return seconds(std::min<std::int64_t>(count, seconds(retry_after_max).count()));
  }
  const auto date = parse_http_date(std::string(text));
  if (!date) return std::nullopt;
  return std::clamp<microseconds>(*date - now, microseconds(0), retry_after_max);
}

Verdict judge(const TryResult& result, const RetrySchedule& schedule, Timestamp now, int jitter) {
  Verdict verdict{.state = {.status = events::DeliveryStatus::delivered, .uncounted_tries = result.uncounted_tries}};
  if (result.status && *result.status >= 200 && *result.status < 300) return verdict;
  verdict.endpoint_is_gone = result.status == status_gone;
  // Once, and it is no step of the schedule.
  const bool again_at_once = result.could_not_connect && result.took <= instant_retry_within && result.tries == 1;
  if (again_at_once) ++verdict.state.uncounted_tries;
  auto wait = schedule.wait_after(std::max(1, result.tries - verdict.state.uncounted_tries), jitter);
  if (is_wait_obeyed(result)) {
    verdict.endpoint_rests = parse_retry_after(result.retry_after, now);
    if (!verdict.endpoint_rests && result.status == status_too_many) verdict.endpoint_rests = too_many_rest;
    if (wait && verdict.endpoint_rests) wait = std::max(*wait, *verdict.endpoint_rests);
  }
  verdict.state.status = wait ? events::DeliveryStatus::waiting : events::DeliveryStatus::given_up;
  if (wait) verdict.state.due_at = now + (again_at_once ? microseconds(0) : *wait);
  return verdict;
}

HealthChange note_failure(events::Health& health, bool gone, Timestamp now) {
  using events::Told;
  const Timestamp before = health.last_failure_at;
  if (!health.failing_since) {
    health.failing_since = now;
    health.failures = 0;
  }
  ++health.failures;
  health.last_failure_at = now;
  if (gone) return HealthChange::disabled_gone;
  const microseconds lasts = now - *health.failing_since;
  // A clock that was set back, or a single failure, is no proof.
  const bool apart = health.failures > 1 && (lasts >= failures_apart || now - before >= failures_apart);
  if (lasts >= disabled_after && apart) return HealthChange::disabled_failing;
  const auto tell = [&](Told news, HealthChange change) {
    health.told = news;
    health.told_at = now;
    return change;
  };
  if (lasts * 10 >= microseconds(disabled_after) * 9 && health.told < Told::nearly_over)
    return tell(Told::nearly_over, HealthChange::nearly_over);
  if (lasts * 2 >= disabled_after && health.told < Told::half_time)
    return tell(Told::half_time, HealthChange::half_time);
  const bool quiet_long_enough = !health.told_at || now - *health.told_at >= letters_apart;
  if (health.failures >= failures_told_at && health.told == Told::nothing && quiet_long_enough)
    return tell(Told::failing, HealthChange::failing);
  return HealthChange::none;
}

HealthChange note_success(events::Health& health, bool ends_rest) {
  const bool told = health.told != events::Told::nothing;
  health.failing_since.reset();
  if (ends_rest) {
    health.rests_until.reset();
    health.breaker_opened = 0;
  }
  health.told = events::Told::nothing;
  // `failures` and `told_at` stay, for the letter and for the next time.
  return told ? HealthChange::recovered : HealthChange::none;
}

}  // namespace epay::webhooks
