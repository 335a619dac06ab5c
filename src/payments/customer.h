// The merchant's customers: a person is an email and a telephone; the name may change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"

namespace epay::payments {

struct Customer {
  CustomerId id;
  std::string name, email, telephone;
  Timestamp created_at, updated_at;
  std::optional<PaymentId> last_payment;
};

struct NewCustomer {
  std::string name, email, telephone;
};

// Rows of one page, newest first, and how many there are on all pages.
template <class T>
struct Page {
  std::vector<T> rows;
  std::int64_t total = 0;
};
inline constexpr std::int64_t rows_per_page = 20;

struct KnownCustomer {
  Customer customer;
  events::Recorded recorded;  // to be published once this is durable
};
using AskedCustomer = db::Later<std::optional<Customer>>;
AskedCustomer ask_for_customer(db::Transaction& tx, Scope scope, const NewCustomer& customer);
// `asked`: for the same customer, in the same transaction.
KnownCustomer find_or_create_customer(db::Transaction& tx, Scope scope, const NewCustomer& customer,
                                      AskedCustomer asked, Timestamp now);
AskedCustomer ask_for_customer(db::Transaction& tx, Scope scope, CustomerId id);
// Error: not_found.
Result<Customer> find_customer(db::Transaction& tx, Scope scope, CustomerId id);
// `page` counts from 1.
Page<Customer> list_customers(db::Transaction& tx, Scope scope, std::int64_t page);

}  // namespace epay::payments
