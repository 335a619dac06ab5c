// News between the processes that serve one store: that something has changed, never what. It may be lost, so that
// whoever waits for it also looks by itself, now and then.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace epay::db {

enum class NoticeKind : std::int64_t {
  events = 1,        // of the merchant, were recorded
  payment = 2,       // `subject` has changed
  endpoint = 3,      // `subject`'s settings, secrets or state have changed
  deliveries = 4,    // of the endpoint `subject`, are due that the announcing process has not
  redelivery = 5,    // `subject` was begun or resumed
  mail = 6,          // was queued
  text_message = 7,  // was queued
  test_phones = 8,   // were taken in hand or put down
  bulk_payouts = 9,  // were begun
};

struct Notice {
  NoticeKind kind = NoticeKind::events;
  MerchantId merchant = {};
  std::int64_t subject = 0;
  friend bool operator==(const Notice&, const Notice&) = default;
};

}  // namespace epay::db
