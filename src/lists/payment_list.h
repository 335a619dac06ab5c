// The revenue list: a merchant's payments and payouts, newest first, page by page in both directions, with every filter
// and search that the dashboard has. No page looks at more than a fixed number of rows (LookedAt), and says so when
// that was not all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "lists/run_walk.h"
#include "payments/payment.h"

namespace epay::lists {

// What is not named is not asked for: all are let through.
struct PaymentFilter {
  std::optional<payments::PaymentKind> kind;
  std::vector<payments::PaymentStatus> statuses;
  std::optional<payments::Method> method;
  std::optional<PageId> page;
  std::optional<CustomerId> customer;
  std::optional<Timestamp> since, until;  // of their making; `until` is not among them
  std::string text;

  bool is_empty() const {
    return !kind && statuses.empty() && !method && !page && !customer && !since && !until && text.empty();
  }
};

struct ListedPayment {
  PaymentId id;
  payments::PaymentKind kind = payments::PaymentKind::payment;
  payments::PaymentStatus status = payments::PaymentStatus::created;
  bool late = false;
  std::string reference;
  payments::Method method = payments::Method::undecided;
  std::optional<std::string> wallet_number, wallet_network;
  Money amount;
  std::int64_t fee_minor = 0;
  std::optional<std::string> description;
  std::optional<PageId> page;
  Timestamp created_at, updated_at;
  std::optional<CustomerId> customer;
  std::string customer_name, customer_email, customer_telephone;
};

// Where a page begins: beyond this payment, in this direction. The same payment is on no two pages, whatever comes in
// meanwhile.
struct ListCursor {
  Direction direction = Direction::older;
  std::int64_t id = 0;
};

template <class Row>
struct ListPage {
  std::vector<Row> rows;  // newest first, whatever the direction
  std::optional<ListCursor> older, newer;
  // How far back the list was looked through when that was enough work for one page, and the rest is on the next.
  std::optional<Timestamp> looked_back_to;
};

struct PaymentPage : ListPage<ListedPayment> {
  // Of the first page of a search: payments whose reference begins with its text, at most references_shown_max.
  std::vector<ListedPayment> references;
};
inline constexpr int references_shown_max = 5;

PaymentPage list_payments(db::Transaction& tx, Scope scope, const PaymentFilter& filter,
                          std::optional<ListCursor> cursor, int limit);

std::optional<ListedPayment> find_listed_payment(db::Transaction& tx, Scope scope, PaymentId id);

// The first that was made at or after the moment; nothing when there is none. Ids grow with time.
std::optional<PaymentId> first_payment_since(db::Transaction& tx, Scope scope, Timestamp since);

}  // namespace epay::lists
