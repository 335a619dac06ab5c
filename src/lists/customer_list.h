// The merchant's customers as the dashboard shows them: listed and searched, and one with what he has paid.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "db/database.h"
#include "lists/payment_list.h"
#include "payments/customer.h"

namespace epay::lists {

// The newest first; with a text those in whose name, e-mail or telephone each of its words begins a word.
ListPage<payments::Customer> list_customers(db::Transaction& tx, Scope scope, const std::string& text,
                                            std::optional<ListCursor> cursor, int limit);

// What a customer has paid, in one currency.
struct Paid {
  std::string currency;
  std::int64_t succeeded = 0;
  std::int64_t succeeded_minor = 0;
  std::int64_t failed = 0;
};
struct CustomerTotals {
  std::vector<Paid> paid;  // by currency
  std::int64_t payments = 0;
  bool all = true;  // of all his payments; otherwise of the latest totals_payments_max
};
inline constexpr int totals_payments_max = 5'000;

CustomerTotals totals_of(db::Transaction& tx, Scope scope, const payments::Customer& customer);

}  // namespace epay::lists
