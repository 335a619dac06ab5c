// POST /api/v1/payout
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/payee.h"
#include "api/replies.h"

namespace epay::api {
namespace {

using processing::PayoutRequest;
using processing::Started;

// `recipient` is the one that the request names; nothing where it names none.
Result<PayoutRequest> parse_payout(const std::vector<Field>& fields, Scope scope, const rails::Banks& banks,
                                   std::optional<payments::Recipient> recipient) {
  FieldReader reader(fields);
  const Currency currency = reader.currency_or_ghs("currency");
  PayoutRequest payout{.scope = scope,
                       .reference = reader.required_text("reference", reference_max),
                       .amount = reader.required_amount("amount", currency)};
  if (recipient) {
    payout.payee = std::move(recipient->account);
    payout.payee_name = recipient->holder_name ? std::move(recipient->holder_name) : std::move(recipient->name);
  } else {
    // One documented example calls the method "payment-method".
    const bool alias = !reader.has("payout_method") && reader.has("payment-method");
    auto payee = required_payee(reader, alias ? "payment-method" : "payout_method", banks);
    if (payee) payout.payee = *std::move(payee);
    payout.payee_name = reader.optional_text("account_name", name_max);
  }
  payout.description = reader.required_text("payout_description", description_max);
  if (const auto error = reader.error()) return std::unexpected(*error);
  return payout;
}

std::string accepted_body(const Started& started) {
  const payments::Payment& payment = started.payment;
  const bool bank = payment.method == payments::Method::bank;
  JsonWriter json;
  json.begin_object().member("success", true);
  json.member("message", std::string("A payout was successfully sent to the ") +
                             (bank ? "bank account " : "mobile wallet ") + payment.wallet_number.value_or(""));
  json.key("data").begin_object().key("transaction").begin_object();
  json.member("reference", payment.reference)
      .member("payment-method", wire_name(payment.method))
      .member("payout_description", payment.description)
      .key("amount")
      .raw(payment.amount.to_json_number());
  write_payee(json, {payment.method, payment.wallet_number.value_or(""), payment.wallet_network.value_or("")});
  if (bank) json.member("account_name", payment.payee_name);
  return json.end_object().end_object().end_object().take();
}

}  // namespace

Task<http::Response> Api::create_payout(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const Scope scope = grant->integration.scope;
  std::optional<payments::Recipient> recipient;
  if (const auto named = FieldReader(*fields).given_integer("recipient_id"); named && *named) {
    auto found = co_await database_.read(
        [&](db::Transaction& tx) { return payments::find_recipient(tx, scope, RecipientId{**named}); });
    if (!found) co_return error_response(found.error());
    recipient = *std::move(found);
  }
  auto payout = parse_payout(*fields, scope, processor_.banks(), std::move(recipient));
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
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
