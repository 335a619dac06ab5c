// POST /api/v1/payout
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"

namespace epay::api {
namespace {

using processing::PayoutRequest;
using processing::Started;

Result<PayoutRequest> parse_payout(const std::vector<Field>& fields, Scope scope) {
  FieldReader reader(fields);
  const Currency currency = reader.currency_or_ghs("currency");
  const std::string reference = reader.required_text("reference", reference_max);
  const Money amount = reader.required_amount("amount", currency);
  // One documented example calls the method "payment-method".
  const bool alias = !reader.has("payout_method") && reader.has("payment-method");
  reader.required_choice(alias ? "payment-method" : "payout_method", {"momo"});
  const auto wallet = reader.required_wallet("mobile_wallet_number");
  const auto network = reader.required_network("mobile_wallet_network");
  const std::string description = reader.required_text("payout_description", description_max);
  if (const auto error = reader.error()) return std::unexpected(*error);
  return PayoutRequest{scope, reference, amount, *wallet, *network, description, {}, {}};
}

std::string accepted_body(const Started& started) {
  const payments::Payment& payment = started.payment;
  JsonWriter json;
  json.begin_object().member("success", true);
  json.member("message", "A payout was successfully sent to the mobile wallet " + payment.wallet_number.value_or(""));
  json.key("data").begin_object().key("transaction").begin_object();
  json.member("reference", payment.reference)
      .member("payment-method", "momo")
      .member("payout_description", payment.description)
      .key("amount")
      .raw(payment.amount.to_json_number())
      .member("mobile_wallet_network", payment.wallet_network)
      .member("mobile_wallet_number", payment.wallet_number);
  return json.end_object().end_object().end_object().take();
}

}  // namespace

Task<http::Response> Api::create_payout(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  auto payout = parse_payout(*fields, grant->integration.scope);
  if (!payout) co_return error_response(payout.error());
  payout->origin = request.origin;

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    payout->key = claim;
    auto outcome = co_await processor_.start_payout(std::move(*payout));
    if (!outcome) co_return std::unexpected(outcome.error());
    if (auto* stored = std::get_if<payments::StoredAnswer>(&*outcome)) co_return Reply{std::move(*stored), true};
    const Started& started = std::get<Started>(*outcome);
    if (started.payment.status == payments::PaymentStatus::failed) {
      co_return Reply{{402, error_body("api_error", "The payout was refused: " +
                                                        started.attempt.failure.value_or("no reason given"))}};
    }
    co_return Reply{{200, accepted_body(started)}};
  };
  co_return co_await answer_once(request, grant->integration.scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
