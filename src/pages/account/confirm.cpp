// GET and POST /confirm: before what must not be done by whoever finds a screen unlocked.
#include "merchants/second_factor.h"
#include "pages/account/account.h"
#include "pages/forgery.h"
#include "pages/page.h"

namespace epay::pages::account {
namespace {

constexpr std::string_view home = "/dashboard";

std::string subject_of(const Visitor& visitor) {
  return "confirm:" + std::to_string(visitor.merchant.value) + ":" + std::to_string(visitor.user.value);
}

View view_of(const Texts& texts, std::string_view next, bool second_factor) {
  View view;
  view.set("title", texts.at("account.confirm_title")).set("next", next).set("second_factor", second_factor);
  return view;
}

}  // namespace

Task<http::Response> Account::show_confirm(Request& request, const Visitor& visitor) {
  const auto user = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<merchants::User>> {
    return merchants::find_user(tx, visitor.key());
  });
  if (!user || !*user) co_return unavailable(request);
  const std::string next = local_path(request.query_parameter("next").value_or(""), home);
  co_return parts_.dashboard.page(
      request, visitor, "account/confirm",
      view_of(parts_.dashboard.texts(request, visitor), next, (*user)->second_factor_since.has_value()));
}

Task<Result<Account::Confirmation>> Account::check_password(const Request&, const Visitor& visitor, Secret password) {
  const Timestamp now = parts_.clock.now();
  struct Found {
    std::string hash;
    std::optional<microseconds> wait;
  };
  const auto found = co_await parts_.database.write([&](db::Transaction& tx) -> Result<Found> {
    const auto user = merchants::find_user(tx, visitor.key());
    const auto attempt = merchants::take_try(tx, merchants::password_tries, subject_of(visitor), now);
    return Found{user ? user->password_hash.value_or("") : "", attempt.wait};
  });
  if (!found) co_return std::unexpected(found.error());
  if (found->wait) co_return Confirmation{false, found->wait};
  const auto matches = co_await parts_.passwords.matches(std::move(password), found->hash);
  if (!matches) co_return std::unexpected(matches.error());
  if (!*matches) co_return Confirmation{};
  const auto forgiven = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    merchants::forgive(tx, merchants::password_tries, subject_of(visitor));
    return {};
  });
  if (!forgiven) co_return std::unexpected(forgiven.error());
  co_return Confirmation{true, {}};
}

Task<http::Response> Account::take_confirm(Request& request, const Visitor& visitor) {
  const http::Form form = form_of(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const Timestamp now = parts_.clock.now();
  const std::string next = local_path(form.get("next"), home);
  const std::string code(form.get("code"));
  Confirmation confirmation;
  bool second_factor = form.find("code") != nullptr;
  if (!code.empty()) {
    const auto tried = co_await parts_.database.write([&](db::Transaction& tx) -> Result<Confirmation> {
      const auto attempt = merchants::take_try(tx, merchants::code_tries, subject_of(visitor), now);
      if (attempt.wait) return Confirmation{false, attempt.wait};
      const auto verdict = merchants::try_second_factor(tx, visitor.key(), code, parts_.vault, now);
      if (verdict == merchants::FactorVerdict::wrong) return Confirmation{};
      merchants::forgive(tx, merchants::code_tries, subject_of(visitor));
      return Confirmation{true, {}};
    });
    if (!tried) co_return unavailable(request);
    confirmation = *tried;
  } else {
    const auto checked = co_await check_password(request, visitor, Secret(std::string(form.get("password"))));
    if (!checked) co_return unavailable(request);
    confirmation = *checked;
  }
  if (!confirmation.right) {
    View view = view_of(texts, next, second_factor);
    if (confirmation.wait) {
      view.set("alert", texts.format("errors.slow_down", {{"wait", in_words(*confirmation.wait, texts)}}));
    } else if (code.empty()) {
      view.set("errors", errors_view({{"password", "wrong_password", ""}}, texts));
    } else {
      view.set("errors", errors_view({{"code", "wrong_code", ""}}, texts));
    }
    co_return parts_.dashboard.page(request, visitor, "account/confirm", std::move(view),
                                    confirmation.wait ? 429 : 422);
  }
  const auto confirmed = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto session = merchants::find_session(tx, visitor.session.reveal(), now);
    if (session) merchants::confirm_session(tx, *session, now);
    return {};
  });
  if (!confirmed) co_return unavailable(request);
  co_return see_other(next);
}

}  // namespace epay::pages::account
