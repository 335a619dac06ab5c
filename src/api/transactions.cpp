// /api/v1/transactions: list, show
#include "api/api.h"
#include "api/replies.h"

namespace epay::api {

Task<http::Response> Api::list_transactions(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto number = page_number(request);
  if (!number) co_return error_response(number.error());
  const Scope scope = grant->integration.scope;
  const auto list = co_await database_.read([&](db::Transaction& tx) -> Result<payments::Page<payments::Payment>> {
    return payments::list_payments(tx, scope, *number);
  });
  if (!list) co_return error_response(list.error());

  JsonWriter rows;
  rows.begin_array();
  for (const payments::Payment& payment : list->rows) write_transaction(rows, payment, WithCustomer::yes);
  JsonWriter json;
  json.begin_object()
      .member("success", true)
      .member("message", "Transactions retrieved Successfully")
      .key("transactions");
  write_list_page(json,
                  {request.origin + "/api/v1/transactions", *number, std::int64_t(list->rows.size()), list->total},
                  rows.end_array().take());
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Api::show_transaction(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const Scope scope = grant->integration.scope;
  const std::string& reference = request.path_parameters.at(0);
  const auto payment =
      co_await database_.read([&](db::Transaction& tx) { return payments::find_payment(tx, scope, reference); });
  if (!payment) co_return error_response(payment.error());
  JsonWriter json;
  json.begin_object()
      .member("success", true)
      .member("message", "Transactions retrieved Successfully")
      .key("transaction");
  write_transaction(json, *payment, WithCustomer::yes);
  co_return http::Response::json(200, json.end_object().take());
}

}  // namespace epay::api
