// GET and POST /settings/security/second-factor: setting up an authenticator app; its removal; recovery codes.
#include "merchants/second_factor.h"

#include "images/qr.h"
#include "merchants/totp.h"
#include "pages/account/account.h"
#include "pages/page.h"

namespace epay::pages::account {
namespace {

constexpr std::string_view here = "/settings/security/second-factor";
constexpr std::string_view security = "/settings/security";

}  // namespace

Task<http::Response> Account::second_factor_page(Request& request, const Visitor& visitor, View view, int status) {
  const merchants::NewSecondFactor fresh{Secret(parts_.random.bytes(merchants::totp_secret_bytes)),
                                         parts_.random.array<Vault::nonce_bytes>()};
  const auto secret = co_await parts_.database.write(
      [&](db::Transaction& tx) { return merchants::prepare_second_factor(tx, visitor.key(), fresh, parts_.vault); });
  if (!secret && secret.error().code == ErrorCode::conflict) co_return see_other(std::string(security));
  if (!secret) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const std::string uri = merchants::totp_uri(*secret, visitor.user_email);
  view.set("title", texts.at("settings.second_factor_title"))
      .set("qr", images::qr_svg(uri, texts.at("settings.second_factor_qr")))
      .set("uri", uri)
      .set("secret", merchants::shown_totp_secret(*secret));
  co_return parts_.dashboard.page(request, visitor, "account/second_factor", std::move(view), status);
}

Task<http::Response> Account::show_second_factor(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(confirm);
  co_return co_await second_factor_page(request, visitor, {}, 200);
}

http::Response Account::codes_page(const Request& request, const Visitor& visitor,
                                   const std::vector<std::string>& codes) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  std::vector<View> shown;
  for (const std::string& code : codes) shown.push_back(View().set("code", code));
  View view;
  view.set("title", texts.at("settings.codes_title")).set("codes", std::move(shown));
  return parts_.dashboard.page(request, visitor, "account/recovery_codes", std::move(view));
}

Task<http::Response> Account::take_second_factor(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(confirm);
  const std::string code(form_of(request).get("code"));
  const auto codes = merchants::make_recovery_codes(parts_.random);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  const auto confirmed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<bool> {
    if (!merchants::confirm_second_factor(tx, visitor.key(), code, parts_.vault, now)) return false;
    merchants::keep_recovery_codes(tx, visitor.key(), codes);
    // Who has got in with the password alone does not stay.
    merchants::end_other_sessions(tx, visitor.key(), sha256(visitor.session.reveal()));
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::second_factor_on),
                                     now);
    queue_letter(tx, visitor.merchant, visitor.user_email, texts, "second_factor_on", {},
                 request.origin + std::string(security));
    return true;
  });
  if (!confirmed) co_return unavailable(request);
  if (!*confirmed) {
    View view;
    view.set("errors", errors_view({{"code", "wrong_code", ""}}, texts));
    co_return co_await second_factor_page(request, visitor, std::move(view), 422);
  }
  parts_.mail_queued();
  co_return codes_page(request, visitor, codes);
}

Task<http::Response> Account::remove_second_factor(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, security)) co_return *std::move(confirm);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  const auto removed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto user = merchants::find_user(tx, visitor.key());
    if (!user || !user->second_factor_since) return {};
    merchants::remove_second_factor(tx, visitor.key());
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::second_factor_off),
                                     now);
    queue_letter(tx, visitor.merchant, visitor.user_email, texts, "second_factor_off", {},
                 request.origin + std::string(security));
    return {};
  });
  if (!removed) co_return unavailable(request);
  parts_.mail_queued();
  co_return see_other(std::string(security) + "?done=second_factor_off");
}

Task<http::Response> Account::renew_recovery_codes(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, security)) co_return *std::move(confirm);
  const auto codes = merchants::make_recovery_codes(parts_.random);
  const Timestamp now = parts_.clock.now();
  const auto renewed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<bool> {
    const auto user = merchants::find_user(tx, visitor.key());
    if (!user || !user->second_factor_since) return false;
    merchants::keep_recovery_codes(tx, visitor.key(), codes);
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::recovery_codes_made),
                                     now);
    return true;
  });
  if (!renewed) co_return unavailable(request);
  if (!*renewed) co_return see_other(std::string(security));
  co_return codes_page(request, visitor, codes);
}

}  // namespace epay::pages::account
