#include "lists/search_indexer.h"

#include "lists/search_blocks.h"

namespace epay::lists {
namespace {

constexpr int owners_at_once = 256;
constexpr int changes_at_once = 64;
constexpr int slices_at_once = 16;
static_assert(slices_of_group % slices_at_once == 0);
// Between two runs of a merchant with many to sum up: others read the store too.
constexpr milliseconds breath{2};

}  // namespace

Task<void> SearchIndexer::stop(Ticks due) {
  stopping_ = true;
  wake_.notify();
  co_await tasks_.wait_empty(due);
}

// What fails is tried again the next time.
Task<void> SearchIndexer::run() {
  while (!stopping_) {
    if (!members_.leads()) {
      co_await wake_.wait();
      continue;
    }
    co_await take_all_changes();
    co_await sum_up_all();
    if (!stopping_) co_await wake_.wait_until(clock_.ticks() + look_every);
  }
}

Task<void> SearchIndexer::take_all_changes() {
  while (may_go_on()) {
    const auto any = co_await database_.read([](db::Transaction& tx) -> Result<bool> { return has_changes(tx); });
    if (!any || !*any) co_return;
    const auto taken =
        co_await database_.write([](db::Transaction& tx) -> Result<int> { return take_changes(tx, changes_at_once); });
    if (!taken || *taken < changes_at_once) co_return;
  }
}

Task<void> SearchIndexer::sum_up_all() {
  std::optional<Scope> after;
  do {
    const auto found = co_await database_.read(
        [&after](db::Transaction& tx) -> Result<OwnersToSumUp> { return owners_to_sum_up(tx, after, owners_at_once); });
    if (!found) co_return;
    for (const BlockOwner& owner : found->owners) {
      if (!may_go_on() || !co_await sum_up_owner(owner)) co_return;
    }
    after = found->next;
  } while (after && may_go_on());
}

Task<bool> SearchIndexer::sum_up_owner(BlockOwner owner) {
  while (may_go_on()) {
    const Timestamp now = clock_.now();
    const auto block = co_await database_.read(
        [&owner, now](db::Transaction& tx) -> Result<std::optional<NewBlock>> { return sum_up(tx, owner, now); });
    if (!block || !*block) co_return block.has_value();
    const auto stored = co_await database_.write([&block](db::Transaction& tx) -> Result<> {
      store_block(tx, **block);
      return {};
    });
    if (!stored || !co_await put_together(owner)) co_return false;
    co_await clock_.sleep(breath);
  }
  co_return true;
}

Task<bool> SearchIndexer::put_together(BlockOwner owner) {
  const auto group = co_await database_.read(
      [&owner](db::Transaction& tx) -> Result<std::optional<Group>> { return group_to_put_together(tx, owner); });
  if (!group || !*group) co_return group.has_value();
  for (int slice = 0; slice < slices_of_group; slice += slices_at_once) {
    const auto stored = co_await database_.write([&group, slice](db::Transaction& tx) -> Result<> {
      store_slices(tx, **group, slice, slices_at_once);
      return {};
    });
    if (!stored) co_return false;
    co_await clock_.sleep(breath);
  }
  const auto done = co_await database_.write([&group](db::Transaction& tx) -> Result<> {
    let_go_of_words(tx, **group);
    return {};
  });
  co_return done.has_value();
}

}  // namespace epay::lists
