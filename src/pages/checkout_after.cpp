// What comes after paying: back to the merchant with a signed result, and a receipt by mail.
#include "base/json_writer.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"
#include "mail/letter.h"
#include "pages/checkout.h"
#include "pages/checkout_frame.h"
#include "pages/checkout_state.h"
#include "pages/format.h"
#include "webhooks/signer.h"

namespace epay::pages {
namespace {

// As small as a result can be: what a shop shows its customer. What it ships by comes as a webhook.
std::string result_json(const payments::Payment& payment) {
  JsonWriter json;
  json.begin_object()
      .member("reference", payment.reference)
      .member("status", payments::wire_name(payment.status))
      .member("amount", payment.amount.to_decimal())
      .member("currency", payment.amount.currency.code())
      .end_object();
  return json.take();
}

// Signed as a webhook is, with the secrets of the merchant's first endpoint that is for this mode
// (docs/decisions/the-way-back-is-signed-as-a-webhook.md). Nothing where there is none.
Result<std::vector<events::SigningSecret>> secrets_of(db::Transaction& tx, Scope scope, const Vault& vault,
                                                      Timestamp now) {
  for (const events::Endpoint& endpoint : events::list_endpoints(tx, scope.merchant)) {
    if (endpoint.settings.mode && *endpoint.settings.mode != scope.mode) continue;
    return events::signing_secrets(tx, endpoint.key, vault, now);
  }
  return std::vector<events::SigningSecret>();
}

std::string with_result(std::string url, const payments::Payment& payment,
                        const std::vector<events::SigningSecret>& secrets, Timestamp now) {
  const std::string result = result_json(payment);
  const std::string id = "result_" + std::to_string(payment.id.value);
  std::string fragment;
  if (const std::size_t at = url.find('#'); at != std::string::npos) {
    fragment = url.substr(at);
    url.resize(at);
  }
  url += url.contains('?') ? '&' : '?';
  url += "epay_result=" + http::percent_encode(result);
  if (!secrets.empty()) {
    url += "&epay_id=" + id + "&epay_timestamp=" + std::to_string(now.unix_seconds()) +
           "&epay_signature=" + http::percent_encode(webhooks::signature_header(secrets, {id, now, result}));
  }
  return url + fragment;
}

}  // namespace

Task<http::Response> CheckoutPages::return_to_merchant(http::Request& request) {
  const auto checkout = co_await find(request.path_parameters.at(0));
  if (!checkout) co_return problem(request, checkout.error());
  const Timestamp now = clock_.now();
  if (!checkout->redirect_url || !is_over(state_of(*checkout, now)))
    co_return see_other(with_kept_query(request, "/checkout/" + checkout->token));
  const auto secrets = co_await database_.read(
      [&](db::Transaction& tx) { return secrets_of(tx, checkout->payment.scope, vault_, now); });
  if (!secrets) co_return problem(request, secrets.error());
  auto response = see_other(with_result(*checkout->redirect_url, checkout->payment, *secrets, now));
  response.headers.add("Referrer-Policy", "no-referrer");  // the address we come from is the payment's key
  co_return response;
}

// To the payer's own address only, and not often: nobody's mail is flooded from here.
Task<http::Response> CheckoutPages::send_receipt(http::Request& request, payments::Checkout checkout) {
  const Texts& texts = texts_for(request);
  const payments::Payment& payment = checkout.payment;
  if (payment.status != payments::PaymentStatus::succeeded)
    co_return see_other(with_kept_query(request, "/checkout/" + checkout.token));
  const std::string amount = format_money(checkout.total(), texts);
  const mail::Letter letter{
      .subject = texts.format("receipt_mail.subject", {{"amount", amount}, {"merchant", checkout.merchant_name}}),
      .paragraphs = {texts.format("receipt_mail.greeting", {{"name", checkout.customer.name}}),
                     texts.format("receipt_mail.paid", {{"amount", amount},
                                                        {"merchant", checkout.merchant_name},
                                                        {"date", format_time(payment.updated_at, texts)},
                                                        {"reference", payment.reference}})},
      .link = mail::Link{std::string(texts.at("receipt_mail.link")), request.origin + "/checkout/" + checkout.token},
      .footer = texts.format("receipt_mail.footer", {{"merchant", checkout.merchant_name}})};
  const Timestamp now = clock_.now();
  const auto queued = co_await database_.write([&](db::Transaction& tx) -> Result<> {
    if (const auto counted = payments::count_receipt(tx, payment); !counted) return counted;
    mail::queue(tx, mail::write_letter(payment.scope.merchant, checkout.customer.email, letter), now);
    return {};
  });
  if (queued) {
    on_mail_();
    co_return see_other(with_kept_query(request, "/checkout/" + checkout.token, "notice=mailed"));
  }
  const bool too_many = queued.error().code == ErrorCode::too_many_requests;
  co_return show(request, checkout, CheckoutForm(texts),
                 {.text = std::string(texts.at(too_many ? "pay_error.mailed_enough" : "pay_error.try_again")),
                  .is_error = true,
                  .status = too_many ? 429 : 503});
}

}  // namespace epay::pages
