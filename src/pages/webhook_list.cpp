// Settings, Webhooks: all endpoints, and the form of a new one
#include "pages/page.h"
#include "pages/problem.h"
#include "pages/webhook_views.h"
#include "pages/webhooks.h"
#include "webhooks/endpoint_changes.h"

namespace epay::pages {

using merchants::Permission;

void WebhookPages::add(std::string_view method, std::string_view pattern, Permission permission, Handler handler) {
  parts_.dashboard.add(method, pattern, permission, [this, handler](http::Request& request, const Visitor& visitor) {
    return (this->*handler)(request, visitor);
  });
}

void WebhookPages::add_routes() {
  add("GET", "/settings/webhooks", Permission::see_webhooks, &WebhookPages::list);
  add("POST", "/settings/webhooks", Permission::manage_webhooks, &WebhookPages::create);
  add("GET", "/settings/webhooks/log", Permission::see_webhooks, &WebhookPages::show_log);
  add("GET", "/settings/webhooks/log/{delivery}", Permission::see_webhooks, &WebhookPages::show_delivery);
  add("POST", "/settings/webhooks/log/{delivery}/resend", Permission::manage_webhooks, &WebhookPages::resend);
  add("GET", "/settings/webhooks/{id}", Permission::see_webhooks, &WebhookPages::show);
  add("POST", "/settings/webhooks/{id}", Permission::manage_webhooks, &WebhookPages::save);
  add("POST", "/settings/webhooks/{id}/test", Permission::manage_webhooks, &WebhookPages::test);
  add("POST", "/settings/webhooks/{id}/rotate", Permission::manage_webhooks, &WebhookPages::rotate);
  add("POST", "/settings/webhooks/{id}/turn", Permission::manage_webhooks, &WebhookPages::turn);
  add("POST", "/settings/webhooks/{id}/redeliver", Permission::manage_webhooks, &WebhookPages::redeliver);
  add("POST", "/settings/webhooks/{id}/redeliveries/{redelivery}/cancel", Permission::manage_webhooks,
      &WebhookPages::stop_redelivery);
}

void WebhookPages::note_change(db::Transaction& tx, const http::Request& request, const Visitor& visitor,
                               const std::string& what, Timestamp now) {
  constexpr auto kind = merchants::SecurityEventKind::webhook_changed;
  merchants::record_security_event(tx, security_event(request, visitor, kind, what), now);
}

http::Response WebhookPages::problem(const http::Request& request, const Visitor&, const Error& error) {
  return show_problem(request, error.code == ErrorCode::not_found ? 404 : 503, "", parts_.random);
}

Task<http::Response> WebhookPages::list(http::Request& request, const Visitor& visitor) {
  co_return co_await show_list(request, visitor, {}, {});
}

Task<http::Response> WebhookPages::show_list(const http::Request& request, const Visitor& visitor,
                                             const http::Form& typed, std::vector<FieldError> wrong) {
  const Texts& words = texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  auto endpoints = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::vector<View>> {
    std::vector<View> views;
    for (const events::Endpoint& endpoint : events::list_endpoints(tx, visitor.merchant)) {
      if (!is_visible(endpoint, visitor.mode)) continue;
      views.push_back(endpoint_view(endpoint, events::find_health(tx, endpoint.key), words, now));
    }
    return views;
  });
  if (!endpoints) co_return problem(request, visitor, endpoints.error());
  View view;
  const int status = wrong.empty() ? 200 : 400;
  view.set("title", words.at("webhooks.title"))
      .set("tab", View().set("webhooks", true))
      .set("none", endpoints->empty())
      .set("endpoints", *std::move(endpoints))
      .set("form", settings_view(typed, wrong, words));
  co_return parts_.dashboard.page(request, visitor, "dashboard/webhooks", std::move(view), status);
}

Task<http::Response> WebhookPages::create(http::Request& request, const Visitor& visitor) {
  auto form = http::read_form(request);
  if (!form) co_return co_await show_list(request, visitor, {}, {{"url", "invalid", form.error().message}});
  const auto changes = changes_in(*form);
  auto wrong = webhooks::check_changes(changes);
  if (wrong.empty()) {
    const auto leads_somewhere = co_await webhooks::check_destination(parts_.client, *changes.url);
    if (!leads_somewhere) wrong = leads_somewhere.error().fields;
  }
  if (!wrong.empty()) co_return co_await show_list(request, visitor, *form, std::move(wrong));
  const auto secret = webhooks::make_secret(parts_.random);
  const webhooks::Sealing sealing{parts_.vault, parts_.random.array<Vault::nonce_bytes>(), parts_.clock.now()};
  const auto opened = co_await parts_.database.write([&](db::Transaction& tx) -> Result<events::Endpoint> {
    auto endpoint = webhooks::open_endpoint(tx, visitor.merchant, changes, true, secret, sealing);
    if (endpoint) note_change(tx, request, visitor, endpoint->settings.url, sealing.now);
    return endpoint;
  });
  if (!opened && opened.error().code == ErrorCode::conflict) {
    co_return co_await show_list(request, visitor, *form, {{"url", "conflict", opened.error().message}});
  }
  if (!opened) co_return problem(request, visitor, opened.error());
  co_return see_other("/settings/webhooks/" + std::to_string(opened->key.endpoint.value) + "?done=created");
}

}  // namespace epay::pages
