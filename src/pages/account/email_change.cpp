// POST /settings/email, and /change-email/{token} of the letter that goes to the new address: GET and POST.
#include "mail/message.h"
#include "pages/account/account.h"
#include "pages/guest.h"
#include "pages/page.h"

namespace epay::pages::account {

Task<http::Response> Account::ask_for_email_change(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const std::string email(form.get("new_email"));
  std::vector<FieldError> wrong;
  if (!mail::is_deliverable(email)) wrong.push_back({"new_email", email.empty() ? "required" : "email", ""});
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
    view.set("new_email", email).set("errors", errors_view(wrong, texts));
    if (wait) view.set("alert", texts.format("errors.slow_down", {{"wait", in_words(*wait, texts)}}));
    co_return co_await profile_page(request, visitor, std::move(view), wait ? 429 : 422);
  }
  const Timestamp now = parts_.clock.now();
  const std::string token = make_token(visitor.merchant);
  const auto asked = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    if (merchants::take_try(tx, merchants::letters, merchants::sign_in_address(email), now).wait) return {};
    const auto taken = merchants::find_user_by_email(tx, email);
    if (taken && taken->key != visitor.key()) {
      // That the address has an account is told to its owner alone.
      queue_letter(tx, taken->key.merchant, taken->email, texts_of_user(request, *taken), "taken", {},
                   request.origin + "/login");
      return {};
    }
    merchants::keep_email_change(tx, {visitor.key(), email}, token, now);
    queue_letter(tx, visitor.merchant, email, texts, "change_email", {{"email", visitor.user_email}},
                 request.origin + "/change-email/" + token);
    return {};
  });
  if (!asked) co_return unavailable(request);
  parts_.mail_queued();
  co_return see_other("/settings?done=email_asked");
}

Task<http::Response> Account::show_email_change(Request& request) {
  const auto change =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<merchants::EmailChange>> {
        return merchants::find_email_change(tx, request.path_parameters.at(0), parts_.clock.now());
      });
  if (!change) co_return unavailable(request);
  if (!*change) co_return dead_link(request, "change_email");
  View view;
  view.set("title", texts_for(request).at("account.change_email_title")).set("email", (*change)->email);
  co_return guest(request, "account/change_email", std::move(view));
}

Task<http::Response> Account::take_email_change(Request& request) {
  const http::Form form = form_of(request);
  if (!is_guest_form(request, form)) co_return stale(request);
  const Timestamp now = parts_.clock.now();
  const auto changed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto change = merchants::find_email_change(tx, request.path_parameters.at(0), now);
    const auto user = change ? merchants::find_user(tx, change->user) : std::nullopt;
    if (!user) return fail(ErrorCode::not_found, "the link has been used, or has expired");
    if (auto set = merchants::set_user_email(tx, user->key, change->email); !set) return set;
    merchants::forget_email_changes(tx, user->key);
    // Links that went to the old address open nothing any more.
    merchants::forget_resets(tx, user->key);
    merchants::record_security_event(
        tx, event_of(request, *user, merchants::SecurityEventKind::email_changed, change->email), now);
    queue_letter(tx, user->key.merchant, user->email, texts_of_user(request, *user), "email_changed",
                 {{"email", mail::masked(change->email)}});
    return {};
  });
  if (!changed && changed.error().code == ErrorCode::unavailable) co_return unavailable(request);
  if (!changed) co_return dead_link(request, "change_email");
  parts_.mail_queued();
  co_return see_other("/login?done=email_changed");
}

}  // namespace epay::pages::account
