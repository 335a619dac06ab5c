#include "webhooks/verdict.h"

#include <gtest/gtest.h>

namespace epay::webhooks {
namespace {

using events::DeliveryStatus;
using events::Told;

// 2026-01-25 12:00:00 UTC
constexpr Timestamp now{1'769'342'400'000'000};
constexpr int no_jitter = 200;

Verdict judged(const TryResult& result) { return judge(result, RetrySchedule(), now, no_jitter); }

TEST(Verdict, OnlyTwoHundredsAreDelivered) {
  for (const int status : {200, 201, 204, 299}) {
    EXPECT_EQ(judged({.status = status}).state.status, DeliveryStatus::delivered) << status;
  }
  for (const int status : {101, 199, 300, 301, 302, 304, 307, 400, 401, 404, 410, 429, 500, 502, 503}) {
    const Verdict verdict = judged({.status = status});
    EXPECT_EQ(verdict.state.status, DeliveryStatus::waiting) << status;
    EXPECT_EQ(verdict.endpoint_is_gone, status == 410) << status;
  }
}

TEST(Verdict, FollowsTheScheduleToItsEnd) {
  const std::int64_t seconds_expected[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
  for (int tries = 1; tries <= 9; ++tries) {
    const auto due = judged({.tries = tries, .status = 500}).state.due_at;
    ASSERT_TRUE(due) << tries;
    EXPECT_EQ(*due - now, seconds(seconds_expected[tries - 1])) << tries;
  }
  EXPECT_EQ(judged({.tries = 10, .status = 500}).state.status, DeliveryStatus::given_up);
  // Sent again on purpose after ten tries: the schedule begins anew.
  EXPECT_EQ(*judged({.tries = 11, .uncounted_tries = 10, .status = 500}).state.due_at - now, seconds(5));
}

TEST(Verdict, AConnectionThatFailsAtOnceIsTriedOnceMoreAtOnce) {
  const Verdict first = judged({.could_not_connect = true, .took = milliseconds(3)});
  EXPECT_EQ(*first.state.due_at, now);
  EXPECT_EQ(first.state.uncounted_tries, 1);
  const Verdict second = judged({.tries = 2, .uncounted_tries = 1, .could_not_connect = true, .took = milliseconds(3)});
  EXPECT_EQ(*second.state.due_at - now, seconds(5));
  EXPECT_EQ(second.state.uncounted_tries, 1);
  EXPECT_EQ(*judged({.could_not_connect = true, .took = seconds(2)}).state.due_at - now, seconds(5));
  EXPECT_EQ(*judged({.took = milliseconds(3)}).state.due_at - now, seconds(5));
}

TEST(Verdict, ReadsRetryAfter) {
  struct Row {
    const char* text;
    std::optional<std::int64_t> expected;
  };
  for (const Row& row : std::initializer_list<Row>{{"0", 0},
                                                   {"120", 120},
                                                   {"86400", 86'400},
                                                   {"86401", 86'400},
                                                   {"99999999999999999999999", 86'400},
                                                   {"-5", std::nullopt},
                                                   {"1.5", std::nullopt},
                                                   {"soon", std::nullopt},
                                                   {"", std::nullopt},
                                                   {"12 ", std::nullopt},
                                                   {"Sun, 25 Jan 2026 12:01:30 GMT", 90},
                                                   {"Sun, 25 Jan 2026 11:00:00 GMT", 0},
                                                   {"Sun, 25 Jan 2026 12:01:30 CET", std::nullopt},
                                                   {"Sun, 45 Jan 2026 12:01:30 GMT", std::nullopt},
                                                   {"Sun, 25 Xxx 2026 12:01:30 GMT", std::nullopt}}) {
    const auto wait = parse_retry_after(row.text, now);
    EXPECT_EQ(wait.has_value(), row.expected.has_value()) << row.text;
    if (wait && row.expected) EXPECT_EQ(*wait, seconds(*row.expected)) << row.text;
  }
}

TEST(Verdict, TheLongerOfScheduleAndRetryAfterCounts) {
  for (const int status : {429, 503}) {
    const Verdict longer = judged({.status = status, .retry_after = "3600"});
    EXPECT_EQ(*longer.state.due_at - now, hours(1));
    EXPECT_EQ(longer.endpoint_rests, hours(1));
    const Verdict shorter = judged({.tries = 4, .status = status, .retry_after = "60"});
    EXPECT_EQ(*shorter.state.due_at - now, hours(2));
    EXPECT_EQ(shorter.endpoint_rests, seconds(60));
  }
  EXPECT_EQ(judged({.status = 429}).endpoint_rests, too_many_rest);
  EXPECT_FALSE(judged({.status = 503}).endpoint_rests);
  EXPECT_FALSE(judged({.status = 500, .retry_after = "3600"}).endpoint_rests);
}

// Failures so long apart each; what each of them changed.
std::vector<HealthChange> changes(const std::vector<microseconds>& waits) {
  events::Health health;
  Timestamp at = now;
  std::vector<HealthChange> all;
  for (const microseconds wait : waits) {
    at = at + wait;
    all.push_back(note_failure(health, false, at));
  }
  return all;
}

TEST(EndpointHealth, IsToldOfAtTheFourthFailureHalfTimeAndNearTheEndAndThenSwitchedOff) {
  using enum HealthChange;
  EXPECT_EQ(changes({seconds(0), seconds(5), seconds(5), seconds(5), seconds(5)}),
            (std::vector{none, none, none, failing, none}));
  EXPECT_EQ(
      changes({hours(0), hours(1), hours(1), hours(1), hours(57), hours(1), hours(47), hours(1), hours(11), hours(1)}),
      (std::vector{none, none, none, failing, half_time, none, nearly_over, none, disabled_failing, disabled_failing}));
}

TEST(EndpointHealth, ASingleLateFailureIsNoProof) {
  using enum HealthChange;
  EXPECT_EQ(changes({hours(0)}), (std::vector{none}));
  EXPECT_EQ(changes({hours(0), hours(200)}), (std::vector{none, disabled_failing}));
}

TEST(EndpointHealth, GoneSwitchesOffAtOnce) {
  events::Health health;
  EXPECT_EQ(note_failure(health, true, now), HealthChange::disabled_gone);
}

TEST(EndpointHealth, RecoversOnceAndOnlyIfItsOwnerWasTold) {
  events::Health health;
  note_failure(health, false, now);
  EXPECT_EQ(note_success(health), HealthChange::none);
  for (int i = 0; i < 4; ++i) note_failure(health, false, now + seconds(i));
  EXPECT_EQ(health.told, Told::failing);
  EXPECT_EQ(note_success(health), HealthChange::recovered);
  EXPECT_EQ(note_success(health), HealthChange::none);
}

TEST(EndpointHealth, ComingAndGoingBringsOneLetterAnHour) {
  events::Health health;
  int letters = 0;
  Timestamp at = now;
  for (int round = 0; round < 60; ++round) {  // four failures and a success, every two minutes
    for (int i = 0; i < 4; ++i) {
      at = at + seconds(24);
      letters += note_failure(health, false, at) != HealthChange::none ? 1 : 0;
    }
    at = at + seconds(24);
    note_success(health);
  }
  EXPECT_EQ(letters, 2);
}

}  // namespace
}  // namespace epay::webhooks
