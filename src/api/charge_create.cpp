// POST /api/v1/charge
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"

namespace epay::api {
namespace {

using processing::ChargeRequest;
using processing::Started;

// Everything the request says, or everything that is wrong with it.
Result<ChargeRequest> parse_charge(const std::vector<Field>& fields, Scope scope) {
  FieldReader reader(fields);
  const Currency currency = reader.currency_or_ghs("currency");
  ChargeRequest charge{.scope = scope,
                       .reference = reader.required_text("reference", reference_max),
                       .amount = reader.required_amount("amount", currency)};
  const std::string method = reader.required_choice("payment_method", {"momo", "card"});
  charge.customer = {reader.required_text("customer_name", name_max), reader.required_email("customer_email"),
                     reader.required_text("customer_telephone", telephone_max)};
  charge.description = reader.optional_text("payment_description", description_max);
  if (method == "card") charge.channel = rails::Channel::card;
  if (method == "momo") {
    charge.wallet = reader.required_wallet("mobile_wallet_number");
    charge.network = reader.required_network("mobile_wallet_network");
    charge.voucher = reader.optional_text("voucher", voucher_max);
    const bool needed = charge.network && charge.network->needs_voucher;
    if (needed && !charge.voucher) reader.missing("voucher");
    if (needed && charge.voucher && !is_voucher(*charge.voucher)) reader.malformed("voucher", "must be 6 digits");
    if (!needed) charge.voucher.reset();
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  return charge;
}

std::string accepted_body(const Started& started) {
  const payments::Payment& payment = started.payment;
  const bool card = payment.method == payments::Method::card;
  JsonWriter json;
  json.begin_object().member("success", true);
  json.member("message", card ? "Redirect to url provided to complete payment"
                              : "A payment request has been sent to the mobile wallet. Please Approve Payment.");
  json.key("data").begin_object().key("customer");
  write_customer(json, *started.customer);
  json.key("transaction").begin_object();
  json.member("reference", payment.reference)
      .member("payment_method", wire_name(payment.method))
      .member("description", payment.description)
      .key("amount")
      .raw(payment.amount.to_json_number());
  if (!card) {
    json.member("mobile_wallet_number", payment.wallet_number).member("mobile_wallet_network", payment.wallet_network);
  }
  json.end_object();
  if (card) json.member("redirect_url", started.attempt.redirect_url);
  if (started.attempt.status == payments::AttemptStatus::awaiting_input) json.member("next_action", "submit_input");
  return json.end_object().end_object().take();
}

// The rail refused it in its first reply.
std::string refused_body(const Started& started) {
  if (started.payment.method == payments::Method::card) {
    return error_body("card_error",
                      "The card payment was refused: " + started.attempt.failure.value_or("no reason given"));
  }
  return error_body("momo_error", "Ooops! We encountered an issue trying to charge the mobile wallet");
}

}  // namespace

Task<http::Response> Api::create_charge(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  auto charge = parse_charge(*fields, grant->integration.scope);
  if (!charge) co_return error_response(charge.error());
  charge->origin = request.origin;

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    charge->key = claim;
    auto outcome = co_await processor_.start_charge(std::move(*charge));
    if (!outcome) co_return std::unexpected(outcome.error());
    if (auto* stored = std::get_if<payments::StoredAnswer>(&*outcome)) co_return Reply{std::move(*stored), true};
    const Started& started = std::get<Started>(*outcome);
    if (started.payment.status == payments::PaymentStatus::failed) co_return Reply{{402, refused_body(started)}};
    // Without a page to send the customer to there is no answer yet: the same request again asks the rail.
    const bool open = started.payment.status == payments::PaymentStatus::pending;
    if (started.payment.method == payments::Method::card && open && !started.attempt.redirect_url) {
      co_return fail(ErrorCode::unavailable, "the rail has not answered with a page to pay at");
    }
    co_return Reply{{200, accepted_body(started)}};
  };
  co_return co_await answer_once(request, grant->integration.scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
