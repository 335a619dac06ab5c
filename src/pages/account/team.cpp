// GET /settings/team: who belongs to it, and who is invited. POST: invite, withdraw, change a role, remove.
#include "pages/account/account.h"

#include <charconv>

#include "base/email.h"
#include "mail/message.h"
#include "merchants/access_token.h"
#include "pages/format.h"
#include "pages/page.h"

namespace epay::pages::account {
namespace {

constexpr std::string_view here = "/settings/team";

std::string shown_role(merchants::Role role, const Texts& texts) {
  return std::string(texts.at("roles." + std::string(name_of(role))));
}

std::vector<View> roles_view(std::optional<merchants::Role> chosen, const Texts& texts) {
  std::vector<View> all;
  for (const merchants::Role role : merchants::all_roles()) {
    const std::string name(name_of(role));
    all.push_back(View()
                      .set("name", name)
                      .set("label", texts.at("roles." + name))
                      .set("meaning", texts.at("roles." + name + "_may"))
                      .set("chosen", role == chosen));
  }
  return all;
}

std::vector<View> members_view(const std::vector<merchants::User>& users, UserId own, const Texts& texts) {
  std::vector<View> all;
  for (const merchants::User& user : users) {
    all.push_back(View()
                      .set("id", std::to_string(user.key.user.value))
                      .set("name", user.name.empty() ? user.email : user.name)
                      .set("email", user.email)
                      .set("role", shown_role(user.role, texts))
                      .set("roles", roles_view(user.role, texts))
                      .set("second_factor", user.second_factor_since.has_value())
                      .set("since", format_date(user.created_at, texts))
                      .set("own", user.key.user == own));
  }
  return all;
}

std::vector<View> invitations_view(const std::vector<merchants::Invitation>& invitations, const Texts& texts) {
  std::vector<View> all;
  for (const merchants::Invitation& invitation : invitations) {
    all.push_back(View()
                      .set("id", hex_encode(to_bytes(invitation.token_hash)))
                      .set("email", invitation.email)
                      .set("role", shown_role(invitation.role, texts))
                      .set("until", format_date(invitation.expires_at, texts)));
  }
  return all;
}

// An id of a path: nothing there is one that nobody has.
UserId user_of(const http::Request& request) {
  const std::string& text = request.path_parameters.at(0);
  UserId user;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user.value);
  return error == std::errc() && end == text.data() + text.size() ? user : UserId{0};
}

std::string name_shown(const merchants::User& user) { return user.name.empty() ? user.email : user.name; }

}  // namespace

Task<http::Response> Account::team_page(Request& request, const Visitor& visitor, View view, int status) {
  struct Found {
    std::vector<merchants::User> users;
    std::vector<merchants::Invitation> invitations;
  };
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    return Found{merchants::list_users(tx, visitor.merchant),
                 merchants::list_invitations(tx, visitor.merchant, parts_.clock.now())};
  });
  if (!found) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const http::Form form = form_of(request);
  view.set("title", texts.at("settings.title"))
      .set("tab", View().set("team", true))
      .set("members", members_view(found->users, visitor.user, texts))
      .set("invitations", invitations_view(found->invitations, texts))
      .set("invited", !found->invitations.empty())
      .set("email", form.get("email"))
      .set("roles", roles_view(merchants::parse_role(form.get("role")).value_or(merchants::Role::viewer), texts));
  co_return parts_.dashboard.page(request, visitor, "account/team", std::move(view), status);
}

Task<http::Response> Account::show_team(Request& request, const Visitor& visitor) {
  // Before anything is typed, which would be lost on the way.
  if (auto confirm = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(confirm);
  co_return co_await team_page(request, visitor, {}, 200);
}

Task<http::Response> Account::take_invitation(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(confirm);
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const std::string email(form.get("email"));
  const auto role = merchants::parse_role(form.get("role"));
  std::vector<FieldError> wrong;
  if (email.empty()) {
    wrong.push_back({"email", "required", ""});
  } else if (!mail::is_deliverable(email)) {
    wrong.push_back({"email", "email", ""});
  }
  if (!role) wrong.push_back({"role", "required", ""});
  const Timestamp now = parts_.clock.now();
  const std::string token = make_token(visitor.merchant);
  if (wrong.empty()) {
    const std::string role_name(name_of(*role));
    const auto invited = co_await parts_.database.write([&](db::Transaction& tx) -> Result<std::string> {
      const auto known = merchants::find_user_by_email(tx, email);
      if (known && known->key.merchant == visitor.merchant) return "member";
      const auto kept =
          merchants::keep_invitation(tx, {.merchant = visitor.merchant, .email = email, .role = *role}, token, now);
      if (!kept) return "too_many_invitations";
      if (merchants::list_users(tx, visitor.merchant).size() >= merchants::users_max) return "too_many_members";
      merchants::record_security_event(
          tx, event_of(request, visitor, merchants::SecurityEventKind::member_invited, email), now);
      // That the address has an account with another merchant is told to its owner alone.
      queue_letter(tx, visitor.merchant, email, texts, known ? "invited_taken" : "invited",
                   {{"merchant", visitor.merchant_name},
                    {"who", visitor.user_name.empty() ? visitor.user_email : visitor.user_name},
                    {"role", texts.at("roles." + role_name)}},
                   known ? "" : request.origin + "/join/" + token);
      return "";
    });
    if (!invited) co_return unavailable(request);
    if (invited->empty()) {
      parts_.mail_queued();
      co_return see_other("/settings/team?done=invited");
    }
    wrong.push_back({"email", *invited, ""});
  }
  View view;
  view.set("errors", errors_view(wrong, texts));
  co_return co_await team_page(request, visitor, std::move(view), 422);
}

Task<http::Response> Account::withdraw_invitation(Request& request, const Visitor& visitor) {
  const std::string id = request.path_parameters.at(0);
  const Timestamp now = parts_.clock.now();
  const auto withdrawn = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    for (const merchants::Invitation& invitation : merchants::list_invitations(tx, visitor.merchant, now)) {
      if (hex_encode(to_bytes(invitation.token_hash)) != id) continue;
      merchants::forget_invitation(tx, visitor.merchant, invitation.token_hash);
      merchants::record_security_event(
          tx, event_of(request, visitor, merchants::SecurityEventKind::invitation_withdrawn, invitation.email), now);
    }
    return {};
  });
  if (!withdrawn) co_return unavailable(request);
  co_return see_other("/settings/team?done=withdrawn");
}

Task<http::Response> Account::change_role(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(confirm);
  const merchants::UserKey key{visitor.merchant, user_of(request)};
  const auto role = merchants::parse_role(form_of(request).get("role"));
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  const auto changed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto user = merchants::find_user(tx, key);
    if (!user || !role) return fail(ErrorCode::not_found, "there is no such user or role");
    if (auto done = merchants::set_role(tx, key, *role); !done) return done;
    const std::string detail = name_shown(*user) + ": " + std::string(name_of(*role));
    merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::role_changed, detail),
                                     now);
    return {};
  });
  if (changed) co_return see_other("/settings/team?done=role_changed");
  if (changed.error().code == ErrorCode::unavailable) co_return unavailable(request);
  View view;
  view.set("alert", texts.at(changed.error().code == ErrorCode::conflict ? "errors.last_owner" : "errors.no_member"));
  co_return co_await team_page(request, visitor, std::move(view),
                               changed.error().code == ErrorCode::conflict ? 409 : 404);
}

Task<http::Response> Account::remove_member(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, here)) co_return *std::move(confirm);
  const merchants::UserKey key{visitor.merchant, user_of(request)};
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  const auto removed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto user = merchants::find_user(tx, key);
    if (auto done = merchants::remove_user(tx, key); !done) return done;
    merchants::record_security_event(
        tx, event_of(request, visitor, merchants::SecurityEventKind::member_removed, name_shown(*user)), now);
    return {};
  });
  if (removed) co_return see_other("/settings/team?done=removed");
  if (removed.error().code == ErrorCode::unavailable) co_return unavailable(request);
  View view;
  view.set("alert", texts.at(removed.error().code == ErrorCode::conflict ? "errors.last_owner" : "errors.no_member"));
  co_return co_await team_page(request, visitor, std::move(view),
                               removed.error().code == ErrorCode::conflict ? 409 : 404);
}

}  // namespace epay::pages::account
