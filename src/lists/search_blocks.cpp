#include "lists/search_blocks.h"

#include <algorithm>
#include <iterator>

#include "lists/search_store.h"
#include "lists/search_words.h"

namespace epay::lists {
namespace {

using payments::Method;
using payments::PaymentKind;
using payments::PaymentStatus;

// A customer who is renamed is found under the new name with the latest so many payments.
constexpr int renamed_payments_max = 256;

// What a run is made of, row by row.
struct Summary {
  std::int64_t first = 0, last = 0;
  Timestamp newest;
  int rows = 0;
  std::int64_t states = 0;
  WordFilter::Builder words;

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

Block read_block(const db::Row& row) { return {row.integer(0), row.integer(1), row.integer(2), row.string(3)}; }

struct LastBlock {
  std::int64_t last = 0;
  std::int64_t rows_so_far = 0;
};
LastBlock last_block(db::Transaction& tx, const BlockOwner& owner) {
  return tx
      .query_one(
          store::select_last_block, [](const db::Row& row) { return LastBlock{row.integer(0), row.integer(1)}; },
          owner.scope.merchant, owner.scope.mode, owner.subject)
      .value_or(LastBlock{});
}

// Adds what is new to the run that holds the row, if it is in one.
void add_to_block(db::Transaction& tx, const BlockOwner& owner, std::int64_t id, const Summary& added) {
  auto blocks = blocks_from(tx, owner, {id}, 1);
  if (blocks.empty() || blocks[0].first > id) return;
  Block& block = blocks[0];
  added.words.merge_into(block.words);
  tx.execute(store::update_block, owner.scope.merchant, owner.scope.mode, owner.subject, block.last,
             block.states | added.states, db::Bytes{block.words});
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
  constexpr std::int64_t statuses = 5, methods = 3;
  const std::int64_t kind_and_status =
      (static_cast<std::int64_t>(kind) - 1) * statuses + static_cast<std::int64_t>(status) - 1;
  return std::int64_t(1) << (kind_and_status * methods + static_cast<std::int64_t>(method));
}

std::string page_token(PageId page) { return "page:" + std::to_string(page.value); }

std::int64_t summed_up_to(db::Transaction& tx, const BlockOwner& owner) { return last_block(tx, owner).last; }

std::vector<Block> blocks_from(db::Transaction& tx, const BlockOwner& owner, BlockPlace place, int limit) {
  const auto& sql = place.words == Words::read ? store::select_blocks_from : store::select_block_states_from;
  return tx.query_all(sql, read_block, owner.scope.merchant, owner.scope.mode, owner.subject, place.id, limit);
}

std::vector<Block> blocks_up_to(db::Transaction& tx, const BlockOwner& owner, BlockPlace place, int limit) {
  // The one that holds the id ends at it or beyond.
  auto blocks = blocks_from(tx, owner, place, 1);
  if (!blocks.empty() && blocks[0].first > place.id) blocks.clear();
  const auto& sql = place.words == Words::read ? store::select_blocks_up_to : store::select_block_states_up_to;
  auto before = tx.query_all(sql, read_block, owner.scope.merchant, owner.scope.mode, owner.subject,
                             blocks.empty() ? place.id : blocks[0].first - 1, limit - int(blocks.size()));
  std::ranges::move(before, std::back_inserter(blocks));
  return blocks;
}

std::optional<NewBlock> sum_up(db::Transaction& tx, const BlockOwner& owner, Timestamp now) {
  const LastBlock before = last_block(tx, owner);
  const Summary summary = summarise(tx, owner, {.after = before.last}, block_rows);
  if (summary.rows < block_rows || now - summary.newest < block_age) return std::nullopt;
  return NewBlock{
      owner, {summary.first, summary.last, summary.states, summary.words.build()}, before.rows_so_far + summary.rows};
}

void store_block(db::Transaction& tx, const NewBlock& made) {
  const auto& [owner, block, rows_so_far] = made;
  tx.execute(store::insert_block, owner.scope.merchant, owner.scope.mode, owner.subject, block.last, block.first,
             rows_so_far, block.states, db::Bytes{block.words});
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
