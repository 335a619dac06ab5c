#include "rails/health.h"

namespace epay::rails {
namespace {

std::int64_t number_of(Ticks now) { return now.micros / microseconds(Health::slice).count(); }

}  // namespace

std::string_view wire_name(Standing standing) {
  switch (standing) {
    case Standing::operational: return "operational";
    case Standing::delayed: return "delayed";
    case Standing::closed: return "closed";
  }
  return "";
}

Health::Slice& Health::slice_at(Ticks now) {
  const std::int64_t number = number_of(now);
  Slice& found = slices_[static_cast<std::size_t>(number) % slices];
  if (found.number != number) found = {.number = number};
  return found;
}

void Health::note_exchange(Heard heard, microseconds took, Ticks now) {
  Slice& current = slice_at(now);
  if (heard == Heard::answered) {
    ++current.answered;
    current.took += took;
    unanswered_in_a_row_ = 0;
    silent_since_.reset();
    return;
  }
  ++current.unanswered;
  ++unanswered_in_a_row_;
  if (!silent_since_) silent_since_ = now;
}

void Health::note_end(bool succeeded, Ticks now) { ++(succeeded ? slice_at(now).succeeded : slice_at(now).failed); }

bool Health::is_closed(Ticks now) const {
  return unanswered_in_a_row_ >= unanswered_max && silent_since_ && now - *silent_since_ >= silence_max;
}

Health::Figures Health::figures(Ticks now) const {
  Figures sum;
  microseconds took{0};
  const std::int64_t last = number_of(now);
  for (const Slice& one : slices_) {
    if (one.number < 0 || one.number + std::int64_t(slices) <= last) continue;
    sum.answered += one.answered;
    sum.unanswered += one.unanswered;
    sum.succeeded += one.succeeded;
    sum.failed += one.failed;
    took += one.took;
  }
  if (sum.answered > 0) sum.mean = took / sum.answered;
  return sum;
}

Standing Health::standing(Ticks now) const {
  if (is_closed(now)) return Standing::closed;
  const Figures sum = figures(now);
  const std::int64_t asked = sum.answered + sum.unanswered;
  if (asked < sample_min) return Standing::operational;
  const bool misses = sum.unanswered * 100 >= asked * delayed_percent;
  const bool late = sum.mean && *sum.mean >= delayed_mean;
  return misses || late ? Standing::delayed : Standing::operational;
}

bool Health::take(Ticks now) {
  if (!is_closed(now)) return true;
  if (now - probed_at_ < microseconds(probe_every)) return false;
  probed_at_ = now;
  return true;
}

}  // namespace epay::rails
