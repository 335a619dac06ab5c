#include "payments/customer.h"

#include "base/crypto.h"
#include "payments/payment_store.h"
#include "payments/search_change.h"
#include "payments/wire.h"

namespace epay::payments {
namespace {

Customer read_customer(const db::Row& row) {
  return {row.id<CustomerId>(0),
          row.string(1),
          row.string(2),
          row.string(3),
          row.time(4),
          row.time(5),
          row.is_null(6) ? std::nullopt : std::optional(row.id<PaymentId>(6))};
}

std::int64_t identity_of(const NewCustomer& customer) { return short_hash(customer.email + '\n' + customer.telephone); }

}  // namespace

AskedCustomer ask_for_customer(db::Transaction& tx, Scope scope, const NewCustomer& customer) {
  return tx.ask_one(store::select_customer_by_identity, read_customer, scope.merchant, scope.mode,
                    identity_of(customer), customer.email, customer.telephone);
}

AskedCustomer ask_for_customer(db::Transaction& tx, Scope scope, CustomerId id) {
  return tx.ask_one(store::select_customer, read_customer, scope.merchant, scope.mode, id);
}

KnownCustomer find_or_create_customer(db::Transaction& tx, Scope scope, const NewCustomer& customer,
                                      AskedCustomer asked, Timestamp now) {
  if (auto& found = asked.get()) {
    if (found->name != customer.name) {
      found->name = customer.name;
      found->updated_at = now;
      tx.execute(store::update_customer_name, scope.merchant, scope.mode, found->id, customer.name, now);
      note_customer_change(tx, scope, found->id, found->created_at, now);
    }
    return {*std::move(found), {}};
  }
  const CustomerId id{tx.next_id(db::Sequence::customer)};
  tx.execute(store::insert_customer, scope.merchant, scope.mode, id, identity_of(customer), customer.name,
             customer.email, customer.telephone, now);
  tx.execute(store::count_customer, scope.merchant, scope.mode);
  KnownCustomer created{{id, customer.name, customer.email, customer.telephone, now, now, std::nullopt}, {}};
  constexpr auto type = events::EventType::customer_created;
  created.recorded = events::record(tx, {.scope = scope,
                                         .type = type,
                                         .payload = events::envelope(type, now, customer_data(created.customer)),
                                         .now = now});
  return created;
}

Result<Customer> find_customer(db::Transaction& tx, Scope scope, CustomerId id) {
  auto found = ask_for_customer(tx, scope, id).get();
  if (!found) return fail(ErrorCode::not_found, "There is no customer " + std::to_string(id.value));
  return *std::move(found);
}

Page<Customer> list_customers(db::Transaction& tx, Scope scope, std::int64_t page) {
  Page<Customer> list;
  list.total =
      tx.query_one(
            store::select_totals, [](const db::Row& row) { return row.integer(0); }, scope.merchant, scope.mode)
          .value_or(0);
  const std::int64_t skipped = (page - 1) * rows_per_page;
  if (skipped < list.total) {
    list.rows =
        tx.query_all(store::select_customers, read_customer, scope.merchant, scope.mode, rows_per_page, skipped);
  }
  return list;
}

}  // namespace epay::payments
