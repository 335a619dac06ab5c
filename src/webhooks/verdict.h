// What one try means: for the delivery, and for its endpoint. Pure: chance and time are passed in.
#pragma once

#include <optional>
#include <string_view>

#include "base/timestamp.h"
#include "events/delivery.h"
#include "events/health.h"
#include "webhooks/retry_schedule.h"

namespace epay::webhooks {

// No longer wait than this is obeyed.
inline constexpr hours retry_after_max{24};
// How long an endpoint that answers 429 rests when it does not say how long.
inline constexpr seconds too_many_rest{5};

// A Retry-After header's value (RFC 9110 §10.2.3): seconds, or a date. Nothing when it is neither; at most
// retry_after_max.
std::optional<microseconds> parse_retry_after(std::string_view text, Timestamp now);

struct TryResult {
  int tries = 1;            // with this one
  int uncounted_tries = 0;  // of the ones before
  std::optional<int> status;
  std::string_view retry_after;    // the header's value, of an answer
  bool could_not_connect = false;  // nothing was sent
  microseconds took{0};
};

struct Verdict {
  events::DeliveryState state;
  std::optional<microseconds> endpoint_rests;  // it asked for that
  bool endpoint_is_gone = false;               // it answered 410
};

// `jitter` is chance in [0, 400).
Verdict judge(const TryResult& result, const RetrySchedule& schedule, Timestamp now, int jitter);

// ---- the endpoint's health ----

// An endpoint that has failed this often without a success is failing: its owner is told.
inline constexpr int failures_told_at = 4;
// With no success for this long, and failures as far apart as `failures_apart`, it is disabled.
inline constexpr hours disabled_after{5 * 24};
inline constexpr hours failures_apart{12};
// Its owner gets no two letters about an endpoint that comes and goes within this.
inline constexpr hours letters_apart{1};

enum class HealthChange { none, failing, half_time, nearly_over, disabled_failing, disabled_gone, recovered };

// Moves `health` on by one failure.
HealthChange note_failure(events::Health& health, bool gone, Timestamp now);
// By a success. `ends_rest`: it was begun after the endpoint was told to rest, if it was.
HealthChange note_success(events::Health& health, bool ends_rest = true);

}  // namespace epay::webhooks
