// How a rail does just now, by network: from what it answered in the last minutes to this process.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/timestamp.h"

namespace epay::rails {

enum class Standing {
  operational,
  delayed,  // it answers late, or not always
  closed,   // it does not answer: nothing new is sent to it but one order now and then, to see
};
std::string_view wire_name(Standing standing);

class Health {
 public:
  static constexpr seconds slice{10};
  static constexpr std::size_t slices = 30;  // five minutes
  // So many unanswered in a row, and none answered for so long, and it is closed.
  static constexpr int unanswered_max = 5;
  static constexpr seconds silence_max{10};
  // How often a closed one is tried with a new order.
  static constexpr seconds probe_every{15};
  // With fewer answers nothing is said about shares and means.
  static constexpr int sample_min = 10;
  static constexpr int delayed_percent = 20;
  static constexpr microseconds delayed_mean = seconds(5);

  enum class Heard { answered, unanswered };
  void note_exchange(Heard heard, microseconds took, Ticks now);
  // An order's end, by the rail's word.
  void note_end(bool succeeded, Ticks now);

  Standing standing(Ticks now) const;
  // Whether a new order may be sent. Where it is closed, true once every probe_every.
  bool take(Ticks now);

  struct Figures {
    std::int64_t answered = 0, unanswered = 0, succeeded = 0, failed = 0;
    std::optional<microseconds> mean;  // of what was answered
  };
  Figures figures(Ticks now) const;

 private:
  struct Slice {
    std::int64_t number = -1;
    std::int64_t answered = 0, unanswered = 0, succeeded = 0, failed = 0;
    microseconds took{0};
  };
  Slice& slice_at(Ticks now);
  bool is_closed(Ticks now) const;

  std::array<Slice, slices> slices_;
  int unanswered_in_a_row_ = 0;
  std::optional<Ticks> silent_since_;
  Ticks probed_at_;
};

}  // namespace epay::rails
