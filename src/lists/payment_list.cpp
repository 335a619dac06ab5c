#include "lists/payment_list.h"

#include <algorithm>

#include "base/check.h"
#include "lists/payment_list_store.h"
#include "lists/search_words.h"

namespace epay::lists {
namespace {

using payments::Method;
using payments::PaymentKind;
using payments::PaymentStatus;

constexpr int heads_at_once = 256;
constexpr int links_looked_at_max = 4'096;
// References are looked up among those of both modes.
constexpr int references_looked_at_max = 20;
// Of payments that were made at the same time one may have got its id before the other.
constexpr microseconds disorder_max = minutes(1);
// The last of all texts that begin with what it is put behind.
constexpr std::string_view last_of_prefix = "\xF4\x8F\xBF\xBF";

struct Head {
  std::int64_t id;
  PaymentKind kind;
  PaymentStatus status;
  Method method;
  Timestamp created_at;
  std::optional<std::int64_t> page;
};

Head read_head(const db::Row& row) {
  return {row.integer(0), row.as<PaymentKind>(1), row.as<PaymentStatus>(2), row.as<Method>(3),
          row.time(4),    row.optional_integer(5)};
}
constexpr int texts_begin = 6, texts_end = 12;

struct Listed {
  ListedPayment payment;
  std::optional<std::int64_t> previous;  // of the same customer
};

Listed read_listed(const db::Row& row) {
  const auto currency = Currency::parse(row.text(10));
  EPAY_CHECK(currency.has_value());
  const auto page = row.optional_integer(12);
  const auto customer = row.optional_integer(15);
  return {{.id = row.id<PaymentId>(0),
           .kind = row.as<PaymentKind>(1),
           .status = row.as<PaymentStatus>(2),
           .late = row.integer(3) != 0,
           .reference = row.string(4),
           .method = row.as<Method>(5),
           .wallet_number = row.optional_string(6),
           .wallet_network = row.optional_string(7),
           .amount = {row.integer(8), *currency},
           .fee_minor = row.integer(9),
           .description = row.optional_string(11),
           .page = page ? std::optional(PageId{*page}) : std::nullopt,
           .created_at = row.time(13),
           .updated_at = row.time(14),
           .customer = customer ? std::optional(CustomerId{*customer}) : std::nullopt,
           .customer_name = row.string(16),
           .customer_email = row.string(17),
           .customer_telephone = row.string(18)},
          row.optional_integer(19)};
}

std::optional<Listed> find_listed(db::Transaction& tx, Scope scope, std::int64_t id) {
  return tx.query_one(store::select_listed, read_listed, scope.merchant, scope.mode, id);
}

bool lets_state_through(const PaymentFilter& filter, PaymentKind kind, PaymentStatus status, Method method) {
  return (!filter.kind || *filter.kind == kind) && (!filter.method || *filter.method == method) &&
         (filter.statuses.empty() || std::ranges::find(filter.statuses, status) != filter.statuses.end());
}

// Every state that the filter asks for, as bits of runs.
std::int64_t states_of(const PaymentFilter& filter) {
  std::int64_t states = 0;
  for (const auto kind : {PaymentKind::payment, PaymentKind::payout, PaymentKind::refund}) {
    for (const auto status : {PaymentStatus::created, PaymentStatus::pending, PaymentStatus::succeeded,
                              PaymentStatus::failed, PaymentStatus::expired, PaymentStatus::reversed}) {
      for (const auto method : {Method::undecided, Method::momo, Method::card, Method::bank}) {
        if (lets_state_through(filter, kind, status, method)) states |= state_bit(kind, status, method);
      }
    }
  }
  return states;
}

// What the filter lets through, by head and by texts.
class Test {
 public:
  explicit Test(const PaymentFilter& filter)
      : filter_(filter), words_(sought_words(filter.text)), sought_(words_), states_(states_of(filter)) {}

  bool asks_for_texts() const { return !words_.empty(); }
  bool asks_for_nothing() const {
    return !asks_for_texts() && filter_.statuses.empty() && !filter_.kind && !filter_.method && !filter_.page &&
           !filter_.since && !filter_.until;
  }
  bool lets_through(const Head& head) const {
    return lets_state_through(filter_, head.kind, head.status, head.method) &&
           (!filter_.page || filter_.page->value == head.page) &&
           (!filter_.since || head.created_at >= *filter_.since) &&
           (!filter_.until || head.created_at < *filter_.until);
  }
  bool lets_texts_through(const db::Row& row) {
    sought_.forget();
    for (int column = texts_begin; column < texts_end && !sought_.found_all(); ++column)
      sought_.look_into(row.text(column));
    return sought_.found_all();
  }
  bool lets_through(const ListedPayment& payment) {
    const auto page = payment.page ? std::optional(payment.page->value) : std::nullopt;
    if (!lets_through(Head{payment.id.value, payment.kind, payment.status, payment.method, payment.created_at, page}))
      return false;
    sought_.forget();
    for (const std::string_view text :
         {std::string_view(payment.reference), std::string_view(payment.customer_name),
          std::string_view(payment.customer_email), std::string_view(payment.customer_telephone)}) {
      sought_.look_into(text);
    }
    if (payment.wallet_number) sought_.look_into(*payment.wallet_number);
    if (payment.description) sought_.look_into(*payment.description);
    return sought_.found_all();
  }

  Sieve sieve() const {
    Sieve sieve;
    if (!filter_.statuses.empty() || filter_.kind || filter_.method) sieve.states = states_;
    if (filter_.page) sieve.hashes.push_back(hash_of_token(page_token(*filter_.page)));
    for (const std::string& word : words_) {
      if (const auto hash = hash_of_word(word)) sieve.hashes.push_back(*hash);
    }
    return sieve;
  }

 private:
  const PaymentFilter& filter_;
  std::vector<std::string> words_;
  Sought sought_;
  std::int64_t states_;
};

// What a walk has found.
struct Found {
  std::vector<std::int64_t> ids;           // in the direction, one more than the page has where there are more
  std::optional<std::int64_t> stopped_at;  // enough was looked at: beyond this id nothing has been
};

class Search {
 public:
  Search(db::Transaction& tx, Scope scope, Test& test) : tx_(tx), scope_(scope), test_(test) {}

  Found find(IdRange range, Direction direction, std::size_t wanted) {
    Found found;
    LookedAt looked_at;
    RunWalk walk(tx_, {scope_, SearchSubject::payment}, range, direction, test_.sieve(), looked_at);
    while (auto part = walk.next()) {
      while (!part->empty() && found.ids.size() < wanted) {
        if (looked_at.enough()) {
          found.stopped_at = direction == Direction::older ? part->last + 1 : part->first - 1;
          return found;
        }
        look_into(*part, direction, wanted, found, looked_at);
      }
      if (found.ids.size() >= wanted) return found;
    }
    if (looked_at.enough() && !walk.rest().empty()) {
      found.stopped_at = direction == Direction::older ? walk.rest().last + 1 : walk.rest().first - 1;
    }
    return found;
  }

 private:
  // Looks at the next heads of the part, and leaves of it what is behind them.
  void look_into(IdRange& part, Direction direction, std::size_t wanted, Found& found, LookedAt& looked_at) {
    const int limit = test_.asks_for_nothing() ? std::min(heads_at_once, int(wanted)) : heads_at_once;
    int rows = 0;
    std::int64_t last_seen = 0;
    const auto look = [&](const db::Row& row) {
      ++rows;
      last_seen = row.integer(0);
      if (found.ids.size() >= wanted || !test_.lets_through(read_head(row))) return;
      if (test_.asks_for_texts() && !test_.lets_texts_through(row)) return;
      found.ids.push_back(last_seen);
    };
    const bool down = direction == Direction::older;
    const auto& sql = test_.asks_for_texts() ? (down ? store::select_texts_down : store::select_texts_up)
                                             : (down ? store::select_heads_down : store::select_heads_up);
    tx_.query_each(sql, look, scope_.merchant, scope_.mode, part.first, part.last, limit);
    looked_at.rows += std::max(rows, 1) * (test_.asks_for_texts() ? 2 : 1);
    if (rows < limit) {
      part = {1, 0};
    } else if (down) {
      part.last = last_seen - 1;
    } else {
      part.first = last_seen + 1;
    }
  }

  db::Transaction& tx_;
  Scope scope_;
  Test& test_;
};

// The ids that the dates leave. Rows at the edges are looked at one by one.
IdRange range_of(db::Transaction& tx, Scope scope, const PaymentFilter& filter) {
  IdRange range;
  if (filter.since) {
    const auto first = first_payment_since(tx, scope, *filter.since - disorder_max);
    if (!first) return {1, 0};
    range.first = first->value;
  }
  if (filter.until) {
    const auto beyond = first_payment_since(tx, scope, *filter.until + disorder_max);
    if (beyond) range.last = beyond->value - 1;
  }
  return range;
}

std::vector<ListedPayment> references_of(db::Transaction& tx, Scope scope, const PaymentFilter& filter) {
  PaymentFilter others = filter;
  others.text.clear();
  Test test(others);
  struct Known {
    Mode mode;
    std::int64_t id;
  };
  const auto known = tx.query_all(
      store::select_references, [](const db::Row& row) { return Known{row.as<Mode>(0), row.integer(1)}; },
      scope.merchant, filter.text, filter.text + std::string(last_of_prefix), references_looked_at_max);
  std::vector<ListedPayment> found;
  for (const auto& [mode, id] : known) {
    if (mode != scope.mode || found.size() == std::size_t(references_shown_max)) continue;
    auto listed = find_listed(tx, scope, id);
    EPAY_CHECK(listed.has_value());
    if (test.lets_through(listed->payment)) found.push_back(std::move(listed->payment));
  }
  return found;
}

// A customer's payments are a chain, the latest first.
PaymentPage list_of_customer(db::Transaction& tx, Scope scope, const PaymentFilter& filter,
                             std::optional<ListCursor> cursor, int limit) {
  PaymentPage page;
  Test test(filter);
  const bool goes_back = cursor && cursor->direction == Direction::newer;
  std::optional<std::int64_t> next;
  if (cursor && !goes_back) {
    const auto behind = find_listed(tx, scope, cursor->id);
    if (behind && behind->payment.customer == filter.customer) next = behind->previous;
  } else {
    next = tx.query_one(
                 store::select_last_payment_of, [](const db::Row& row) { return row.optional_integer(0); },
                 scope.merchant, scope.mode, *filter.customer)
               .value_or(std::nullopt);
  }
  std::optional<std::int64_t> last_seen;
  bool dropped = false;
  for (int links = 0; next && links < links_looked_at_max; ++links) {
    if (goes_back && *next == cursor->id) break;
    auto link = find_listed(tx, scope, *next);
    EPAY_CHECK(link.has_value());
    last_seen = next;
    next = link->previous;
    if (!test.lets_through(link->payment)) continue;
    page.rows.push_back(std::move(link->payment));
    if (goes_back && page.rows.size() > std::size_t(limit)) {
      page.rows.erase(page.rows.begin());
      dropped = true;
    }
    if (!goes_back && page.rows.size() == std::size_t(limit)) break;
  }
  if (next && last_seen) page.older = {Direction::older, *last_seen};
  if (next && page.rows.size() < std::size_t(limit) && !goes_back) {
    page.looked_back_to = find_listed(tx, scope, *last_seen)->payment.created_at;
  }
  if ((cursor && !goes_back) || dropped) {
    page.newer = {Direction::newer, page.rows.empty() ? cursor->id : page.rows.front().id.value};
  }
  return page;
}

void load(db::Transaction& tx, Scope scope, const std::vector<std::int64_t>& ids, PaymentPage& page) {
  for (const std::int64_t id : ids) {
    auto listed = find_listed(tx, scope, id);
    EPAY_CHECK(listed.has_value());
    page.rows.push_back(std::move(listed->payment));
  }
}

Timestamp time_at(db::Transaction& tx, Scope scope, std::int64_t id) {
  return tx
      .query_one(
          store::select_payment_from, [](const db::Row& row) { return row.time(1); }, scope.merchant, scope.mode, id)
      .value_or(Timestamp{});
}

PaymentPage newer_page(db::Transaction& tx, Scope scope, const PaymentFilter& filter, ListCursor cursor, int limit) {
  Test test(filter);
  IdRange range = range_of(tx, scope, filter);
  range.first = std::max(range.first, cursor.id + 1);
  Found found = Search(tx, scope, test).find(range, Direction::newer, std::size_t(limit) + 1);
  // At the top the list is shown from its top: a page that is not full would only tease.
  if (!found.stopped_at && found.ids.size() <= std::size_t(limit)) return list_payments(tx, scope, filter, {}, limit);
  const bool more = found.ids.size() > std::size_t(limit);
  if (more) found.ids.pop_back();
  std::ranges::reverse(found.ids);
  PaymentPage page;
  load(tx, scope, found.ids, page);
  if (found.stopped_at) page.looked_back_to = time_at(tx, scope, *found.stopped_at);
  const std::int64_t newest = more ? found.ids.front() : *found.stopped_at;
  page.newer = {Direction::newer, newest};
  page.older = {Direction::older, found.ids.empty() ? newest + 1 : found.ids.back()};
  return page;
}

}  // namespace

PaymentPage list_payments(db::Transaction& tx, Scope scope, const PaymentFilter& filter,
                          std::optional<ListCursor> cursor, int limit) {
  EPAY_CHECK(limit > 0);
  if (filter.customer) return list_of_customer(tx, scope, filter, cursor, limit);
  if (cursor && cursor->direction == Direction::newer) return newer_page(tx, scope, filter, *cursor, limit);
  Test test(filter);
  IdRange range = range_of(tx, scope, filter);
  if (cursor) range.last = std::min(range.last, cursor->id - 1);
  Found found = Search(tx, scope, test).find(range, Direction::older, std::size_t(limit) + 1);
  PaymentPage page;
  if (!cursor && !filter.text.empty()) page.references = references_of(tx, scope, filter);
  const bool more = found.ids.size() > std::size_t(limit);
  if (more) found.ids.pop_back();
  load(tx, scope, found.ids, page);
  if (more) page.older = {Direction::older, found.ids.back()};
  if (found.stopped_at) {
    page.older = {Direction::older, *found.stopped_at};
    page.looked_back_to = time_at(tx, scope, *found.stopped_at);
  }
  if (cursor) page.newer = {Direction::newer, page.rows.empty() ? cursor->id - 1 : page.rows.front().id.value};
  return page;
}

std::optional<ListedPayment> find_listed_payment(db::Transaction& tx, Scope scope, PaymentId id) {
  auto found = find_listed(tx, scope, id.value);
  return found ? std::optional(std::move(found->payment)) : std::nullopt;
}

std::optional<PaymentId> first_payment_since(db::Transaction& tx, Scope scope, Timestamp since) {
  struct At {
    PaymentId id;
    Timestamp at;
  };
  const auto from = [&](std::int64_t id) {
    return tx.query_one(
        store::select_payment_from, [](const db::Row& row) { return At{row.id<PaymentId>(0), row.time(1)}; },
        scope.merchant, scope.mode, id);
  };
  const auto last = tx.query_one(
      store::select_last_payment, [](const db::Row& row) { return row.integer(0); }, scope.merchant, scope.mode);
  if (!last) return std::nullopt;
  // The first one sought is above `low` and at most `high`, if it is there at all.
  std::int64_t low = 0;
  std::int64_t high = *last + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto found = from(middle);
    (found && found->at < since ? low : high) = middle;
  }
  const auto first = from(high);
  return first ? std::optional(first->id) : std::nullopt;
}

}  // namespace epay::lists
