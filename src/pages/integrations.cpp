// GET and POST /integrations, POST /integrations/{id}/revoke
#include "pages/integrations.h"

#include <charconv>

#include "base/utf8.h"
#include "http/form.h"
#include "merchants/merchant.h"
#include "pages/format.h"
#include "pages/page.h"
#include "pages/problem.h"

namespace epay::pages {
namespace {

using merchants::Permission;

// WIRE §2.
constexpr std::size_t app_id_length = 13;
constexpr std::size_t app_secret_length = 32;
constexpr std::string_view here = "/integrations";

View integration_view(const merchants::ListedIntegration& integration, const Texts& texts) {
  View view;
  view.set("id", std::to_string(integration.id.value))
      .set("app_id", integration.app_id)
      .set("name", integration.name.value_or(""))
      .set("live", integration.mode == Mode::live)
      .set("created", format_date(integration.created_at, texts));
  if (integration.revoked_at) view.set("revoked", format_date(*integration.revoked_at, texts));
  return view;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void IntegrationPages::add_routes() {
  const auto add = [this](std::string_view method, std::string_view pattern, Permission permission, auto handler) {
    parts_.dashboard.add(method, pattern, permission, [this, handler](http::Request& request, const Visitor& visitor) {
      return (this->*handler)(request, visitor);
    });
  };
  add("GET", here, Permission::see_integrations, &IntegrationPages::show);
  add("POST", here, Permission::manage_integrations, &IntegrationPages::make);
  add("POST", "/integrations/{id}/revoke", Permission::manage_integrations, &IntegrationPages::revoke);
}

Task<http::Response> IntegrationPages::page(const http::Request& request, const Visitor& visitor, View view,
                                            int status) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  struct Found {
    std::string merchant_key;
    std::vector<View> used, revoked;
  };
  auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    const auto merchant = merchants::find_merchant(tx, visitor.merchant);
    if (!merchant) return std::unexpected(merchant.error());
    Found listed{.merchant_key = merchant->merchant_key};
    for (const auto& integration : merchants::list_integrations(tx, visitor.merchant)) {
      auto& list = integration.revoked_at ? listed.revoked : listed.used;
      list.push_back(integration_view(integration, texts));
    }
    return listed;
  });
  if (!found) co_return show_problem(request, 503, "", parts_.random);
  view.set("title", texts.at("integrations.title"))
      .set("origin", request.origin)
      .set("merchant_key", found->merchant_key)
      .set("none", found->used.empty())
      .set("integrations", std::move(found->used))
      .set("any_revoked", !found->revoked.empty())
      .set("revoked_ones", std::move(found->revoked));
  co_return parts_.dashboard.page(request, visitor, "dashboard/integrations", std::move(view), status);
}

Task<http::Response> IntegrationPages::show(http::Request& request, const Visitor& visitor) {
  co_return co_await page(request, visitor, {}, 200);
}

// The answer to the POST itself shows the secret: it is not kept anywhere from where a GET could show it.
Task<http::Response> IntegrationPages::make(http::Request& request, const Visitor& visitor) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto form = http::read_form(request);
  const bool live = form && form->get("mode") == "live";
  if (live) {
    if (auto response = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(response);
  }
  const std::string name(trim(form ? form->get("name") : ""));
  View view;
  view.set("name", name).set("live", live);
  if (utf8_length(name) > merchants::integration_name_max) {
    view.set("name_error", texts.at("errors.too_long"));
    co_return co_await page(request, visitor, std::move(view), 422);
  }
  const std::string app_id = parts_.random.text(app_id_length, Random::hex_digits);
  const std::string app_secret = parts_.random.text(app_secret_length, Random::letters_and_digits);
  const Timestamp now = parts_.clock.now();
  const auto made = co_await parts_.database.write([&](db::Transaction& tx) -> Result<IntegrationId> {
    merchants::record_security_event(
        tx, security_event(request, visitor, merchants::SecurityEventKind::integration_made, app_id), now);
    return merchants::create_integration(tx, {.merchant = visitor.merchant,
                                              .mode = live ? Mode::live : Mode::test,
                                              .app_id = app_id,
                                              .app_secret_hash = sha256(app_secret),
                                              .now = now,
                                              .name = name.empty() ? std::nullopt : std::optional(name)});
  });
  if (!made && made.error().code == ErrorCode::conflict) {
    view.set("name_error", texts.at("integrations.too_many"));
    co_return co_await page(request, visitor, std::move(view), 422);
  }
  if (!made) co_return show_problem(request, 503, "", parts_.random);
  View shown;
  shown.set("made", View().set("app_id", app_id).set("app_secret", app_secret).set("live", live));
  co_return co_await page(request, visitor, std::move(shown), 200);
}

Task<http::Response> IntegrationPages::revoke(http::Request& request, const Visitor& visitor) {
  const std::string& text = request.path_parameters.at(0);
  std::int64_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  const auto revoked = co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) -> Result<> {
    const auto done = merchants::revoke_integration(tx, visitor.merchant, IntegrationId{id}, now);
    if (!done) return done;
    merchants::record_security_event(
        tx, security_event(request, visitor, merchants::SecurityEventKind::integration_revoked, text), now);
    return {};
  });
  if (!revoked) {
    co_return show_problem(request, revoked.error().code == ErrorCode::not_found ? 404 : 503, "", parts_.random);
  }
  co_return see_other("/integrations?done=integration_revoked");
}

}  // namespace epay::pages
