// Walks through a merchant's payments or customers in the order of their ids, run by run, and passes by the runs that
// cannot hold what is sought.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "db/database.h"
#include "lists/search_blocks.h"

namespace epay::lists {

enum class Direction { older, newer };

// Both included.
struct IdRange {
  std::int64_t first = 1;
  std::int64_t last = INT64_MAX;
  bool empty() const { return first > last; }
};

// What a list has looked at: a page ends when it is enough, however little it found.
struct LookedAt {
  static constexpr int rows_max = 16'384;  // one whose texts are looked at counts as two
  static constexpr int blocks_max = 4'096;

  int rows = 0;
  int blocks = 0;
  bool enough() const { return rows >= rows_max || blocks >= blocks_max; }
};

// What a run must have to be looked into.
struct Sieve {
  std::int64_t states = 0;            // one of them; 0: any
  std::vector<std::uint64_t> hashes;  // all of them

  bool lets_all_through() const { return states == 0 && hashes.empty(); }
};

class RunWalk {
 public:
  // What it refers to outlives it.
  RunWalk(db::Transaction& tx, const BlockOwner& owner, IdRange range, Direction direction, Sieve sieve,
          LookedAt& looked_at);

  // What is to be looked into next; nothing at the end, or when enough has been looked at.
  std::optional<IdRange> next();
  // Where the walk is to go on when it stopped because it was enough: what has not been looked at yet.
  const IdRange& rest() const { return rest_; }

 private:
  std::optional<IdRange> take_tail();
  bool read_blocks();
  void leave_behind(IdRange range);

  db::Transaction& tx_;
  BlockOwner owner_;
  IdRange rest_;
  Direction direction_;
  std::int64_t states_;
  WordSieve words_;
  LookedAt& looked_at_;
  std::int64_t summed_up_to_ = 0;
  std::vector<Block> read_;  // in the direction
  std::size_t next_ = 0;
};

}  // namespace epay::lists
