// A moment on the wall clock, and a point on the monotonic clock. Neither reads a clock: see runtime/clock.h.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace epay {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Microseconds since 1970-01-01 UTC.
struct Timestamp {
  std::int64_t micros = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
  friend Timestamp operator+(Timestamp t, microseconds d) { return {t.micros + d.count()}; }
  friend Timestamp operator-(Timestamp t, microseconds d) { return {t.micros - d.count()}; }
  friend microseconds operator-(Timestamp a, Timestamp b) { return microseconds(a.micros - b.micros); }
  std::int64_t unix_seconds() const { return micros / 1'000'000; }
  // Days since 1970-01-01, in UTC.
  std::int64_t day() const { return micros / microseconds_per_day; }
  static Timestamp start_of_day(std::int64_t day) { return {day * microseconds_per_day}; }
  static constexpr std::int64_t microseconds_per_day = 86'400'000'000;
  // "2019-01-25 12:53:29", UTC, no zone suffix (the wire's form).
  std::string to_wire() const;
  // "2019-01-25T12:53:29.000001Z" (logs, new events).
  std::string to_iso8601() const;
};

// Microseconds on a clock that never jumps; for deadlines and durations within one process.
struct Ticks {
  std::int64_t micros = 0;
  friend auto operator<=>(const Ticks&, const Ticks&) = default;
  friend Ticks operator+(Ticks t, microseconds d) { return {t.micros + d.count()}; }
  friend microseconds operator-(Ticks a, Ticks b) { return microseconds(a.micros - b.micros); }
  static constexpr Ticks never() { return {INT64_MAX}; }
};

}  // namespace epay
