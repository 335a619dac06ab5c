// GET /settings: oneself and the business. POST /settings/personal, /business, /logo, /notifications, /merchant-key.
#include "base/email.h"
#include "merchants/registration.h"
#include "pages/account/account.h"
#include "pages/logos.h"
#include "pages/page.h"
#include "pages/sign_in_cookies.h"

namespace epay::pages::account {
namespace {

using merchants::Notification;

struct Choice {
  Notification kind;
  std::string_view name;  // of the field, and of its texts
};
constexpr Choice choices[] = {{Notification::webhook_trouble, "webhook_trouble"},
                              {Notification::new_device, "new_device"},
                              {Notification::team, "team"}};

std::vector<View> languages_view(std::string_view chosen) {
  std::vector<View> all;
  for (const std::string_view name : language_names()) {
    all.push_back(
        View().set("code", name).set("name", texts_of(name).at("common.language_name")).set("chosen", name == chosen));
  }
  return all;
}

std::vector<View> notifications_view(const merchants::User& user, const Texts& texts) {
  std::vector<View> all;
  for (const Choice& choice : choices) {
    all.push_back(View()
                      .set("name", choice.name)
                      .set("label", texts.at("settings.notify_" + std::string(choice.name)))
                      .set("chosen", user.wants(choice.kind)));
  }
  return all;
}

std::string trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

Task<http::Response> Account::profile_page(Request& request, const Visitor& visitor, View view, int status) {
  struct Found {
    merchants::User user;
    merchants::Merchant merchant;
  };
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    auto user = merchants::find_user(tx, visitor.key());
    auto merchant = merchants::find_merchant(tx, visitor.merchant);
    if (!user || !merchant) return fail(ErrorCode::not_found, "gone");
    return Found{*std::move(user), *std::move(merchant)};
  });
  if (!found) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto& [user, merchant] = *found;
  View shown;  // what was typed stands before what is kept
  shown.set("title", texts.at("settings.title"))
      .set("tab", View().set("profile", true))
      .set("user_name", user.name)
      .set("user_email", user.email)
      .set("name", merchant.name)
      .set("email", merchant.email)
      .set("telephone", merchant.telephone)
      .set("telephone_verified", merchant.telephone_verified_at.has_value())
      .set("merchant_key", merchant.merchant_key)
      .set("languages_offered", languages_view(user.language.empty() ? texts.language() : user.language))
      .set("notifications", notifications_view(user, texts));
  if (merchant.logo) shown.set("logo_url", image_url(merchant.id, *merchant.logo));
  for (const auto& [name, value] : view.members()) {
    if (const auto* text = std::get_if<std::string>(&value)) shown.set(name, *text);
    if (const auto* part = std::get_if<std::shared_ptr<const View>>(&value)) shown.set(name, View(**part));
  }
  co_return parts_.dashboard.page(request, visitor, "account/profile", std::move(shown), status);
}

Task<http::Response> Account::show_profile(Request& request, const Visitor& visitor) {
  co_return co_await profile_page(request, visitor, {}, 200);
}

Task<http::Response> Account::take_personal(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const std::string name = trimmed(form.get("user_name"));
  const std::string_view language = form.get("language");
  if (const auto fault = merchants::check_name("user_name", name, merchants::user_name_max)) {
    View view;
    view.set("user_name", name).set("errors", errors_view({*fault}, texts));
    co_return co_await profile_page(request, visitor, std::move(view), 422);
  }
  const std::string chosen(texts_of(language).language());
  const auto saved = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    merchants::set_user_name(tx, visitor.key(), name);
    merchants::set_language(tx, visitor.key(), chosen);
    return {};
  });
  if (!saved) co_return unavailable(request);
  auto response = see_other("/settings?done=saved");
  set_language_choice(request, response, chosen);
  co_return response;
}

Task<http::Response> Account::take_logo(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto stored = co_await store_logo(parts_.database, parts_.images, visitor.merchant, form, "logo");
  if (!stored) {
    View errors;
    for (const FieldError& error : stored.error().fields)
      errors.set(error.field, texts.at("page_error." + (error.code == "too_large" ? "logo_too_large" : error.code)));
    View view;
    view.set("errors", std::move(errors));
    co_return co_await profile_page(request, visitor, std::move(view), 422);
  }
  const bool gone = !form.get("logo_gone").empty();
  if (!*stored && !gone) co_return see_other("/settings");
  const auto saved = co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) -> Result<> {
    merchants::set_logo(tx, visitor.merchant, *stored);
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::profile_changed),
                                     now);
    return {};
  });
  if (!saved) co_return unavailable(request);
  co_return see_other("/settings?done=saved");
}

Task<http::Response> Account::take_business(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const merchants::MerchantProfile typed{trimmed(form.get("name")), trimmed(form.get("email")),
                                         trimmed(form.get("telephone"))};
  std::vector<FieldError> wrong;
  if (auto fault = merchants::check_name("name", typed.name, merchants::merchant_name_max))
    wrong.push_back(*std::move(fault));
  if (!is_email(typed.email)) wrong.push_back({"email", typed.email.empty() ? "required" : "email", ""});
  if (auto fault = merchants::check_telephone(typed.telephone)) wrong.push_back(*std::move(fault));
  if (!wrong.empty()) {
    View view;
    view.set("name", typed.name).set("email", typed.email).set("telephone", typed.telephone);
    view.set("errors", errors_view(wrong, texts));
    co_return co_await profile_page(request, visitor, std::move(view), 422);
  }
  const Timestamp now = parts_.clock.now();
  const auto saved = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    merchants::set_profile(tx, visitor.merchant, typed);
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::profile_changed),
                                     now);
    return {};
  });
  if (!saved) co_return unavailable(request);
  co_return see_other("/settings?done=saved");
}

Task<http::Response> Account::take_notifications(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  std::int64_t wanted = 0;
  for (const Choice& choice : choices) {
    if (form.find(choice.name) != nullptr) wanted |= merchants::bit_of(choice.kind);
  }
  const auto saved = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    merchants::set_notifications(tx, visitor.key(), wanted);
    return {};
  });
  if (!saved) co_return unavailable(request);
  co_return see_other("/settings?done=saved");
}

Task<http::Response> Account::roll_merchant_key(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, "/settings")) co_return *std::move(confirm);
  const std::string key = parts_.random.text(merchants::merchant_key_length, Random::letters_and_digits);
  const Timestamp now = parts_.clock.now();
  const auto rolled = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    merchants::set_merchant_key(tx, visitor.merchant, key);
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::merchant_key_rolled),
                                     now);
    return {};
  });
  if (!rolled) co_return unavailable(request);
  co_return see_other("/settings?done=key_rolled");
}

}  // namespace epay::pages::account
