#include "lists/search_blocks.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "lists/search_store.h"
#include "lists/search_words.h"

namespace epay::lists {
namespace {

using payments::Method;
using payments::PaymentKind;
using payments::PaymentStatus;

// A customer who is renamed is found under the new name with the latest so many payments.
constexpr int renamed_payments_max = 64;

// What a run is made of, row by row.
struct Summary {
  std::int64_t first = 0, last = 0;
  Timestamp newest;
  int rows = 0;
  std::int64_t states = 0;
  WordFilterBuilder words;

  void add_row(std::int64_t id, Timestamp created_at) {
    if (rows++ == 0) first = id;
    last = id;
    newest = std::max(newest, created_at);
  }
  void add_texts(const db::Row& row, int first_column, int end) {
    for (int column = first_column; column < end; ++column) {
      if (!row.is_null(column)) words.add_text(row.text(column));
    }
  }
};

// Of ids above `after`, up to `last`.
struct Range {
  std::int64_t after = 0;
  std::int64_t last = INT64_MAX;
};

Summary summarise(db::Transaction& tx, const BlockOwner& owner, Range range, int limit) {
  Summary summary;
  const auto add_payment = [&](const db::Row& row) {
    summary.add_row(row.integer(0), row.time(4));
    summary.states |= state_bit(row.as<PaymentKind>(1), row.as<PaymentStatus>(2), row.as<Method>(3));
    if (!row.is_null(5)) summary.words.add_token(page_token(row.id<PageId>(5)));
    summary.add_texts(row, 6, 12);
  };
  const auto add_customer = [&](const db::Row& row) {
    summary.add_row(row.integer(0), row.time(1));
    summary.add_texts(row, 2, 5);
  };
  const auto& [scope, subject] = owner;
  switch (subject) {
    case SearchSubject::payment:
      tx.query_each(store::select_payments_to_sum_up, add_payment, scope.merchant, scope.mode, range.after, range.last,
                    limit);
      break;
    case SearchSubject::customer:
      tx.query_each(store::select_customers_to_sum_up, add_customer, scope.merchant, scope.mode, range.after,
                    range.last, limit);
      break;
  }
  return summary;
}

Block read_block(const db::Row& row) {
  return {row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4) != 0};
}

struct LastBlock {
  std::int64_t last = 0;
  std::int64_t rows_so_far = 0;
  std::int64_t number = -1;
};
LastBlock last_block(db::Transaction& tx, const BlockOwner& owner) {
  return tx
      .query_one(
          store::select_last_block,
          [](const db::Row& row) { return LastBlock{row.integer(0), row.integer(1), row.integer(2)}; },
          owner.scope.merchant, owner.scope.mode, owner.subject)
      .value_or(LastBlock{});
}

std::string words_of(db::Transaction& tx, const BlockOwner& owner, std::int64_t last) {
  return tx
      .query_one(
          store::select_block_words, [](const db::Row& row) { return row.string(0); }, owner.scope.merchant,
          owner.scope.mode, owner.subject, last)
      .value_or("");
}

// Of a slice, the 64 bits for one of a filter's: little-endian, whatever the machine.
constexpr std::size_t bits_of_slice = WordFilter::bits / slices_of_group;

std::string slice_of(const BlockOwner& owner, std::int64_t group, std::int64_t slice, db::Transaction& tx) {
  return tx
      .query_one(
          store::select_slice, [](const db::Row& row) { return row.string(0); }, owner.scope.merchant, owner.scope.mode,
          owner.subject, group, slice)
      .value_or("");
}

std::uint64_t entry_of(std::string_view slice, std::size_t index) {
  std::uint64_t entry = 0;
  for (std::size_t i = 0; i < 8; ++i) entry |= std::uint64_t(static_cast<unsigned char>(slice[index * 8 + i])) << 8 * i;
  return entry;
}

void put_entry(std::string& slice, std::size_t index, std::uint64_t entry) {
  for (std::size_t i = 0; i < 8; ++i) slice[index * 8 + i] = static_cast<char>(entry >> 8 * i);
}

// Calls `each(position)` for every bit that is set in a filter.
template <class Each>
void each_position(std::string_view filter, Each each) {
  for (std::size_t byte = 0; byte < filter.size(); ++byte) {
    for (unsigned bits = static_cast<unsigned char>(filter[byte]); bits != 0; bits &= bits - 1) {
      each(std::uint32_t(byte * 8 + std::size_t(std::countr_zero(bits))));
    }
  }
}

void add_to_slices(db::Transaction& tx, const BlockOwner& owner, const Block& block, std::string_view added) {
  const std::int64_t group = block.number / group_blocks;
  std::string bits;
  std::int64_t read = -1;
  bool changed = false;
  const auto write = [&] {
    if (std::exchange(changed, false)) {
      tx.execute(store::upsert_slice, owner.scope.merchant, owner.scope.mode, owner.subject, group, read,
                 db::Bytes{bits});
    }
  };
  each_position(added, [&](std::uint32_t position) {
    const auto slice = std::int64_t(position / bits_of_slice);
    if (slice != read) {
      write();
      bits = slice_of(owner, group, slice, tx);
      EPAY_CHECK(bits.size() == bits_of_slice * 8);
      read = slice;
    }
    const std::uint64_t entry = entry_of(bits, position % bits_of_slice);
    const std::uint64_t with = entry | std::uint64_t(1) << block.number % group_blocks;
    if (with == entry) return;
    put_entry(bits, position % bits_of_slice, with);
    changed = true;
  });
  write();
}

// Adds what is new to the run that holds the row, if it is in one.
void add_to_block(db::Transaction& tx, const BlockOwner& owner, std::int64_t id, const Summary& added) {
  const auto blocks = blocks_from(tx, owner, id, 1);
  if (blocks.empty() || blocks[0].first > id) return;
  const Block& block = blocks[0];
  const auto& [merchant, mode] = owner.scope;
  if ((block.states | added.states) != block.states) {
    tx.execute(store::update_block_states, merchant, mode, owner.subject, block.last, block.states | added.states);
  }
  if (block.in_group) return add_to_slices(tx, owner, block, added.words.filter());
  std::string words = words_of(tx, owner, block.last);
  EPAY_CHECK(words.size() == WordFilter::bytes);
  const std::string& more = added.words.filter();
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = static_cast<char>(words[i] | more[i]);
  tx.execute(store::update_block_words, merchant, mode, owner.subject, block.last, db::Bytes{words});
}

void take_change(db::Transaction& tx, const BlockOwner& owner, std::int64_t id) {
  const Summary changed = summarise(tx, owner, {id - 1, id}, 1);
  if (changed.rows == 0) return;
  add_to_block(tx, owner, id, changed);
  if (owner.subject != SearchSubject::customer) return;
  const auto read_id = [](const db::Row& row) { return row.optional_integer(0); };
  const auto& [merchant, mode] = owner.scope;
  const BlockOwner payments{owner.scope, SearchSubject::payment};
  auto payment =
      tx.query_one(store::select_last_payment_of_customer, read_id, merchant, mode, id).value_or(std::nullopt);
  for (int i = 0; payment && i < renamed_payments_max; ++i) {
    add_to_block(tx, payments, *payment, changed);
    payment = tx.query_one(store::select_previous_payment, read_id, merchant, mode, *payment).value_or(std::nullopt);
  }
}

}  // namespace

std::int64_t state_bit(PaymentKind kind, PaymentStatus status, Method method) {
  // What has been stored stands: three methods for each of five statuses, for each kind. What came later stands behind
  // it.
  constexpr std::int64_t kinds = 3, statuses = 5, methods = 3;
  const auto of_kind = static_cast<std::int64_t>(kind) - 1, of_method = static_cast<std::int64_t>(method);
  const auto bit = [](std::int64_t number) { return std::int64_t(1) << number; };
  constexpr std::int64_t reversed_from = kinds * statuses * methods, banks_from = reversed_from + kinds;
  if (status == PaymentStatus::reversed) return bit(reversed_from + of_kind);
  const std::int64_t of_status = of_kind * statuses + static_cast<std::int64_t>(status) - 1;
  static_assert(banks_from + kinds * statuses <= 63);
  if (method == Method::bank) return bit(banks_from + of_status);
  return bit(of_status * methods + of_method);
}

std::string page_token(PageId page) { return "page:" + std::to_string(page.value); }

std::int64_t summed_up_to(db::Transaction& tx, const BlockOwner& owner) { return last_block(tx, owner).last; }

std::vector<Block> blocks_from(db::Transaction& tx, const BlockOwner& owner, std::int64_t id, int limit) {
  return tx.query_all(store::select_blocks_from, read_block, owner.scope.merchant, owner.scope.mode, owner.subject, id,
                      limit);
}

std::vector<Block> blocks_up_to(db::Transaction& tx, const BlockOwner& owner, std::int64_t id, int limit) {
  // The one that holds the id ends at it or beyond.
  auto blocks = blocks_from(tx, owner, id, 1);
  if (!blocks.empty() && blocks[0].first > id) blocks.clear();
  const auto before =
      tx.query_all(store::select_blocks_up_to, read_block, owner.scope.merchant, owner.scope.mode, owner.subject,
                   blocks.empty() ? id : blocks[0].first - 1, limit - int(blocks.size()));
  blocks.insert(blocks.end(), before.begin(), before.end());
  return blocks;
}

bool WordSieve::may_hold(const Block& block) {
  if (hashes_.empty()) return true;
  if (!block.in_group) {
    const std::string words = words_of(tx_, owner_, block.last);
    EPAY_CHECK(words.size() == WordFilter::bytes);
    return std::ranges::all_of(hashes_, [&](std::uint64_t hash) { return WordFilter::may_have(words, hash); });
  }
  return (mask_of_group(block.number / group_blocks) >> block.number % group_blocks & 1) != 0;
}

std::uint64_t WordSieve::mask_of_group(std::int64_t group) {
  if (group == group_) return mask_;
  group_ = group;
  mask_ = ~std::uint64_t(0);
  for (const std::uint64_t hash : hashes_) {
    for (const std::uint32_t position : WordFilter::positions_of(hash)) {
      if (mask_ == 0) return mask_;
      const std::string bits = slice_of(owner_, group, position / bits_of_slice, tx_);
      EPAY_CHECK(bits.size() == bits_of_slice * 8);
      mask_ &= entry_of(bits, position % bits_of_slice);
    }
  }
  return mask_;
}

std::optional<NewBlock> sum_up(db::Transaction& tx, const BlockOwner& owner, Timestamp now) {
  const LastBlock before = last_block(tx, owner);
  const Summary summary = summarise(tx, owner, {.after = before.last}, block_rows);
  if (summary.rows < block_rows || now - summary.newest < block_age) return std::nullopt;
  return NewBlock{owner,
                  {summary.first, summary.last, summary.states, before.number + 1},
                  before.rows_so_far + summary.rows,
                  summary.words.filter()};
}

void store_block(db::Transaction& tx, const NewBlock& made) {
  const auto& [owner, block, rows_so_far, words] = made;
  tx.execute(store::insert_block, owner.scope.merchant, owner.scope.mode, owner.subject, block.last, block.first,
             block.number, rows_so_far, block.states, db::Bytes{words});
}

std::optional<Group> group_to_put_together(db::Transaction& tx, const BlockOwner& owner) {
  const LastBlock last = last_block(tx, owner);
  const std::int64_t number = (last.number + 1) / group_blocks - 1;
  if (number < 0) return std::nullopt;
  // It is among the latest two groups' runs.
  std::vector<Block> blocks;
  for (const Block& block : blocks_up_to(tx, owner, last.last, 2 * group_blocks)) {
    if (block.number / group_blocks == number && !block.in_group) blocks.push_back(block);
  }
  if (blocks.size() != std::size_t(group_blocks)) return std::nullopt;
  Group group{.owner = owner, .number = number, .bits = std::vector<std::uint64_t>(WordFilter::bits)};
  for (const Block& block : blocks) {
    group.blocks.push_back(block.last);
    const std::uint64_t bit = std::uint64_t(1) << block.number % group_blocks;
    each_position(words_of(tx, owner, block.last), [&](std::uint32_t position) { group.bits[position] |= bit; });
  }
  return group;
}

void store_slices(db::Transaction& tx, const Group& group, int first, int count) {
  const BlockOwner& owner = group.owner;
  std::string bits(bits_of_slice * 8, '\0');
  for (int slice = first; slice < first + count; ++slice) {
    for (std::size_t i = 0; i < bits_of_slice; ++i)
      put_entry(bits, i, group.bits[std::size_t(slice) * bits_of_slice + i]);
    tx.execute(store::upsert_slice, owner.scope.merchant, owner.scope.mode, owner.subject, group.number, slice,
               db::Bytes{bits});
  }
}

void let_go_of_words(db::Transaction& tx, const Group& group) {
  const BlockOwner& owner = group.owner;
  for (const std::int64_t last : group.blocks) {
    tx.execute(store::update_block_words, owner.scope.merchant, owner.scope.mode, owner.subject, last, nullptr);
  }
}

OwnersToSumUp owners_to_sum_up(db::Transaction& tx, std::optional<Scope> after, int limit) {
  struct Totals {
    Scope scope;
    std::int64_t payments, customers;
  };
  const auto totals = tx.query_all(
      store::select_totals_after,
      [](const db::Row& row) {
        return Totals{{row.id<MerchantId>(0), row.as<Mode>(1)}, row.integer(2), row.integer(3)};
      },
      after ? after->merchant : MerchantId{}, after ? after->mode : Mode{}, limit);
  OwnersToSumUp found;
  for (const Totals& total : totals) {
    const auto look = [&](SearchSubject subject, std::int64_t rows) {
      const BlockOwner owner{total.scope, subject};
      if (rows >= block_rows && rows - last_block(tx, owner).rows_so_far >= block_rows) found.owners.push_back(owner);
    };
    look(SearchSubject::payment, total.payments);
    look(SearchSubject::customer, total.customers);
  }
  if (totals.size() == std::size_t(limit)) found.next = totals.back().scope;
  return found;
}

bool has_changes(db::Transaction& tx) {
  return tx.query_one(store::select_changes, [](const db::Row&) { return true; }, 1).has_value();
}

int take_changes(db::Transaction& tx, int limit) {
  struct Change {
    BlockOwner owner;
    std::int64_t id;
  };
  const auto changes = tx.query_all(
      store::select_changes,
      [](const db::Row& row) {
        return Change{{{row.id<MerchantId>(0), row.as<Mode>(1)}, row.as<SearchSubject>(2)}, row.integer(3)};
      },
      limit);
  for (const auto& [owner, id] : changes) {
    take_change(tx, owner, id);
    tx.execute(store::delete_change, owner.scope.merchant, owner.scope.mode, owner.subject, id);
  }
  return int(changes.size());
}

}  // namespace epay::lists
