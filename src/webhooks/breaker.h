// When an endpoint is left alone for a while: at least 70 % of at least 10 tries in 5 minutes failed, or 10 in a row.
// It then rests 30 s and is probed once; each probe that fails doubles the rest, up to 10 minutes.
#pragma once

#include <array>
#include <cstdint>

#include "base/timestamp.h"

namespace epay::webhooks {

class Breaker {
 public:
  static constexpr int in_a_row_max = 10;
  static constexpr int tries_least = 10;
  static constexpr int failures_percent = 70;
  static constexpr seconds window{300};
  static constexpr seconds first_rest{30};
  static constexpr seconds longest_rest{600};

  // Of a try that was begun at `began`: one begun before the rest does not end it.
  void succeeded(Ticks began, Ticks now);
  // Whether the endpoint is to rest now.
  bool failed(Ticks began, Ticks now);
  // How long, after failed() said so.
  microseconds rest() const;

  // Between a rest and the probe's success: one try at a time.
  bool is_open() const { return opened_ > 0; }
  std::int64_t opened() const { return opened_; }
  // What an earlier process, or another, has found.
  void reopen(std::int64_t opened) { opened_ = opened; }

 private:
  static constexpr int slots = 10;
  struct Slot {
    std::int64_t number = -1;  // of its stretch of time, counted from the clock's beginning
    int tries = 0, failures = 0;
  };

  Slot& slot_at(Ticks now);
  bool fails_too_often(Ticks now) const;

  std::array<Slot, slots> slots_;
  int in_a_row_ = 0;
  std::int64_t opened_ = 0;  // how often in a row; 0: closed
  Ticks opened_at_;
};

}  // namespace epay::webhooks
