// Runs of a merchant's payments and of its customers, summed up: which states and words are among them. A search passes
// by the runs that cannot hold what it seeks. They are made behind the commits, one row for block_rows of them, so that
// whoever takes a payment writes nothing for searches. Why: docs/decisions/searches-pass-by-runs.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "payments/payment.h"
#include "payments/search_change.h"

namespace epay::lists {

using payments::SearchSubject;

inline constexpr int block_rows = 512;
// Whoever changes a row that is younger than search_note_age does not note it: its commit is over by then.
inline constexpr microseconds block_age = 2 * payments::search_note_age;

// Of whose what.
struct BlockOwner {
  Scope scope;
  SearchSubject subject = SearchSubject::payment;
};

struct Block {
  std::int64_t first = 0;  // ids
  std::int64_t last = 0;
  std::int64_t states = 0;  // bits of state_bit()
  std::int64_t number = 0;
  bool in_group = false;  // its words are in slices
};

// Several states may share a bit: it says that one of them may be among a run's.
std::int64_t state_bit(payments::PaymentKind kind, payments::PaymentStatus status, payments::Method method);
// What stands among a run's words for a payment of this page.
std::string page_token(PageId page);

// The id up to which there are runs; 0 where there are none.
std::int64_t summed_up_to(db::Transaction& tx, const BlockOwner& owner);
// At most `limit`, beginning with the one that holds the id, or the first beyond it.
std::vector<Block> blocks_from(db::Transaction& tx, const BlockOwner& owner, std::int64_t id, int limit);
// The newest first, beginning with the one that holds the id, or the first before it.
std::vector<Block> blocks_up_to(db::Transaction& tx, const BlockOwner& owner, std::int64_t id, int limit);

// Which runs may hold all of some words, by their hashes. For one transaction.
class WordSieve {
 public:
  WordSieve(db::Transaction& tx, const BlockOwner& owner, std::vector<std::uint64_t> hashes)
      : tx_(tx), owner_(owner), hashes_(std::move(hashes)) {}
  bool may_hold(const Block& block);

 private:
  std::uint64_t mask_of_group(std::int64_t group);

  db::Transaction& tx_;
  BlockOwner owner_;
  std::vector<std::uint64_t> hashes_;
  std::int64_t group_ = -1;  // whose mask is known
  std::uint64_t mask_ = 0;
};

struct NewBlock {
  BlockOwner owner;
  Block block;
  std::int64_t rows_so_far = 0;
  std::string words;
};
// The next run, once there are enough rows of the age. To be stored by store_block().
std::optional<NewBlock> sum_up(db::Transaction& tx, const BlockOwner& owner, Timestamp now);
void store_block(db::Transaction& tx, const NewBlock& block);

// The filters of 64 runs become slices, which are stored some at a time, all of them before the runs let go of theirs.
inline constexpr int group_blocks = 64;
inline constexpr int slices_of_group = 256;
struct Group {
  BlockOwner owner;
  std::int64_t number = 0;
  std::vector<std::int64_t> blocks;  // their last ids
  std::vector<std::uint64_t> bits;   // by a filter's bit
};
// The latest group that is complete and has not been put together yet.
std::optional<Group> group_to_put_together(db::Transaction& tx, const BlockOwner& owner);
void store_slices(db::Transaction& tx, const Group& group, int first, int count);
void let_go_of_words(db::Transaction& tx, const Group& group);

// Of the merchants after `after`, those that have enough rows for a run, and where to go on; `next` is none at the end.
struct OwnersToSumUp {
  std::vector<BlockOwner> owners;
  std::optional<Scope> next;
};
OwnersToSumUp owners_to_sum_up(db::Transaction& tx, std::optional<Scope> after, int limit);

bool has_changes(db::Transaction& tx);
// Takes at most `limit` of the changes that were noted into their runs. How many there were.
int take_changes(db::Transaction& tx, int limit);

}  // namespace epay::lists
