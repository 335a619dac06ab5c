// GET and POST /login, /login/code (the second factor) and /logout. Nothing tells whether an address has an account:
// the words, the status and the time are those of a wrong password.
#include "base/utf8.h"
#include "merchants/access_token.h"
#include "merchants/second_factor.h"
#include "pages/account/account.h"
#include "pages/forgery.h"
#include "pages/guest.h"
#include "pages/page.h"
#include "pages/sign_in_cookies.h"

namespace epay::pages::account {
namespace {

constexpr std::string_view home = "/dashboard";
constexpr std::size_t password_length_max = 1'024;  // longer ones are nobody's, and cost time

View view_of(const Texts& texts, const http::Form& form, std::string_view next) {
  View view;
  view.set("title", texts.at("account.login_title")).set("email", form.get("email")).set("next", next);
  return view;
}

View code_view(const Texts& texts, std::string_view next) {
  View view;
  view.set("title", texts.at("account.code_title")).set("next", next);
  return view;
}

std::string next_of(const http::Form& form) { return local_path(form.get("next"), home); }

std::string subject_of(merchants::UserKey user) {
  return std::to_string(user.merchant.value) + ":" + std::to_string(user.user.value);
}

}  // namespace

Task<http::Response> Account::show_log_in(Request& request) {
  const std::string next = local_path(request.query_parameter("next").value_or(""), home);
  co_return guest(request, "account/login", view_of(texts_for(request), {}, next));
}

Task<http::Response> Account::take_log_in(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Texts& texts = texts_for(request);
  const Timestamp now = parts_.clock.now();
  const std::string email(form.get("email"));
  const Secret password{std::string(form.get("password"))};
  const std::string neighbourhood = neighbourhood_of(request);
  const auto mark = device_mark(request, parts_.vault);
  struct Found {
    std::optional<merchants::User> user;
    std::optional<microseconds> wait;
    std::string subject;  // whose tries are counted
  };
  const auto found = co_await parts_.database.write([&](db::Transaction& tx) -> Result<Found> {
    Found read{merchants::find_user_by_email(tx, email), {}, merchants::sign_in_address(email)};
    if (read.user && mark && mark->user == read.user->key) read.subject = "mark:" + to_bytes(mark->hash);
    read.wait = merchants::take_try(tx, merchants::password_tries_of_address, neighbourhood, now).wait;
    if (read.wait) return read;
    const auto attempt = merchants::take_try(tx, merchants::password_tries, read.subject, now);
    read.wait = attempt.wait;
    if (read.user && !read.wait && attempt.used == merchants::password_tries.free) {
      merchants::record_security_event(tx, event_of(request, *read.user, merchants::SecurityEventKind::log_in_slowed),
                                       now);
    }
    return read;
  });
  if (!found) co_return unavailable(request);
  if (found->wait) co_return slow_down(request, "account/login", view_of(texts, form, next_of(form)), *found->wait);
  const std::string hash = found->user ? found->user->password_hash.value_or("") : "";
  if (password.reveal().size() > password_length_max) co_return wrong_credentials(request, form);
  const auto matches = co_await parts_.passwords.matches(password, hash);
  if (!matches) co_return unavailable(request);
  if (!*matches) co_return wrong_credentials(request, form);

  const bool half = found->user->second_factor_since.has_value();
  const std::string token = make_token(found->user->key.merchant);
  const auto entered = co_await parts_.database.write([&](db::Transaction& tx) -> Result<bool> {
    // Removed meanwhile, or with another password.
    const auto user = merchants::find_user(tx, found->user->key);
    if (!user || user->password_hash != hash) return false;
    merchants::forgive(tx, merchants::password_tries, found->subject);
    merchants::give_back_try(tx, merchants::password_tries_of_address, neighbourhood);
    if (half) {
      enter(tx, request, *user, token, merchants::SessionStage::second_factor_wanted);
    } else {
      log_in(tx, request, *user, token);
    }
    return true;
  });
  if (!entered) co_return unavailable(request);
  if (!*entered) co_return wrong_credentials(request, form);
  parts_.mail_queued();
  if (!half) co_return welcome(request, found->user->key, token, next_of(form));
  auto response = see_other("/login/code?next=" + http::percent_encode(next_of(form)));
  set_session_token(request, response, token);
  co_return response;
}

http::Response Account::wrong_credentials(const Request& request, const http::Form& form) {
  const Texts& texts = texts_for(request);
  View view = view_of(texts, form, next_of(form));
  view.set("alert", texts.at("errors.wrong_credentials"));
  return guest(request, "account/login", std::move(view), 422);
}

Task<Result<std::optional<merchants::Session>>> Account::find_half_session(const Request& request) {
  const Secret token = session_token(request);
  co_return co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<merchants::Session>> {
    auto session = merchants::find_session(tx, token.reveal(), parts_.clock.now());
    if (session && session->stage != merchants::SessionStage::second_factor_wanted) return std::nullopt;
    return session;
  });
}

Task<http::Response> Account::show_code(Request& request) {
  const auto session = co_await find_half_session(request);
  if (!session) co_return unavailable(request);
  if (!*session) co_return see_other("/login");
  const std::string next = local_path(request.query_parameter("next").value_or(""), home);
  co_return guest(request, "account/code", code_view(texts_for(request), next));
}

Task<http::Response> Account::take_code(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const auto session = co_await find_half_session(request);
  if (!session) co_return unavailable(request);
  if (!*session) co_return see_other("/login");
  const Texts& texts = texts_for(request);
  const Timestamp now = parts_.clock.now();
  const merchants::UserKey key = (*session)->user;
  const std::string token = make_token(key.merchant);
  struct Outcome {
    std::optional<microseconds> wait;
    bool entered = false;
  };
  const auto outcome = co_await parts_.database.write([&](db::Transaction& tx) -> Result<Outcome> {
    const auto user = merchants::find_user(tx, key);
    if (!user) return Outcome{};
    if (const auto attempt = merchants::take_try(tx, merchants::code_tries, subject_of(key), now); attempt.wait)
      return Outcome{attempt.wait, false};
    const auto verdict = merchants::try_second_factor(tx, key, form.get("code"), parts_.vault, now);
    if (verdict == merchants::FactorVerdict::wrong) return Outcome{};
    merchants::forgive(tx, merchants::code_tries, subject_of(key));
    // Used up by the one that gets in with it.
    if (!merchants::end_session(tx, key, (*session)->token_hash)) return Outcome{};
    log_in(tx, request, *user, token);
    if (verdict == merchants::FactorVerdict::recovery_code) {
      merchants::record_security_event(tx, event_of(request, *user, merchants::SecurityEventKind::recovery_code_used),
                                       now);
      queue_letter(tx, key.merchant, user->email, texts_of_user(request, *user), "recovery_code_used",
                   {{"left", std::to_string(merchants::count_recovery_codes(tx, key))}},
                   request.origin + "/settings/security");
    }
    return Outcome{{}, true};
  });
  if (!outcome) co_return unavailable(request);
  if (outcome->wait) co_return slow_down(request, "account/code", code_view(texts, next_of(form)), *outcome->wait);
  if (!outcome->entered) {
    View view = code_view(texts, next_of(form));
    view.set("errors", errors_view({{"code", "wrong_code", ""}}, texts));
    co_return guest(request, "account/code", std::move(view), 422);
  }
  parts_.mail_queued();
  co_return welcome(request, key, token, next_of(form));
}

Task<http::Response> Account::take_log_out(Request& request) {
  const Secret token = session_token(request);
  const http::Form form = form_of(request);
  if (!is_our_form(request, form, token)) co_return see_other(std::string(home));
  const Timestamp now = parts_.clock.now();
  const auto ended = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto session = merchants::find_session(tx, token.reveal(), now);
    if (!session) return {};
    merchants::end_session(tx, session->user, session->token_hash);
    if (const auto user = merchants::find_user(tx, session->user))
      merchants::record_security_event(tx, event_of(request, *user, merchants::SecurityEventKind::logged_out), now);
    return {};
  });
  if (!ended) co_return unavailable(request);
  auto response = see_other("/login?done=logged_out");
  forget_session_token(request, response);
  co_return response;
}

void Account::enter(db::Transaction& tx, const Request& request, const merchants::User& user, const std::string& token,
                    merchants::SessionStage stage) {
  // What the browser came with is given up for the new one.
  if (const auto before = merchants::find_session(tx, session_token(request).reveal(), parts_.clock.now()))
    merchants::end_session(tx, before->user, before->token_hash);
  merchants::begin_session(tx,
                           {.user = user.key,
                            .token = token,
                            .stage = stage,
                            .device = std::string(request.headers.get("user-agent")),
                            .address = request.client.to_string()},
                           parts_.clock.now());
}

void Account::log_in(db::Transaction& tx, const Request& request, const merchants::User& user,
                     const std::string& token) {
  const Timestamp now = parts_.clock.now();
  const auto mark = device_mark(request, parts_.vault);
  const bool known_here = mark && mark->user == user.key;
  if (!known_here && user.wants(merchants::Notification::new_device) &&
      merchants::has_logged_in(tx, user.key.merchant, user.key.user)) {
    const Texts& texts = texts_of_user(request, user);
    const std::string device = describe_device(request.headers.get("user-agent"), texts);
    const std::string address = request.client.to_string();
    queue_letter(tx, user.key.merchant, user.email, texts, "new_device",
                 {{"device", device}, {"address", address}, {"time", now.to_wire() + " UTC"}},
                 request.origin + "/settings/security");
  }
  merchants::record_security_event(tx, event_of(request, user, merchants::SecurityEventKind::logged_in), now);
  enter(tx, request, user, token);
}

http::Response Account::welcome(const Request& request, merchants::UserKey user, const std::string& token,
                                std::string location) {
  auto response = see_other(std::move(location));
  set_session_token(request, response, token);
  set_device_mark(request, response, user, parts_.vault, parts_.random);
  return response;
}

}  // namespace epay::pages::account
