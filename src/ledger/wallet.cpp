#include "ledger/wallet.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "ledger/ledger_store.h"
#include "ledger/wallet_store.h"

namespace epay::ledger {
namespace {

constexpr int entries_at_once = 256;
// Around a moment: an entry is committed when the writer comes to it.
constexpr microseconds moment_slack = seconds(1);
constexpr int entries_around_max = 50'000;
// Of entries of the same time one may have got its id before the other.
constexpr microseconds disorder_max = minutes(1);

PostedEntry read_entry(const db::Row& row) {
  const auto currency = Currency::parse(row.text(5));
  EPAY_CHECK(currency.has_value());
  return {.id = row.id<TransferId>(0),
          .payment = row.id<PaymentId>(1),
          .reason = row.as<Reason>(2),
          .debit = Account::from_code(row.integer(3)),
          .credit = Account::from_code(row.integer(4)),
          .amount = {row.integer(6), *currency},
          .created_at = row.time(7),
          .available_after_minor = row.optional_integer(8)};
}

bool is_of(const WalletKey& wallet, const PostedEntry& entry) {
  return entry.available_after_minor && entry.debit.mode == wallet.scope.mode &&
         entry.amount.currency == wallet.currency;
}

std::int64_t balance_of(db::Transaction& tx, const WalletKey& wallet, AccountKind kind) {
  return tx
      .query_one(
          store::select_balance, [](const db::Row& row) { return row.integer(0); }, wallet.scope.merchant,
          Account{wallet.scope.mode, kind, 0}.code(), wallet.currency.code())
      .value_or(0);
}

void add(WalletDay& sum, const WalletDay& day) {
  sum.entries += day.entries;
  sum.available_in_minor += day.available_in_minor;
  sum.available_out_minor += day.available_out_minor;
  sum.held_in_minor += day.held_in_minor;
  sum.held_out_minor += day.held_out_minor;
}

// The id below that of the first entry that was made at or after the moment.
std::int64_t last_before(db::Transaction& tx, MerchantId merchant, Timestamp since) {
  struct At {
    std::int64_t id;
    Timestamp at;
  };
  const auto last = tx.query_one(store::select_last_entry, [](const db::Row& row) { return row.integer(0); }, merchant);
  std::int64_t low = 0;
  std::int64_t high = last.value_or(0) + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto found = tx.query_one(
        store::select_entry_from, [](const db::Row& row) { return At{row.integer(0), row.time(1)}; }, merchant, middle);
    (found && found->at < since ? low : high) = middle;
  }
  return high - 1;
}

// Other wallets' entries lie between a wallet's own. Whole days without any are passed over.
std::int64_t pass_over_days(db::Transaction& tx, const WalletKey& wallet, std::int64_t before, Timestamp at) {
  const auto day = tx.query_one(
      store::select_wallet_day_up_to, [](const db::Row& row) { return row.integer(0); }, wallet.scope.merchant,
      wallet.scope.mode, wallet.currency.code(), at.day());
  if (!day) return 0;
  if (*day >= at.day() - 1) return before;
  const Timestamp end = Timestamp::start_of_day(*day + 1) + 2 * disorder_max;
  return std::min(before, entry_before(tx, wallet.scope.merchant, end).value + 1);
}

}  // namespace

std::int64_t PostedEntry::change_of(AccountKind kind) const {
  if (credit.kind == kind) return amount.minor;
  return debit.kind == kind ? -amount.minor : 0;
}

EntryPage entries_before(db::Transaction& tx, const WalletKey& wallet, std::optional<TransferId> before, int limit) {
  EntryPage page;
  std::int64_t cursor = before ? before->value : INT64_MAX;
  const std::size_t wanted = std::size_t(limit) + 1;
  bool end = false;
  for (int looked_at = 0; !end && page.entries.size() < wanted && looked_at < entries_looked_at_max;) {
    Timestamp at;
    int rows = 0;
    const std::size_t found_before = page.entries.size();
    tx.query_each(
        store::select_entries_down,
        [&](const db::Row& row) {
          ++rows;
          if (page.entries.size() == wanted) return;
          PostedEntry entry = read_entry(row);
          cursor = entry.id.value;
          at = entry.created_at;
          if (is_of(wallet, entry)) page.entries.push_back(std::move(entry));
        },
        wallet.scope.merchant, cursor, entries_at_once);
    looked_at += std::max(rows, 1);
    end = rows < entries_at_once;
    if (!end && page.entries.size() == found_before) {
      cursor = pass_over_days(tx, wallet, cursor, at);
      end = cursor == 0;
    }
  }
  if (page.entries.size() == wanted) {
    page.entries.pop_back();
    page.older = page.entries.back().id;
  } else if (!end) {
    page.older = TransferId{cursor};
  }
  if (before) page.newer = page.entries.empty() ? TransferId{before->value - 1} : page.entries.front().id;
  return page;
}

EntryPage entries_after(db::Transaction& tx, const WalletKey& wallet, TransferId after, int limit) {
  EntryPage page;
  std::int64_t cursor = after.value;
  const std::size_t wanted = std::size_t(limit) + 1;
  bool end = false;
  for (int looked_at = 0; !end && page.entries.size() < wanted && looked_at < entries_looked_at_max;) {
    int rows = 0;
    tx.query_each(
        store::select_entries_up,
        [&](const db::Row& row) {
          ++rows;
          if (page.entries.size() == wanted) return;
          PostedEntry entry = read_entry(row);
          cursor = entry.id.value;
          if (is_of(wallet, entry)) page.entries.push_back(std::move(entry));
        },
        wallet.scope.merchant, cursor, entries_at_once);
    looked_at += std::max(rows, 1);
    end = rows < entries_at_once;
  }
  // At the top the list is shown from its top.
  if (end && page.entries.size() < wanted) return entries_before(tx, wallet, {}, limit);
  if (page.entries.size() == wanted) {
    page.entries.pop_back();
    cursor = page.entries.back().id.value;
  }
  std::ranges::reverse(page.entries);
  page.newer = TransferId{cursor};
  page.older = page.entries.empty() ? TransferId{cursor + 1} : page.entries.back().id;
  return page;
}

std::vector<WalletDay> wallet_days_from(db::Transaction& tx, const WalletKey& wallet, std::int64_t first) {
  return tx.query_all(
      store::select_wallet_days,
      [](const db::Row& row) {
        return WalletDay{row.integer(0), row.integer(1), row.integer(2),
                         row.integer(3), row.integer(4), row.integer(5)};
      },
      wallet.scope.merchant, wallet.scope.mode, wallet.currency.code(), first);
}

std::optional<std::int64_t> first_wallet_day(db::Transaction& tx, const WalletKey& wallet) {
  return tx.query_one(
      store::select_first_wallet_day, [](const db::Row& row) { return row.integer(0); }, wallet.scope.merchant,
      wallet.scope.mode, wallet.currency.code());
}

Statement statement_of(db::Transaction& tx, const WalletKey& wallet, std::int64_t first_day, std::int64_t last_day) {
  Statement statement{.wallet = wallet, .first_day = first_day, .last_day = last_day};
  WalletDay later;
  for (const WalletDay& day : wallet_days_from(tx, wallet, first_day)) {
    if (day.day > last_day) {
      add(later, day);
      continue;
    }
    add(statement.sum, day);
    statement.days.push_back(day);
  }
  // From what there is now, backwards.
  statement.closing_available_minor =
      balance_of(tx, wallet, AccountKind::available) - later.available_in_minor + later.available_out_minor;
  statement.closing_held_minor = balance_of(tx, wallet, AccountKind::held) - later.held_in_minor + later.held_out_minor;
  statement.opening_available_minor =
      statement.closing_available_minor - statement.sum.available_in_minor + statement.sum.available_out_minor;
  statement.opening_held_minor =
      statement.closing_held_minor - statement.sum.held_in_minor + statement.sum.held_out_minor;
  return statement;
}

EntryChunk next_entries(db::Transaction& tx, const WalletKey& wallet, TransferId after, TimeRange made, int limit) {
  EntryChunk chunk;
  int rows = 0;
  bool beyond = false;
  tx.query_each(
      store::select_entries_up,
      [&](const db::Row& row) {
        ++rows;
        PostedEntry entry = read_entry(row);
        chunk.next = entry.id;
        beyond = beyond || entry.created_at >= made.until + disorder_max;
        const bool asked_for = entry.created_at >= made.since && entry.created_at < made.until;
        if (asked_for && is_of(wallet, entry)) chunk.entries.push_back(std::move(entry));
      },
      wallet.scope.merchant, after, limit);
  if (rows < limit || beyond) chunk.next.reset();
  return chunk;
}

TransferId entry_before(db::Transaction& tx, MerchantId merchant, Timestamp since) {
  return {last_before(tx, merchant, since - disorder_max)};
}

std::vector<PostedEntry> entries_of_payment(db::Transaction& tx, MerchantId merchant, PaymentId payment,
                                            std::span<const Timestamp> moments) {
  std::map<TransferId, PostedEntry> found;
  for (const Timestamp moment : moments) {
    std::int64_t after = last_before(tx, merchant, moment - moment_slack);
    bool end = false;
    for (int looked_at = 0; !end && looked_at < entries_around_max; looked_at += entries_at_once) {
      int rows = 0;
      tx.query_each(
          store::select_entries_up,
          [&](const db::Row& row) {
            ++rows;
            after = row.integer(0);
            end = end || row.time(7) > moment + moment_slack;
            if (row.id<PaymentId>(1) == payment) found.emplace(row.id<TransferId>(0), read_entry(row));
          },
          merchant, after, entries_at_once);
      end = end || rows < entries_at_once;
    }
  }
  std::vector<PostedEntry> entries;
  for (auto& [id, entry] : found) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace epay::ledger
