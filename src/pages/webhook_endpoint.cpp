// Settings, Webhooks, one endpoint: its settings, its secrets, how it is doing
#include "events/delivery_log.h"
#include "pages/format.h"
#include "pages/page.h"
#include "pages/webhook_views.h"
#include "pages/webhooks.h"
#include "webhooks/endpoint_changes.h"

namespace epay::pages {
namespace {

constexpr int deliveries_shown = 10;
constexpr int redeliveries_looked_at = 100;

View secret_view(const events::SigningSecret& secret, const Texts& texts) {
  View view;
  view.set("text", events::show_verifier(secret));
  if (secret.expires_at) view.set("expires", format_time(*secret.expires_at, texts));
  return view;
}

View redelivery_view(const events::Redelivery& redelivery, const Texts& texts) {
  View view;
  view.set("id", std::to_string(redelivery.key.id.value))
      .set("kind", texts.at("webhooks.kind_" + std::string(events::name_of(redelivery.kind))))
      .set("status", texts.at("webhooks.redelivery_" + std::string(events::name_of(redelivery.status))))
      .set("running", redelivery.status == events::Redelivery::Status::running)
      .set("since", format_time(redelivery.since, texts))
      .set("sent", format_count(redelivery.sent, texts))
      .set("delivered", format_count(redelivery.delivered, texts));
  return view;
}

// The test that was just sent: ?test=msg_…
std::optional<View> find_test(db::Transaction& tx, const http::Request& request, const Visitor& visitor,
                              const Texts& texts) {
  const auto asked = request.query_parameter("test");
  const auto name = asked ? events::parse_webhook_id(*asked) : std::nullopt;
  if (!name) return std::nullopt;
  // Tests are events of test mode, whatever the visitor looks at.
  const auto details = payments::find_details(tx, {visitor.merchant, Mode::test}, *name);
  return details ? std::optional(details_view(*details, texts)) : std::nullopt;
}

}  // namespace

Task<http::Response> WebhookPages::show(http::Request& request, const Visitor& visitor) {
  co_return co_await show_endpoint(request, visitor, nullptr, {});
}

Task<http::Response> WebhookPages::show_endpoint(const http::Request& request, const Visitor& visitor,
                                                 const http::Form* typed, std::vector<FieldError> wrong) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const Texts& words = texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  const bool reveal = visitor.may(merchants::Permission::manage_webhooks) && request.query_parameter("reveal");
  auto view = co_await parts_.database.read([&](db::Transaction& tx) -> Result<View> {
    const events::LaneKey key{visitor.merchant, *id};
    const auto endpoint = events::find_endpoint(tx, key);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (!is_visible(*endpoint, visitor.mode)) return fail(ErrorCode::not_found, "of the other mode");
    View filled;
    filled.set("endpoint", endpoint_view(*endpoint, events::find_health(tx, key), words, now))
        .set("form", settings_view(typed ? *typed : form_of(*endpoint), wrong, words));
    const auto extras = events::open_extras(*endpoint, parts_.vault);
    if (!extras) return std::unexpected(extras.error());
    std::vector<View> headers;
    for (const auto& [name, value] : extras->headers) headers.push_back(View().set("name", name));
    filled.set("has_headers", !headers.empty()).set("own_headers", std::move(headers));
    if (reveal) {
      const auto secrets = events::signing_secrets(tx, key, parts_.vault, now);
      if (!secrets) return std::unexpected(secrets.error());
      std::vector<View> shown;
      for (const auto& secret : *secrets) shown.push_back(secret_view(secret, words));
      filled.set("secrets", std::move(shown));
    }
    const auto page = events::list_deliveries(
        tx, {.scope = visitor.scope(), .endpoint = *id, .limit = deliveries_shown}, std::nullopt);
    std::vector<View> deliveries;
    for (const auto& shown : payments::with_references(tx, page.deliveries))
      deliveries.push_back(delivery_view(shown, words));
    filled.set("no_deliveries", deliveries.empty()).set("deliveries", std::move(deliveries));
    std::vector<View> redeliveries;
    for (const auto& one : events::list_redeliveries(tx, visitor.merchant, redeliveries_looked_at)) {
      if (one.endpoint == *id) redeliveries.push_back(redelivery_view(one, words));
    }
    filled.set("has_redeliveries", !redeliveries.empty()).set("redeliveries", std::move(redeliveries));
    if (auto sent = find_test(tx, request, visitor, words)) filled.set("test", *std::move(sent));
    return filled;
  });
  if (!view) co_return problem(request, visitor, view.error());
  const std::string done = "webhooks.done_" + request.query_parameter("done").value_or("");
  if (words.has(done)) view->set("done", words.at(done));
  view->set("title", words.at("webhooks.endpoint")).set("reveal", reveal);
  co_return parts_.dashboard.page(request, visitor, "dashboard/webhook", *std::move(view), wrong.empty() ? 200 : 400);
}

Task<http::Response> WebhookPages::save(http::Request& request, const Visitor& visitor) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const auto form = http::read_form(request);
  if (!form) co_return co_await show_endpoint(request, visitor, nullptr, {{"url", "invalid", form.error().message}});
  const auto changes = changes_in(*form);
  auto wrong = webhooks::check_changes(changes);
  if (wrong.empty()) {
    const auto leads_somewhere = co_await webhooks::check_destination(parts_.client, *changes.url);
    if (!leads_somewhere) wrong = leads_somewhere.error().fields;
  }
  if (!wrong.empty()) co_return co_await show_endpoint(request, visitor, &*form, std::move(wrong));
  const events::LaneKey key{visitor.merchant, *id};
  const webhooks::Sealing sealing{parts_.vault, parts_.random.array<Vault::nonce_bytes>(), parts_.clock.now()};
  const auto saved = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto endpoint = events::find_endpoint(tx, key);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (!is_visible(*endpoint, visitor.mode)) return fail(ErrorCode::not_found, "of the other mode");
    note_change(tx, request, visitor, *changes.url, sealing.now);
    return webhooks::change_endpoint(tx, *endpoint, changes, std::nullopt, sealing);
  });
  if (!saved) co_return problem(request, visitor, saved.error());
  parts_.dispatcher.endpoint_changed(key);
  co_return see_other(request.path + "?done=saved");
}

}  // namespace epay::pages
