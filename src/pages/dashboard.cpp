#include "pages/dashboard.h"

#include <algorithm>

#include "http/form.h"
#include "merchants/merchant.h"
#include "merchants/session.h"
#include "pages/forgery.h"
#include "pages/page.h"
#include "pages/problem.h"
#include "pages/sign_in_cookies.h"

namespace epay::pages {
namespace {

constexpr std::string_view home = "/dashboard";

bool changes_nothing(const http::Request& request) { return request.method == "GET" || request.method == "HEAD"; }

std::string address_of(const http::Request& request) {
  return request.path + (request.query.empty() ? "" : "?" + request.query);
}

// Where it all comes back to after the log-in. What a form was to do has to be asked for again.
http::Response to_log_in(const http::Request& request) {
  const std::string next = changes_nothing(request) ? "?next=" + http::percent_encode(address_of(request)) : "";
  if (request.headers.find("hx-request") == nullptr) return see_other("/login" + next);
  // A part of a page must not become a log-in form.
  http::Response response;
  response.status = 401;
  response.headers.add("HX-Redirect", "/login");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

// The first segment of the path, as the templates' names are written: payment_pages.
std::string section_of(const http::Request& request) {
  std::string_view path = request.path;
  path.remove_prefix(std::min<std::size_t>(1, path.size()));
  std::string section(path.substr(0, path.find('/')));
  std::ranges::replace(section, '-', '_');
  return section;
}

View permissions_of(const Visitor& visitor) {
  View may;
  for (const merchants::Permission permission : merchants::all_permissions())
    may.set(std::string(merchants::name_of(permission)), visitor.may(permission));
  return may;
}

}  // namespace

merchants::NewSecurityEvent security_event(const http::Request& request, const Visitor& visitor,
                                           merchants::SecurityEventKind kind, std::string detail) {
  return {.merchant = visitor.merchant,
          .kind = kind,
          .user = visitor.user,
          .user_name = visitor.user_name.empty() ? visitor.user_email : visitor.user_name,
          .detail = std::move(detail),
          .device = std::string(request.headers.get("user-agent")),
          .address = request.client.to_string()};
}

Dashboard::Dashboard(Parts parts) : parts_(parts) {
  parts_.router.add("GET", "/", [](http::Request&) -> Task<http::Response> { co_return see_other(std::string(home)); });
  add("POST", "/mode", merchants::Permission::own_account,
      [this](http::Request& request, const Visitor& visitor) { return switch_mode(request, visitor); });
}

void Dashboard::add(std::string_view method, std::string_view pattern, merchants::Permission permission,
                    Handler handler) {
  parts_.router.add(method, pattern, [this, permission, handler = std::move(handler)](http::Request& request) {
    return answer(request, permission, handler);
  });
}

Task<http::Response> Dashboard::answer(http::Request& request, merchants::Permission permission,
                                       const Handler& handler) {
  const auto visitor = co_await find_visitor(request);
  if (!visitor) co_return show_problem(request, 503, "", parts_.random);
  if (!*visitor) co_return to_log_in(request);
  if (!changes_nothing(request)) {
    const auto form = http::read_form(request);
    // A body of another kind (JSON, say) has its token in the header.
    if (!is_our_form(request, form.value_or(http::Form()), (*visitor)->session))
      co_return refuse(request, **visitor, "forged");
  }
  if (!(*visitor)->may(permission)) co_return refuse(request, **visitor, "not_permitted");
  co_return co_await handler(request, **visitor);
}

Task<Result<std::optional<Visitor>>> Dashboard::find_visitor(const http::Request& request) {
  Secret token = session_token(request);
  if (token.empty()) co_return std::nullopt;
  const Timestamp now = parts_.clock.now();
  struct Found {
    merchants::Session session;
    merchants::User user;
    merchants::Merchant merchant;
  };
  auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<Found>> {
    const auto session = merchants::find_session(tx, token.reveal(), now);
    if (!session || session->stage != merchants::SessionStage::signed_in) return std::nullopt;
    auto user = merchants::find_user(tx, session->user);
    auto merchant = merchants::find_merchant(tx, session->user.merchant);
    if (!user || !merchant) return std::nullopt;
    return Found{*session, *std::move(user), *std::move(merchant)};
  });
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::nullopt;
  const auto& [session, user, merchant] = **found;
  if (session.seen_at + merchants::session_seen_every <= now) {
    // A session that cannot be written to is a session all the same.
    co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
      merchants::touch_session(tx, session, request.client.to_string(), now);
      return {};
    });
  }
  co_return Visitor{.merchant = session.user.merchant,
                    .user = session.user.user,
                    .role = user.role,
                    .mode = session.mode,
                    .user_name = user.name,
                    .user_email = user.email,
                    .merchant_name = merchant.name,
                    .language = user.language,
                    .authenticated_at = session.authenticated_at,
                    .session = std::move(token),
                    .telephone_verified = merchant.telephone_verified_at.has_value()};
}

http::Response Dashboard::page(const http::Request& request, const Visitor& visitor, std::string_view template_name,
                               View view, int status) {
  const Texts& words = texts(request, visitor);
  View at;
  at.set(section_of(request), true);
  View shown;
  shown.set("name", visitor.user_name.empty() ? visitor.user_email : visitor.user_name)
      .set("email", visitor.user_email)
      .set("merchant", visitor.merchant_name)
      .set("role", words.at("roles." + std::string(merchants::name_of(visitor.role))));
  const bool asks_for_telephone = !visitor.telephone_verified && visitor.may(merchants::Permission::edit_account) &&
                                  section_of(request) != "verify_telephone";
  view.set("at", std::move(at))
      .set("visitor", std::move(shown))
      .set("may", permissions_of(visitor))
      .set("mode_test", visitor.mode == Mode::test)
      .set("mode_live", visitor.mode == Mode::live)
      .set("telephone_unverified", asks_for_telephone)
      .set("here", changes_nothing(request) ? address_of(request) : std::string(home))
      .set("csrf", csrf_token(visitor));
  const std::string done = "notices." + request.query_parameter("done").value_or("");
  if (words.has(done)) view.set("notice", words.at(done));
  return render_page(request, template_name, std::move(view), words, parts_.random,
                     {.status = status, .frame = "layout/dashboard", .frames_ours = true});
}

http::Response Dashboard::refuse(const http::Request& request, const Visitor& visitor, std::string_view why) {
  const Texts& words = texts(request, visitor);
  const std::string key = "refused." + std::string(why);
  View view;
  view.set("title", words.at(key + "_title")).set("text", words.at(key + "_text"));
  return page(request, visitor, "account/refused", std::move(view), 403);
}

std::optional<http::Response> Dashboard::confirm_first(const Visitor& visitor, std::string_view next) const {
  if (visitor.authenticated_at + confirmation_life > parts_.clock.now()) return std::nullopt;
  return see_other("/confirm?next=" + http::percent_encode(next));
}

const Texts& Dashboard::texts(const http::Request& request, const Visitor& visitor) const {
  if (visitor.language.empty() || request.query_parameter("lang")) return texts_for(request);
  return texts_of(visitor.language);
}

std::string Dashboard::csrf_token(const Visitor& visitor) const {
  return masked_form_token(visitor.session, parts_.random);
}

Task<http::Response> Dashboard::switch_mode(http::Request& request, const Visitor& visitor) {
  const auto form = http::read_form(request);
  const Mode mode = form && form->get("mode") == "live" ? Mode::live : Mode::test;
  const Timestamp now = parts_.clock.now();
  const auto switched = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto session = merchants::find_session(tx, visitor.session.reveal(), now);
    if (session) merchants::set_mode(tx, *session, mode);
    return {};
  });
  if (!switched) co_return show_problem(request, 503, "", parts_.random);
  co_return see_other(local_path(form ? form->get("next") : "", home));
}

}  // namespace epay::pages
