// /api/v1/refunds: create, list, show
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"
#include "payments/refund.h"

namespace epay::api {
namespace {

using processing::RefundRequest;
using processing::Started;

// Everything the request says, or everything that is wrong with it. The amount is in the currency of the payment.
Result<RefundRequest> parse_refund(const std::vector<Field>& fields, Scope scope,
                                   const std::optional<payments::Payment>& payment) {
  FieldReader reader(fields);
  RefundRequest refund{.scope = scope,
                       .payment_reference = reader.required_text("transaction_reference", reference_max),
                       .reference = reader.optional_text("reference", reference_max).value_or(""),
                       .reason = reader.optional_text("reason", description_max)};
  if (reader.has("currency") && payment && reader.currency_or_ghs("currency") != payment->amount.currency) {
    reader.malformed("currency", "must be the payment's, " + std::string(payment->amount.currency.code()));
  }
  if (reader.has("amount")) {
    refund.amount = reader.required_amount("amount", payment ? payment->amount.currency : Currency::ghs());
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  return refund;
}

std::string refund_body(std::string_view message, const payments::Payment& refund, const std::string& of) {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", message).key("refund");
  payments::write_refund(json, refund, of);
  return json.end_object().take();
}

}  // namespace

Task<http::Response> Api::create_refund(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const Scope scope = grant->integration.scope;
  // Where there is no such payment, what else is wrong is found all the same.
  std::optional<payments::Payment> payment;
  if (const auto named = FieldReader(*fields).optional_text("transaction_reference", reference_max)) {
    auto found =
        co_await database_.read([&](db::Transaction& tx) { return payments::find_payment(tx, scope, *named); });
    if (!found && found.error().code == ErrorCode::unavailable) co_return error_response(found.error());
    if (found) payment = *std::move(found);
  }
  auto refund = parse_refund(*fields, scope, payment);
  if (!refund) co_return error_response(refund.error());
  refund->origin = request.origin;

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    refund->key = claim;
    const std::string of = refund->payment_reference;
    auto outcome = co_await processor_.start_refund(std::move(*refund));
    if (!outcome) co_return std::unexpected(outcome.error());
    if (auto* stored = std::get_if<payments::StoredAnswer>(&*outcome)) co_return Reply{std::move(*stored), true};
    const Started& started = std::get<Started>(*outcome);
    if (started.payment.status == payments::PaymentStatus::failed) {
      co_return Reply{{402, error_body("api_error", "The refund was refused: " +
                                                        started.attempt.failure.value_or("no reason given"))}};
    }
    co_return Reply{{200, refund_body("The refund is on its way", started.payment, of)}};
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::list_refunds(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto number = page_number(request);
  if (!number) co_return error_response(number.error());
  const Scope scope = grant->integration.scope;
  const auto list = co_await database_.read([&](db::Transaction& tx) -> Result<payments::Page<payments::Refund>> {
    return payments::list_refunds(tx, scope, *number);
  });
  if (!list) co_return error_response(list.error());

  JsonWriter rows;
  rows.begin_array();
  for (const auto& [refund, of] : list->rows) payments::write_refund(rows, refund, of);
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Refunds retrieved Successfully").key("refunds");
  write_list_page(json, {request.origin + "/api/v1/refunds", *number, std::int64_t(list->rows.size()), list->total},
                  rows.end_array().take());
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Api::show_refund(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const Scope scope = grant->integration.scope;
  const std::string& reference = request.path_parameters.at(0);
  const auto found =
      co_await database_.read([&](db::Transaction& tx) { return payments::find_refund(tx, scope, reference); });
  if (!found) co_return error_response(found.error());
  co_return http::Response::json(200,
                                 refund_body("Refund retrieved Successfully", found->refund, found->payment_reference));
}

}  // namespace epay::api
