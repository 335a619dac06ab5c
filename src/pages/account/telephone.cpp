// GET and POST /verify-telephone, POST /verify-telephone/send.
#include "base/phone_number.h"
#include "pages/account/account.h"
#include "pages/page.h"
#include "sms/text_message.h"

namespace epay::pages::account {

merchants::NewTelephoneCode Account::new_telephone_code(const std::string& telephone) {
  return {telephone, Secret(parts_.random.text(merchants::telephone_code_digits, "0123456789")),
          parts_.random.array<Vault::nonce_bytes>()};
}

std::optional<microseconds> Account::queue_telephone_code(db::Transaction& tx, const Request& request,
                                                          MerchantId merchant, const merchants::NewTelephoneCode& code,
                                                          const Texts& texts) {
  const auto number = PhoneNumber::parse(code.telephone);
  if (!number) return std::nullopt;
  const Timestamp now = parts_.clock.now();
  // Texts cost money, and are a nuisance to whom they reach: counted by merchant, by number and by who asks.
  const auto of_address = merchants::take_try(tx, merchants::text_messages_of_address, neighbourhood_of(request), now);
  if (of_address.wait) return of_address.wait;
  for (const std::string& subject :
       {"merchant:" + std::to_string(merchant.value), "number:" + number->international()}) {
    if (const auto attempt = merchants::take_try(tx, merchants::text_messages, subject, now); attempt.wait)
      return attempt.wait;
  }
  if (const auto wait = merchants::keep_telephone_code(tx, merchant, code, parts_.vault, now)) return wait;
  sms::queue(tx,
             {.merchant = merchant,
              .recipient = number->international(),
              .text = texts.format("letters.telephone_code", {{"code", code.code.reveal()}}),
              .expires_at = now + merchants::telephone_code_life},
             now);
  return std::nullopt;
}

Task<http::Response> Account::telephone_page(Request& request, const Visitor& visitor, View view, int status) {
  struct Found {
    merchants::Merchant merchant;
    std::optional<merchants::SentTelephoneCode> sent;
  };
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    auto merchant = merchants::find_merchant(tx, visitor.merchant);
    if (!merchant) return std::unexpected(merchant.error());
    return Found{*std::move(merchant), merchants::sent_telephone_code(tx, visitor.merchant)};
  });
  if (!found) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const bool code_sent = found->sent && found->sent->expires_at > parts_.clock.now() &&
                         found->sent->telephone == found->merchant.telephone;
  view.set("title", texts.at("account.telephone_title"))
      .set("telephone", found->merchant.telephone)
      .set("verified", found->merchant.telephone_verified_at.has_value())
      .set("sent", code_sent);
  co_return parts_.dashboard.page(request, visitor, "account/telephone", std::move(view), status);
}

Task<http::Response> Account::show_telephone(Request& request, const Visitor& visitor) {
  co_return co_await telephone_page(request, visitor, {}, 200);
}

Task<http::Response> Account::take_telephone_code(Request& request, const Visitor& visitor) {
  std::string code(form_of(request).get("code"));
  std::erase(code, ' ');
  const Timestamp now = parts_.clock.now();
  const auto verdict = co_await parts_.database.write([&](db::Transaction& tx) -> Result<merchants::CodeVerdict> {
    const auto tried = merchants::try_telephone_code(tx, visitor.merchant, code, parts_.vault, now);
    if (tried == merchants::CodeVerdict::right) {
      merchants::record_security_event(tx, event_of(request, visitor, merchants::SecurityEventKind::telephone_verified),
                                       now);
    }
    return tried;
  });
  if (!verdict) co_return unavailable(request);
  std::string why;
  switch (*verdict) {
    case merchants::CodeVerdict::right: co_return see_other("/dashboard?done=telephone_verified");
    case merchants::CodeVerdict::wrong: why = "wrong_code"; break;
    case merchants::CodeVerdict::expired: why = "expired_code"; break;
    case merchants::CodeVerdict::too_many_tries: why = "tried_code"; break;
  }
  View view;
  view.set("errors", errors_view({{"code", why, ""}}, parts_.dashboard.texts(request, visitor)));
  co_return co_await telephone_page(request, visitor, std::move(view), 422);
}

Task<http::Response> Account::send_telephone_code(Request& request, const Visitor& visitor) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto merchant = co_await parts_.database.read(
      [&](db::Transaction& tx) { return merchants::find_merchant(tx, visitor.merchant); });
  if (!merchant) co_return unavailable(request);
  const auto code = new_telephone_code(merchant->telephone);
  const auto wait = co_await parts_.database.write([&](db::Transaction& tx) -> Result<std::optional<microseconds>> {
    return queue_telephone_code(tx, request, visitor.merchant, code, texts);
  });
  if (!wait) co_return unavailable(request);
  if (*wait) {
    View view;
    view.set("alert", texts.format("errors.code_too_soon", {{"wait", in_words(**wait, texts)}}));
    co_return co_await telephone_page(request, visitor, std::move(view), 429);
  }
  parts_.text_message_queued();
  co_return see_other("/verify-telephone?done=code_sent");
}

}  // namespace epay::pages::account
