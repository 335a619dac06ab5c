// GET and POST /join/{token}, of the letter that invites somebody to a merchant's team.
#include "merchants/password_rules.h"
#include "merchants/registration.h"
#include "pages/account/account.h"
#include "pages/guest.h"

namespace epay::pages::account {
namespace {

struct Invited {
  merchants::Invitation invitation;
  std::string merchant_name;
};

std::optional<Invited> find(db::Transaction& tx, std::string_view token, Timestamp now) {
  const auto invitation = merchants::find_invitation(tx, token, now);
  if (!invitation) return std::nullopt;
  const auto merchant = merchants::find_merchant(tx, invitation->merchant);
  if (!merchant) return std::nullopt;
  return Invited{*invitation, merchant->name};
}

View view_of(const Texts& texts, const Invited& invited, std::string_view name) {
  View view;
  view.set("title", texts.format("account.join_title", {{"merchant", invited.merchant_name}}))
      .set("email", invited.invitation.email)
      .set("role", texts.at("roles." + std::string(name_of(invited.invitation.role))))
      .set("name", name);
  return view;
}

}  // namespace

Task<http::Response> Account::show_join(Request& request) {
  const auto invited = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<Invited>> {
    return find(tx, request.path_parameters.at(0), parts_.clock.now());
  });
  if (!invited) co_return unavailable(request);
  if (!*invited) co_return dead_link(request, "join");
  co_return guest(request, "account/join", view_of(texts_for(request), **invited, ""));
}

Task<http::Response> Account::take_join(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Texts& texts = texts_for(request);
  const std::string token = request.path_parameters.at(0);
  const Timestamp now = parts_.clock.now();
  const auto invited = co_await parts_.database.read(
      [&](db::Transaction& tx) -> Result<std::optional<Invited>> { return find(tx, token, now); });
  if (!invited) co_return unavailable(request);
  if (!*invited) co_return dead_link(request, "join");
  const std::string name(form.get("name")), password(form.get("password"));
  std::vector<FieldError> wrong;
  if (auto fault = merchants::check_name("name", name, merchants::user_name_max)) wrong.push_back(*std::move(fault));
  if (const auto fault = merchants::password_fault(password, {(*invited)->invitation.email, name}))
    wrong.push_back({"password", std::string(code_of(*fault)), ""});
  if (!wrong.empty()) {
    View view = view_of(texts, **invited, name);
    view.set("errors", errors_view(wrong, texts));
    co_return guest(request, "account/join", std::move(view), 422);
  }
  const auto hash = co_await parts_.passwords.hash(Secret(password));
  if (!hash) co_return unavailable(request);
  const std::string session = make_token((*invited)->invitation.merchant);
  const auto joined = co_await parts_.database.write([&](db::Transaction& tx) -> Result<merchants::UserKey> {
    const auto open = merchants::find_invitation(tx, token, now);
    if (!open) return fail(ErrorCode::not_found, "the invitation has been used");
    merchants::forget_invitation(tx, open->merchant, open->token_hash);
    const auto id = merchants::add_user(tx, {.merchant = open->merchant,
                                             .name = name,
                                             .email = open->email,
                                             .password_hash = *hash,
                                             .role = open->role,
                                             .language = std::string(texts.language()),
                                             .now = now});
    if (!id) return std::unexpected(id.error());
    const merchants::UserKey key{open->merchant, *id};
    const auto user = merchants::find_user(tx, key);
    merchants::record_security_event(tx, event_of(request, *user, merchants::SecurityEventKind::member_joined), now);
    enter(tx, request, *user, session);
    for (const merchants::User& owner :
         merchants::who_wants(tx, key.merchant, merchants::Notification::team, merchants::Permission::manage_team)) {
      if (owner.key == key) continue;
      queue_letter(tx, key.merchant, owner.email, texts_of_user(request, owner), "joined",
                   {{"name", name}, {"email", open->email}}, request.origin + "/settings/team");
    }
    return key;
  });
  if (!joined && joined.error().code == ErrorCode::unavailable) co_return unavailable(request);
  if (!joined) co_return dead_link(request, "join");
  parts_.mail_queued();
  co_return welcome(request, *joined, session, "/dashboard");
}

}  // namespace epay::pages::account
