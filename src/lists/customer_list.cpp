#include "lists/customer_list.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "lists/customer_list_store.h"
#include "lists/search_words.h"

namespace epay::lists {
namespace {

using payments::Customer;

constexpr int customers_at_once = 256;

Customer read_customer(const db::Row& row) {
  return {row.id<CustomerId>(0),
          row.string(1),
          row.string(2),
          row.string(3),
          row.time(4),
          row.time(5),
          row.is_null(6) ? std::nullopt : std::optional(row.id<PaymentId>(6))};
}

struct Found {
  std::vector<Customer> customers;         // in the direction
  std::optional<std::int64_t> stopped_at;  // enough was looked at: beyond this id nothing has been
  std::optional<Timestamp> looked_back_to;
};

class Search {
 public:
  Search(db::Transaction& tx, Scope scope, std::string_view text)
      : tx_(tx), scope_(scope), words_(sought_words(text)), sought_(words_) {}

  Found find(IdRange range, Direction direction, std::size_t wanted) {
    Found found;
    LookedAt looked_at;
    RunWalk walk(tx_, {scope_, SearchSubject::customer}, range, direction, sieve(), looked_at);
    while (auto part = walk.next()) {
      while (!part->empty() && found.customers.size() < wanted) {
        if (looked_at.enough()) {
          found.stopped_at = direction == Direction::older ? part->last + 1 : part->first - 1;
          return found;
        }
        look_into(*part, direction, wanted, found, looked_at);
      }
      if (found.customers.size() >= wanted) return found;
    }
    if (looked_at.enough() && !walk.rest().empty()) {
      found.stopped_at = direction == Direction::older ? walk.rest().last + 1 : walk.rest().first - 1;
    }
    return found;
  }

 private:
  Sieve sieve() const {
    Sieve sieve;
    for (const std::string& word : words_) {
      if (const auto hash = hash_of_word(word)) sieve.hashes.push_back(*hash);
    }
    return sieve;
  }

  void look_into(IdRange& part, Direction direction, std::size_t wanted, Found& found, LookedAt& looked_at) {
    const int limit = words_.empty() ? std::min(customers_at_once, int(wanted)) : customers_at_once;
    int rows = 0;
    std::int64_t last_seen = 0;
    const auto look = [&](const db::Row& row) {
      ++rows;
      last_seen = row.integer(0);
      found.looked_back_to = row.time(4);
      if (found.customers.size() >= wanted) return;
      sought_.forget();
      for (int column = 1; column <= 3; ++column) sought_.look_into(row.text(column));
      if (sought_.found_all()) found.customers.push_back(read_customer(row));
    };
    const bool down = direction == Direction::older;
    tx_.query_each(down ? store::select_customers_down : store::select_customers_up, look, scope_.merchant, scope_.mode,
                   part.first, part.last, limit);
    looked_at.rows += std::max(rows, 1);
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
  std::vector<std::string> words_;
  Sought sought_;
};

ListPage<Customer> newer_page(db::Transaction& tx, Scope scope, const std::string& text, ListCursor cursor, int limit) {
  Found found = Search(tx, scope, text).find({cursor.id + 1, INT64_MAX}, Direction::newer, std::size_t(limit) + 1);
  if (!found.stopped_at && found.customers.size() <= std::size_t(limit))
    return list_customers(tx, scope, text, {}, limit);
  const bool more = found.customers.size() > std::size_t(limit);
  if (more) found.customers.pop_back();
  ListPage<Customer> page;
  page.rows.assign(found.customers.rbegin(), found.customers.rend());
  if (found.stopped_at) page.looked_back_to = found.looked_back_to;
  const std::int64_t newest = more ? page.rows.front().id.value : *found.stopped_at;
  page.newer = {Direction::newer, newest};
  page.older = {Direction::older, page.rows.empty() ? newest + 1 : page.rows.back().id.value};
  return page;
}

}  // namespace

ListPage<Customer> list_customers(db::Transaction& tx, Scope scope, const std::string& text,
                                  std::optional<ListCursor> cursor, int limit) {
  EPAY_CHECK(limit > 0);
  if (cursor && cursor->direction == Direction::newer) return newer_page(tx, scope, text, *cursor, limit);
  const IdRange range{1, cursor ? cursor->id - 1 : INT64_MAX};
  Found found = Search(tx, scope, text).find(range, Direction::older, std::size_t(limit) + 1);
  const bool more = found.customers.size() > std::size_t(limit);
  if (more) found.customers.pop_back();
  ListPage<Customer> page{.rows = std::move(found.customers)};
  if (more) page.older = {Direction::older, page.rows.back().id.value};
  if (found.stopped_at) {
    page.older = {Direction::older, *found.stopped_at};
    page.looked_back_to = found.looked_back_to;
  }
  if (cursor) page.newer = {Direction::newer, page.rows.empty() ? cursor->id - 1 : page.rows.front().id.value};
  return page;
}

CustomerTotals totals_of(db::Transaction& tx, Scope scope, const Customer& customer) {
  using payments::PaymentStatus;
  struct Link {
    PaymentStatus status;
    std::string currency;
    std::int64_t amount;
    std::optional<std::int64_t> previous;
  };
  CustomerTotals totals;
  std::map<std::string, Paid> by_currency;
  auto next = customer.last_payment ? std::optional(customer.last_payment->value) : std::nullopt;
  while (next && totals.payments < totals_payments_max) {
    const auto link = tx.query_one(
        store::select_link,
        [](const db::Row& row) {
          return Link{row.as<PaymentStatus>(1), row.string(2), row.integer(3), row.optional_integer(4)};
        },
        scope.merchant, scope.mode, *next);
    EPAY_CHECK(link.has_value());
    Paid& paid = by_currency[link->currency];
    paid.currency = link->currency;
    if (link->status == PaymentStatus::succeeded) {
      ++paid.succeeded;
      paid.succeeded_minor += link->amount;
    }
    if (link->status == PaymentStatus::failed || link->status == PaymentStatus::expired) ++paid.failed;
    ++totals.payments;
    next = link->previous;
  }
  totals.all = !next;
  for (auto& [currency, paid] : by_currency) totals.paid.push_back(std::move(paid));
  return totals;
}

}  // namespace epay::lists
