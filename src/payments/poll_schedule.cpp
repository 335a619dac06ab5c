#include "payments/poll_schedule.h"

#include "base/check.h"

namespace epay::payments {
namespace {

// Until this age, this long between polls.
struct Stage {
  seconds until;
  seconds wait;
};
constexpr Stage stages[] = {{seconds(20), seconds(5)},
                            {seconds(30), seconds(10)},
                            {minutes(5), seconds(30)},
                            {minutes(30), minutes(2)},
                            {hours(6), minutes(15)}};
constexpr seconds last_wait = hours(1);
constexpr seconds payment_age_max = hours(24);
constexpr seconds outgoing_age_max = hours(72);

}  // namespace

std::optional<Timestamp> next_poll_at(PaymentKind kind, Timestamp began, Timestamp now, int jitter) {
  EPAY_CHECK(jitter >= 0 && jitter < 400);
  const microseconds age = now - began;
  if (age >= (is_outgoing(kind) ? outgoing_age_max : payment_age_max)) return std::nullopt;
  microseconds wait = last_wait;
  for (const Stage& stage : stages) {
    if (age < stage.until) {
      wait = stage.wait;
      break;
    }
  }
  return now + wait * (800 + jitter) / 1000;
}

}  // namespace epay::payments
