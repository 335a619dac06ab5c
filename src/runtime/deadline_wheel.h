// Deadlines of socket operations, cheaply: starting and ending one is a few pointer writes, and one sweep per granule
// looks only at the deadlines that may have passed. They are late by up to two granules, never early.
#pragma once

#include <array>
#include <cstddef>

#include "base/timestamp.h"

namespace epay::runtime {

class DeadlineWheel;

// A deadline that something waits for; the base of what waits. Leaves its wheel when it is destroyed.
class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 protected:
  ~Deadline() { leave(); }
  // Called by sweep(), after this has left the wheel. May let other deadlines leave, and end.
  virtual void on_expired() = 0;
  void leave();

 private:
  friend class DeadlineWheel;
  DeadlineWheel* wheel_ = nullptr;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  Ticks due_{};
};

class DeadlineWheel {
 public:
  static constexpr microseconds granule{50'000};

  // Watches it; never() is watched by not watching. It must not be on a wheel.
  void add(Deadline& deadline, Ticks due);
  // Expires what is due by `now`.
  void sweep(Ticks now);
  std::size_t size() const { return size_; }

 private:
  friend class Deadline;
  // 512 granules are 25.6 s: a longer deadline is looked at once a turn.
  static constexpr std::size_t slot_count = 512;

  static std::int64_t granule_of(Ticks at) { return at.micros / granule.count(); }
  void expire_slot(std::size_t slot, Ticks now);

  std::array<Deadline*, slot_count> slots_{};
  std::int64_t swept_through_ = 0;  // the last granule that sweep() looked at
  std::size_t size_ = 0;
  Deadline* cursor_ = nullptr;  // what sweep() looks at next; moved on when it leaves
};

}  // namespace epay::runtime
