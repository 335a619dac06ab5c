#include "pages/account/account.h"

#include <algorithm>

#include "merchants/access_token.h"
#include "merchants/registration.h"
#include "pages/guest.h"
#include "pages/problem.h"
#include "pages/sign_in_cookies.h"

namespace epay::pages::account {

using merchants::Permission;

void Account::add_routes(http::Router& router) {
  using GuestHandler = Task<Response> (Account::*)(Request&);
  const auto guest_route = [&](std::string_view method, std::string_view pattern, GuestHandler handler) {
    router.add(method, pattern, [this, handler](Request& request) { return (this->*handler)(request); });
  };
  guest_route("GET", "/register", &Account::show_register);
  guest_route("POST", "/register", &Account::take_registration);
  guest_route("GET", "/verify/{token}", &Account::show_verify);
  guest_route("POST", "/verify/{token}", &Account::take_verification);
  guest_route("GET", "/login", &Account::show_log_in);
  guest_route("POST", "/login", &Account::take_log_in);
  guest_route("GET", "/login/code", &Account::show_code);
  guest_route("POST", "/login/code", &Account::take_code);
  guest_route("POST", "/logout", &Account::take_log_out);
  guest_route("GET", "/forgotten", &Account::show_forgotten);
  guest_route("POST", "/forgotten", &Account::take_forgotten);
  guest_route("GET", "/reset/{token}", &Account::show_reset);
  guest_route("POST", "/reset/{token}", &Account::take_reset);
  guest_route("GET", "/join/{token}", &Account::show_join);
  guest_route("POST", "/join/{token}", &Account::take_join);
  guest_route("GET", "/change-email/{token}", &Account::show_email_change);
  guest_route("POST", "/change-email/{token}", &Account::take_email_change);

  using MemberHandler = Task<Response> (Account::*)(Request&, const Visitor&);
  const auto member_route = [&](std::string_view method, std::string_view pattern, Permission permission,
                                MemberHandler handler) {
    parts_.dashboard.add(method, pattern, permission, [this, handler](Request& request, const Visitor& visitor) {
      return (this->*handler)(request, visitor);
    });
  };
  member_route("GET", "/confirm", Permission::own_account, &Account::show_confirm);
  member_route("POST", "/confirm", Permission::own_account, &Account::take_confirm);
  member_route("GET", "/verify-telephone", Permission::edit_account, &Account::show_telephone);
  member_route("POST", "/verify-telephone", Permission::edit_account, &Account::take_telephone_code);
  member_route("POST", "/verify-telephone/send", Permission::edit_account, &Account::send_telephone_code);
  member_route("GET", "/settings", Permission::own_account, &Account::show_profile);
  member_route("POST", "/settings/personal", Permission::own_account, &Account::take_personal);
  member_route("POST", "/settings/email", Permission::own_account, &Account::ask_for_email_change);
  member_route("POST", "/settings/business", Permission::edit_account, &Account::take_business);
  member_route("POST", "/settings/logo", Permission::edit_account, &Account::take_logo);
  member_route("POST", "/settings/notifications", Permission::own_account, &Account::take_notifications);
  member_route("POST", "/settings/merchant-key", Permission::manage_integrations, &Account::roll_merchant_key);
  member_route("GET", "/settings/security", Permission::own_account, &Account::show_security);
  member_route("POST", "/settings/security/password", Permission::own_account, &Account::take_password);
  member_route("POST", "/settings/security/sessions/{session}/end", Permission::own_account, &Account::end_session);
  member_route("POST", "/settings/security/other-sessions/end", Permission::own_account, &Account::end_other_sessions);
  member_route("GET", "/settings/security/second-factor", Permission::own_account, &Account::show_second_factor);
  member_route("POST", "/settings/security/second-factor", Permission::own_account, &Account::take_second_factor);
  member_route("POST", "/settings/security/second-factor/remove", Permission::own_account,
               &Account::remove_second_factor);
  member_route("POST", "/settings/security/recovery-codes", Permission::own_account, &Account::renew_recovery_codes);
  member_route("GET", "/settings/team", Permission::manage_team, &Account::show_team);
  member_route("POST", "/settings/team/invite", Permission::manage_team, &Account::take_invitation);
  member_route("POST", "/settings/team/invitations/{invitation}/withdraw", Permission::manage_team,
               &Account::withdraw_invitation);
  member_route("POST", "/settings/team/{user}/role", Permission::manage_team, &Account::change_role);
  member_route("POST", "/settings/team/{user}/remove", Permission::manage_team, &Account::remove_member);
  member_route("GET", "/settings/activity", Permission::edit_account, &Account::show_activity);
}

http::Form Account::form_of(const Request& request) { return http::read_form(request).value_or(http::Form()); }

http::Response Account::guest(const Request& request, std::string_view name, View view, int status) {
  return guest_page(request, name, std::move(view), parts_.random, status);
}

http::Response Account::stale(const Request& request) {
  const Texts& texts = texts_for(request);
  View view;
  view.set("title", texts.at("refused.forged_title")).set("text", texts.at("refused.forged_text"));
  view.set("back", request.path);
  return guest(request, "account/message", std::move(view), 403);
}

http::Response Account::unavailable(const Request& request) {
  auto response = show_problem(request, 503, "", parts_.random);
  response.headers.add("Retry-After", "5");
  return response;
}

http::Response Account::dead_link(const Request& request, std::string_view kind) {
  const Texts& texts = texts_for(request);
  View view;
  view.set("title", texts.at("account.dead_link_title"))
      .set("text", texts.at("account.dead_" + std::string(kind)))
      .set("back", kind == "reset"    ? "/forgotten"
                   : kind == "verify" ? "/register"
                                      : "/login")
      .set("back_label", texts.at("account.dead_" + std::string(kind) + "_back"));
  return guest(request, "account/message", std::move(view), 410);
}

http::Response Account::slow_down(const Request& request, std::string_view name, View view, microseconds wait) {
  const Texts& texts = texts_for(request);
  view.set("alert", texts.format("errors.slow_down", {{"wait", in_words(wait, texts)}}));
  auto response = guest(request, name, std::move(view), 429);
  response.headers.add("Retry-After", std::to_string(std::chrono::ceil<seconds>(wait).count()));
  return response;
}

std::string Account::neighbourhood_of(const Request& request) {
  constexpr std::size_t network_bytes = 8;
  IpAddress address = request.client;
  if (!address.is_v4) std::fill(address.bytes.begin() + network_bytes, address.bytes.end(), 0);
  return address.to_string();
}

merchants::NewSecurityEvent Account::event_of(const Request& request, const merchants::User& user,
                                              merchants::SecurityEventKind kind, std::string detail) const {
  return {.merchant = user.key.merchant,
          .kind = kind,
          .user = user.key.user,
          .user_name = user.name.empty() ? user.email : user.name,
          .detail = std::move(detail),
          .device = std::string(request.headers.get("user-agent")),
          .address = request.client.to_string()};
}

merchants::NewSecurityEvent Account::event_of(const Request& request, const Visitor& visitor,
                                              merchants::SecurityEventKind kind, std::string detail) const {
  return security_event(request, visitor, kind, std::move(detail));
}

std::string Account::make_token(MerchantId merchant) {
  return merchants::make_access_token(merchant,
                                      parts_.random.text(merchants::session_chance, Random::letters_and_digits));
}

void Account::queue_letter(db::Transaction& tx, MerchantId merchant, const std::string& recipient, const Texts& texts,
                           std::string_view key,
                           std::initializer_list<std::pair<std::string_view, std::string_view>> words,
                           const std::string& url) {
  const std::string section = "letters." + std::string(key) + "_";
  mail::Letter letter{.subject = texts.format(section + "subject", words),
                      .footer = std::string(texts.at("letters.footer"))};
  // As many paragraphs as there are texts for.
  for (int number = 1; texts.has(section + std::to_string(number)); ++number)
    letter.paragraphs.push_back(texts.format(section + std::to_string(number), words));
  if (!url.empty()) letter.link = mail::Link{std::string(texts.at(section + "link")), url};
  mail::queue(tx, mail::write_letter(merchant, recipient, letter), parts_.clock.now());
}

const Texts& Account::texts_of_user(const Request& request, const merchants::User& user) const {
  return user.language.empty() ? texts_for(request) : texts_of(user.language);
}

View errors_view(const std::vector<FieldError>& wrong, const Texts& texts) {
  View errors;
  for (const FieldError& error : wrong) errors.set(error.field, texts.at("errors." + error.code));
  return errors;
}

std::string in_words(microseconds wait, const Texts& texts) {
  const auto whole_seconds = std::chrono::ceil<seconds>(wait).count();
  const bool in_seconds = whole_seconds < 90;
  const bool in_minutes = whole_seconds < 90 * 60;
  const auto count = in_seconds   ? whole_seconds
                     : in_minutes ? (whole_seconds + 59) / 60
                                  : (whole_seconds + 3599) / 3600;
  const std::string unit = in_seconds ? "second" : in_minutes ? "minute" : "hour";
  return texts.format("durations." + unit + (count == 1 ? "" : "s"), {{"count", std::to_string(count)}});
}

std::string describe_device(std::string_view user_agent, const Texts& texts) {
  using Names = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  const auto first = [&](Names names) -> std::string_view {
    for (const auto& [mark, name] : names) {
      if (user_agent.contains(mark)) return name;
    }
    return "";
  };
  // Most call themselves by the names of others too: the particular ones come first.
  const std::string_view browser = first({{"Edg", "Edge"},
                                          {"OPR/", "Opera"},
                                          {"SamsungBrowser", "Samsung Internet"},
                                          {"Firefox/", "Firefox"},
                                          {"Chrome/", "Chrome"},
                                          {"CriOS/", "Chrome"},
                                          {"Safari/", "Safari"},
                                          {"curl/", "curl"}});
  const std::string_view system = first({{"Android", "Android"},
                                         {"iPhone", "iPhone"},
                                         {"iPad", "iPad"},
                                         {"Windows", "Windows"},
                                         {"Mac OS", "macOS"},
                                         {"CrOS", "ChromeOS"},
                                         {"Linux", "Linux"}});
  if (browser.empty() && system.empty()) return std::string(texts.at("account.unknown_device"));
  if (browser.empty() || system.empty()) return std::string(browser.empty() ? system : browser);
  return texts.format("account.device", {{"browser", browser}, {"system", system}});
}

}  // namespace epay::pages::account
