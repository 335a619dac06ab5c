// GET /settings/security: password, second factor, sessions. What they POST.
#include "merchants/password_rules.h"
#include "merchants/second_factor.h"
#include "pages/account/account.h"
#include "pages/format.h"
#include "pages/page.h"

namespace epay::pages::account {
namespace {

std::vector<View> sessions_view(const std::vector<merchants::Session>& sessions, const Sha256& own,
                                const Texts& texts) {
  std::vector<View> all;
  for (const merchants::Session& session : sessions) {
    all.push_back(View()
                      .set("id", hex_encode(to_bytes(session.token_hash)))
                      .set("device", describe_device(session.device, texts))
                      .set("address", session.address)
                      .set("seen", format_time(session.seen_at, texts))
                      .set("began", format_time(session.created_at, texts))
                      .set("own", session.token_hash == own));
  }
  return all;
}

}  // namespace

Task<http::Response> Account::security_page(Request& request, const Visitor& visitor, View view, int status) {
  struct Found {
    merchants::User user;
    std::vector<merchants::Session> sessions;
    std::int64_t codes;
  };
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    auto user = merchants::find_user(tx, visitor.key());
    if (!user) return fail(ErrorCode::not_found, "gone");
    return Found{*std::move(user), merchants::list_sessions(tx, visitor.key(), parts_.clock.now()),
                 merchants::count_recovery_codes(tx, visitor.key())};
  });
  if (!found) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto& [user, sessions, codes] = *found;
  const Sha256 own = sha256(visitor.session.reveal());
  view.set("title", texts.at("settings.title"))
      .set("tab", View().set("security", true))
      .set("email", user.email)
      .set("second_factor", user.second_factor_since.has_value())
      .set("codes_left", texts.format("settings.codes_left", {{"count", std::to_string(codes)}}))
      .set("sessions", sessions_view(sessions, own, texts))
      .set("several", sessions.size() > 1);
  if (user.second_factor_since) view.set("second_factor_since", format_date(*user.second_factor_since, texts));
  if (user.password_changed_at) view.set("password_changed", format_date(*user.password_changed_at, texts));
  co_return parts_.dashboard.page(request, visitor, "account/security", std::move(view), status);
}

Task<http::Response> Account::show_security(Request& request, const Visitor& visitor) {
  co_return co_await security_page(request, visitor, {}, 200);
}

Task<http::Response> Account::take_password(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const std::string fresh(form.get("new_password"));
  std::vector<FieldError> wrong;
  if (const auto fault =
          merchants::password_fault(fresh, {visitor.user_email, visitor.user_name, visitor.merchant_name}))
    wrong.push_back({"new_password", std::string(code_of(*fault)), ""});
  if (form.get("password").empty()) wrong.push_back({"password", "required", ""});
  std::optional<microseconds> wait;
  if (wrong.empty()) {
    const auto checked = co_await check_password(request, visitor, Secret(std::string(form.get("password"))));
    if (!checked) co_return unavailable(request);
    wait = checked->wait;
    if (!checked->right && !wait) wrong.push_back({"password", "wrong_password", ""});
  }
  if (!wrong.empty() || wait) {
    View view;
    view.set("errors", errors_view(wrong, texts));
    if (wait) view.set("alert", texts.format("errors.slow_down", {{"wait", in_words(*wait, texts)}}));
    co_return co_await security_page(request, visitor, std::move(view), wait ? 429 : 422);
  }
  const auto hash = co_await parts_.passwords.hash(Secret(fresh));
  if (!hash) co_return unavailable(request);
  const Timestamp now = parts_.clock.now();
  const auto changed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    merchants::set_password(tx, visitor.key(), *hash, now);
    merchants::forget_resets(tx, visitor.key());
    merchants::end_other_sessions(tx, visitor.key(), sha256(visitor.session.reveal()));
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::password_changed),
                                     now);
    queue_letter(tx, visitor.merchant, visitor.user_email, texts, "password_changed", {},
                 request.origin + "/forgotten");
    return {};
  });
  if (!changed) co_return unavailable(request);
  parts_.mail_queued();
  co_return see_other("/settings/security?done=password_changed");
}

Task<http::Response> Account::end_session(Request& request, const Visitor& visitor) {
  const std::string id = request.path_parameters.at(0);
  const Timestamp now = parts_.clock.now();
  const auto ended = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    for (const merchants::Session& session : merchants::list_sessions(tx, visitor.key(), now)) {
      if (hex_encode(to_bytes(session.token_hash)) != id) continue;
      merchants::end_session(tx, visitor.key(), session.token_hash);
      merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::session_ended),
                                       now);
    }
    return {};
  });
  if (!ended) co_return unavailable(request);
  co_return see_other("/settings/security?done=session_ended");
}

Task<http::Response> Account::end_other_sessions(Request& request, const Visitor& visitor) {
  const Timestamp now = parts_.clock.now();
  const auto ended = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    if (merchants::end_other_sessions(tx, visitor.key(), sha256(visitor.session.reveal())) > 0) {
      merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::sessions_ended),
                                       now);
    }
    return {};
  });
  if (!ended) co_return unavailable(request);
  co_return see_other("/settings/security?done=sessions_ended");
}

}  // namespace epay::pages::account
