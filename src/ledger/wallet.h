// The merchant's wallet as its owner reads it: entries with the balance after each, and days that sums are made of.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/database.h"
#include "ledger/ledger.h"

namespace epay::ledger {

// A transfer as it was posted.
struct PostedEntry {
  TransferId id;
  PaymentId payment;
  Reason reason = Reason::payment;
  Account debit, credit;
  Money amount;
  Timestamp created_at;
  std::optional<std::int64_t> available_after_minor;  // of the wallet; none where it is no entry of it

  // What it adds to a part of the wallet (negative: takes), in minor units.
  std::int64_t change_of(AccountKind kind) const;
};

// One wallet: of a merchant, in a mode and a currency.
struct WalletKey {
  Scope scope;
  Currency currency = Currency::ghs();
};

struct WalletDay {
  std::int64_t day = 0;  // since 1970-01-01, UTC
  std::int64_t entries = 0;
  std::int64_t available_in_minor = 0, available_out_minor = 0, held_in_minor = 0, held_out_minor = 0;
  friend bool operator==(const WalletDay&, const WalletDay&) = default;
};

inline constexpr int entries_looked_at_max = 20'000;

struct EntryPage {
  std::vector<PostedEntry> entries;        // newest first, whatever the direction
  std::optional<TransferId> older, newer;  // entries before, and after, this one
};
// At most `limit` entries of the wallet before, or after, an id; from the newest on without any.
EntryPage entries_before(db::Transaction& tx, const WalletKey& wallet, std::optional<TransferId> before, int limit);
EntryPage entries_after(db::Transaction& tx, const WalletKey& wallet, TransferId after, int limit);

// Days on which something moved, from `first` on, the oldest first.
std::vector<WalletDay> wallet_days_from(db::Transaction& tx, const WalletKey& wallet, std::int64_t first);
// The first day on which anything moved.
std::optional<std::int64_t> first_wallet_day(db::Transaction& tx, const WalletKey& wallet);

// A month or any other stretch of days. opening + in - out = closing, for both parts, as the ledger has it.
struct Statement {
  WalletKey wallet;
  std::int64_t first_day = 0, last_day = 0;  // both included
  std::int64_t opening_available_minor = 0, closing_available_minor = 0;
  std::int64_t opening_held_minor = 0, closing_held_minor = 0;
  WalletDay sum;
  std::vector<WalletDay> days;
};
Statement statement_of(db::Transaction& tx, const WalletKey& wallet, std::int64_t first_day, std::int64_t last_day);

struct TimeRange {
  Timestamp since, until;  // `until` is not in it
};
// The wallet's entries of a stretch of time in their order, some at a time: those after `after`, at most `limit` (other
// accounts' entries among them are counted, not given). `next` is where to go on; none at the end.
struct EntryChunk {
  std::vector<PostedEntry> entries;
  std::optional<TransferId> next;
};
EntryChunk next_entries(db::Transaction& tx, const WalletKey& wallet, TransferId after, TimeRange made, int limit);
// An id before every entry that was made at or after the moment, and not long before: where next_entries() begins.
TransferId entry_before(db::Transaction& tx, MerchantId merchant, Timestamp since);

// The entries of one payment, in their order. `moments` are those at which it or an attempt of it was written: entries
// are written in the same transactions.
std::vector<PostedEntry> entries_of_payment(db::Transaction& tx, MerchantId merchant, PaymentId payment,
                                            std::span<const Timestamp> moments);

}  // namespace epay::ledger
