// GET and POST /register, and /verify/{token} of the letter that follows. The answer to a registration is the same
// whether the address has an account already or not; its owner is told in a letter.
#include "merchants/access_token.h"
#include "merchants/registration.h"
#include "merchants/telephone_code.h"
#include "pages/account/account.h"
#include "pages/guest.h"
#include "pages/page.h"

namespace epay::pages::account {
namespace {

View view_of(const Texts& texts, const merchants::RegistrationForm& typed) {
  View view;
  view.set("title", texts.at("account.register_title"))
      .set("name", typed.name)
      .set("email", typed.email)
      .set("telephone", typed.telephone);
  return view;
}

std::string trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

View verify_view(const Texts& texts, const merchants::Registration& registration) {
  View view;
  view.set("title", texts.at("account.verify_title")).set("name", registration.name).set("email", registration.email);
  return view;
}

}  // namespace

Task<http::Response> Account::show_register(Request& request) {
  // What the letter-sent page of a registration is: the same address, so that nothing depends on what was typed.
  const Texts& texts = texts_for(request);
  if (request.query_parameter("sent")) {
    View view;
    view.set("title", texts.at("account.sent_title")).set("text", texts.at("account.sent_verify"));
    view.set("back", "/register").set("back_label", texts.at("account.sent_again"));
    co_return guest(request, "account/message", std::move(view));
  }
  co_return guest(request, "account/register", view_of(texts, {}));
}

Task<http::Response> Account::take_registration(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Texts& texts = texts_for(request);
  const merchants::RegistrationForm typed{trimmed(form.get("name")), trimmed(form.get("email")),
                                          trimmed(form.get("telephone")), std::string(form.get("password"))};
  if (const auto wrong = merchants::check_registration(typed); !wrong.empty()) {
    View view = view_of(texts, typed);
    view.set("errors", errors_view(wrong, texts));
    co_return guest(request, "account/register", std::move(view), 422);
  }
  const Timestamp now = parts_.clock.now();
  const auto admitted = co_await parts_.database.write([&](db::Transaction& tx) -> Result<merchants::Try> {
    return merchants::take_try(tx, merchants::strangers, neighbourhood_of(request), now);
  });
  if (!admitted) co_return unavailable(request);
  if (admitted->wait) co_return slow_down(request, "account/register", view_of(texts, typed), *admitted->wait);
  // Also for an address that has an account: how long it takes must not tell.
  const auto hash = co_await parts_.passwords.hash(Secret(typed.password));
  if (!hash) co_return unavailable(request);
  const std::string token = parts_.random.text(merchants::link_chance, Random::letters_and_digits);
  const auto kept = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    if (merchants::take_try(tx, merchants::letters, merchants::sign_in_address(typed.email), now).wait) return {};
    if (const auto user = merchants::find_user_by_email(tx, typed.email)) {
      queue_letter(tx, user->key.merchant, user->email, texts_of_user(request, *user), "taken", {},
                   request.origin + "/login");
      return {};
    }
    merchants::keep_registration(tx, {typed.name, typed.email, typed.telephone, *hash, std::string(texts.language())},
                                 token, now);
    queue_letter(tx, MerchantId{0}, typed.email, texts, "verify", {{"name", typed.name}},
                 request.origin + "/verify/" + token);
    return {};
  });
  if (!kept) co_return unavailable(request);
  parts_.mail_queued();
  co_return see_other("/register?sent=1");
}

Task<http::Response> Account::show_verify(Request& request) {
  const auto registration =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<merchants::Registration>> {
        return merchants::find_registration(tx, request.path_parameters.at(0), parts_.clock.now());
      });
  if (!registration) co_return unavailable(request);
  if (!*registration) co_return dead_link(request, "verify");
  // Programs that look through letters open links too, so opening alone verifies nothing.
  co_return guest(request, "account/verify", verify_view(texts_for(request), **registration));
}

// The password is asked for again: the letter's reader need not be the one who registered, and must not find himself in
// an account whose password somebody else has chosen.
Task<http::Response> Account::take_verification(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Texts& texts = texts_for(request);
  const std::string token = request.path_parameters.at(0);
  const Timestamp now = parts_.clock.now();
  struct Found {
    std::optional<merchants::Registration> registration;
    merchants::Try attempt;
  };
  const auto found = co_await parts_.database.write([&](db::Transaction& tx) -> Result<Found> {
    Found read{merchants::find_registration(tx, token, now), {}};
    if (read.registration)
      read.attempt = merchants::take_try(tx, merchants::password_tries, "registration:" + token, now);
    return read;
  });
  if (!found) co_return unavailable(request);
  if (!found->registration) co_return dead_link(request, "verify");
  const merchants::Registration& registration = *found->registration;
  View view = verify_view(texts, registration);
  if (found->attempt.wait) co_return slow_down(request, "account/verify", std::move(view), *found->attempt.wait);
  const auto matches =
      co_await parts_.passwords.matches(Secret(std::string(form.get("password"))), registration.password_hash);
  if (!matches) co_return unavailable(request);
  if (!*matches) {
    view.set("errors", errors_view({{"password", "wrong_password", ""}}, texts));
    co_return guest(request, "account/verify", std::move(view), 422);
  }
  const std::string key = parts_.random.text(merchants::merchant_key_length, Random::letters_and_digits);
  const std::string chance = parts_.random.text(merchants::session_chance, Random::letters_and_digits);
  const auto code = new_telephone_code(registration.telephone);
  struct Opened {
    merchants::UserKey user;
    std::string session;
  };
  const auto opened = co_await parts_.database.write([&](db::Transaction& tx) -> Result<Opened> {
    const auto owner = merchants::complete_registration(tx, token, key, now);
    if (!owner) return std::unexpected(owner.error());
    const auto user = merchants::find_user(tx, *owner);
    const std::string session = merchants::make_access_token(owner->merchant, chance);
    merchants::record_security_event(tx, event_of(request, *user, merchants::SecurityEventKind::registered), now);
    enter(tx, request, *user, session);
    queue_telephone_code(tx, request, owner->merchant, code, texts);
    return Opened{*owner, session};
  });
  if (!opened && opened.error().code == ErrorCode::unavailable) co_return unavailable(request);
  if (!opened) co_return dead_link(request, "verify");
  parts_.text_message_queued();
  co_return welcome(request, opened->user, opened->session, "/verify-telephone");
}

}  // namespace epay::pages::account
