// /api/v1/customers: list, create, show
#include <charconv>

#include "api/api.h"
#include "api/claim_key.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"

namespace epay::api {
namespace {

constexpr std::int64_t transactions_shown_max = 100;

}  // namespace

Task<http::Response> Api::list_customers(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto number = page_number(request);
  if (!number) co_return error_response(number.error());
  const Scope scope = grant->integration.scope;
  const auto list = co_await database_.read([&](db::Transaction& tx) -> Result<payments::Page<payments::Customer>> {
    return payments::list_customers(tx, scope, *number);
  });
  if (!list) co_return error_response(list.error());

  JsonWriter rows;
  rows.begin_array();
  for (const payments::Customer& customer : list->rows) write_customer(rows, customer);
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Customers retrieved Successfully").key("customers");
  write_list_page(json, {request.origin + "/api/v1/customers", *number, std::int64_t(list->rows.size()), list->total},
                  rows.end_array().take());
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Api::create_customer(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  FieldReader reader(*fields);
  const payments::NewCustomer wanted{reader.required_text("name", name_max), reader.required_email("email"),
                                     reader.required_text("telephone", telephone_max)};
  if (const auto error = reader.error()) co_return error_response(*error);

  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    const Timestamp now = clock_.now();
    events::Recorded recorded;
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      auto known = claim_key(tx, scope.merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      auto customer =
          payments::find_or_create_customer(tx, scope, wanted, payments::ask_for_customer(tx, scope, wanted), now);
      recorded = std::move(customer.recorded);
      JsonWriter json;
      json.begin_object().member("success", true).member("message", "Customer created Successfully");
      json.key("data").begin_object().key("customer").begin_array();  // an array of one: the wire has it so
      write_customer(json, customer.customer);
      return Reply{{200, json.end_array().end_object().end_object().take()}};
    });
    if (reply) dispatcher_.publish(std::move(recorded));
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::show_customer(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const std::string& text = request.path_parameters.at(0);
  CustomerId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
  if (error != std::errc() || end != text.data() + text.size()) {
    co_return error_response({ErrorCode::not_found, "There is no customer " + text.substr(0, reference_max)});
  }
  const Scope scope = grant->integration.scope;
  struct Found {
    payments::Customer customer;
    std::vector<payments::Payment> payments;
  };
  const auto found = co_await database_.read([&](db::Transaction& tx) -> Result<Found> {
    auto customer = payments::find_customer(tx, scope, id);
    if (!customer) return std::unexpected(customer.error());
    auto payments = payments::payments_of_customer(tx, *customer, scope, transactions_shown_max);
    return Found{*std::move(customer), std::move(payments)};
  });
  if (!found) co_return error_response(found.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Transactions retrieved Successfully");
  json.key("data").begin_object().key("customer");
  write_customer(json, found->customer);
  json.key("transactions").begin_array();
  for (const payments::Payment& payment : found->payments) write_transaction(json, payment, WithCustomer::no);
  co_return http::Response::json(200, json.end_array().end_object().end_object().take());
}

}  // namespace epay::api
