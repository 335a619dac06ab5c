#include "lists/run_walk.h"

#include <algorithm>

namespace epay::lists {
namespace {

constexpr int blocks_at_once = 64;

IdRange common(IdRange a, IdRange b) { return {std::max(a.first, b.first), std::min(a.last, b.last)}; }

}  // namespace

RunWalk::RunWalk(db::Transaction& tx, const BlockOwner& owner, IdRange range, Direction direction, Sieve sieve,
                 LookedAt& looked_at)
    : tx_(tx),
      owner_(owner),
      rest_(range),
      direction_(direction),
      states_(sieve.states),
      words_(tx, owner, sieve.hashes),
      looked_at_(looked_at) {
  // Without a sieve everything is one stretch that is not summed up.
  if (!sieve.lets_all_through()) summed_up_to_ = summed_up_to(tx, owner);
}

std::optional<IdRange> RunWalk::next() {
  if (direction_ == Direction::older) {
    if (const auto tail = take_tail()) return tail;
  }
  while (!rest_.empty() && rest_.first <= summed_up_to_ && !looked_at_.enough()) {
    if (next_ == read_.size() && !read_blocks()) break;
    const Block& block = read_[next_++];
    ++looked_at_.blocks;
    const IdRange inside = common(rest_, {block.first, block.last});
    leave_behind({block.first, block.last});
    if (inside.empty() || (states_ != 0 && (states_ & block.states) == 0)) continue;
    if (words_.may_hold(block)) return inside;
  }
  if (looked_at_.enough()) return std::nullopt;
  return direction_ == Direction::newer ? take_tail() : std::nullopt;
}

// What is beyond the runs.
std::optional<IdRange> RunWalk::take_tail() {
  const IdRange tail = common(rest_, {summed_up_to_ + 1, INT64_MAX});
  if (tail.empty()) return std::nullopt;
  leave_behind(tail);
  return tail;
}

bool RunWalk::read_blocks() {
  read_ = direction_ == Direction::older ? blocks_up_to(tx_, owner_, rest_.last, blocks_at_once)
                                         : blocks_from(tx_, owner_, rest_.first, blocks_at_once);
  next_ = 0;
  return !read_.empty();
}

void RunWalk::leave_behind(IdRange range) {
  if (direction_ == Direction::older) {
    rest_.last = std::min(rest_.last, range.first - 1);
  } else {
    rest_.first = range.last == INT64_MAX ? INT64_MAX : std::max(rest_.first, range.last + 1);
    if (range.last == INT64_MAX) rest_.last = 0;
  }
}

}  // namespace epay::lists
