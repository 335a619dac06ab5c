// GET and POST /forgotten, and /reset/{token} of the letter that follows.
#include "merchants/access_token.h"
#include "merchants/password_rules.h"
#include "pages/account/account.h"
#include "pages/guest.h"
#include "pages/page.h"

namespace epay::pages::account {
namespace {

View view_of(const Texts& texts, std::string_view email) {
  View view;
  view.set("title", texts.at("account.forgotten_title")).set("email", email);
  return view;
}

View reset_view(const Texts& texts, const merchants::User& user) {
  View view;
  view.set("title", texts.at("account.reset_title")).set("email", user.email);
  return view;
}

}  // namespace

Task<http::Response> Account::show_forgotten(Request& request) {
  const Texts& texts = texts_for(request);
  if (request.query_parameter("sent")) {
    View view;
    view.set("title", texts.at("account.sent_title")).set("text", texts.at("account.sent_reset"));
    view.set("back", "/login").set("back_label", texts.at("account.to_login"));
    co_return guest(request, "account/message", std::move(view));
  }
  co_return guest(request, "account/forgotten", view_of(texts, ""));
}

Task<http::Response> Account::take_forgotten(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Texts& texts = texts_for(request);
  const std::string email(form.get("email"));
  if (email.empty()) {
    View view = view_of(texts, email);
    view.set("errors", errors_view({{"email", "required", ""}}, texts));
    co_return guest(request, "account/forgotten", std::move(view), 422);
  }
  const Timestamp now = parts_.clock.now();
  const std::string chance = parts_.random.text(merchants::session_chance, Random::letters_and_digits);
  const auto asked = co_await parts_.database.write([&](db::Transaction& tx) -> Result<std::optional<microseconds>> {
    if (const auto tried = merchants::take_try(tx, merchants::strangers, neighbourhood_of(request), now); tried.wait)
      return tried.wait;
    if (merchants::take_try(tx, merchants::letters, merchants::sign_in_address(email), now).wait) return std::nullopt;
    const auto user = merchants::find_user_by_email(tx, email);
    if (!user) return std::nullopt;
    const std::string token = merchants::make_access_token(user->key.merchant, chance);
    merchants::keep_reset(tx, user->key, token, now);
    queue_letter(tx, user->key.merchant, user->email, texts_of_user(request, *user), "reset", {},
                 request.origin + "/reset/" + token);
    return std::nullopt;
  });
  if (!asked) co_return unavailable(request);
  if (*asked) co_return slow_down(request, "account/forgotten", view_of(texts, email), **asked);
  parts_.mail_queued();
  co_return see_other("/forgotten?sent=1");
}

Task<http::Response> Account::show_reset(Request& request) {
  const auto user = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<merchants::User>> {
    const auto key = merchants::find_reset(tx, request.path_parameters.at(0), parts_.clock.now());
    return key ? merchants::find_user(tx, *key) : std::nullopt;
  });
  if (!user) co_return unavailable(request);
  if (!*user) co_return dead_link(request, "reset");
  co_return guest(request, "account/reset", reset_view(texts_for(request), **user));
}

Task<http::Response> Account::take_reset(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Texts& texts = texts_for(request);
  const std::string token = request.path_parameters.at(0);
  const Timestamp now = parts_.clock.now();
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<merchants::User>> {
    const auto key = merchants::find_reset(tx, token, now);
    return key ? merchants::find_user(tx, *key) : std::nullopt;
  });
  if (!found) co_return unavailable(request);
  if (!*found) co_return dead_link(request, "reset");
  const std::string password(form.get("password"));
  if (const auto fault = merchants::password_fault(password, {(*found)->email, (*found)->name})) {
    View view = reset_view(texts, **found);
    view.set("errors", errors_view({{"password", std::string(code_of(*fault)), ""}}, texts));
    co_return guest(request, "account/reset", std::move(view), 422);
  }
  const auto hash = co_await parts_.passwords.hash(Secret(password));
  if (!hash) co_return unavailable(request);
  const auto changed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<bool> {
    // Once: of two at the same time one finds it used.
    const auto key = merchants::find_reset(tx, token, now);
    const auto user = key ? merchants::find_user(tx, *key) : std::nullopt;
    if (!user) return false;
    merchants::set_password(tx, *key, *hash, now);
    merchants::forget_resets(tx, *key);
    merchants::end_all_sessions(tx, *key);
    merchants::forgive(tx, merchants::password_tries, merchants::sign_in_address(user->email));
    merchants::record_security_event(tx, event_of(request, *user, merchants::SecurityEventKind::password_reset), now);
    queue_letter(tx, key->merchant, user->email, texts_of_user(request, *user), "password_changed", {},
                 request.origin + "/forgotten");
    return true;
  });
  if (!changed) co_return unavailable(request);
  if (!*changed) co_return dead_link(request, "reset");
  parts_.mail_queued();
  co_return see_other("/login?done=password_reset");
}

}  // namespace epay::pages::account
