#include "app/accounts.h"

#include "base/json_writer.h"
#include "events/signing_secret.h"
#include "http/client.h"
#include "merchants/merchant.h"
#include "webhooks/endpoint_settings.h"

namespace epay::app {
namespace {

constexpr std::size_t merchant_key_length = 16;
constexpr std::size_t app_id_length = 13;
constexpr std::size_t app_secret_length = 32;

}  // namespace

Task<Result<>> check_webhook_url(VerbContext& context, std::string url, std::vector<std::string> webhook_cidrs) {
  std::vector<http::Cidr> allowed;
  for (const std::string& text : webhook_cidrs) {
    const auto block = http::Cidr::parse(text);
    if (!block) co_return fail(ErrorCode::invalid, "--allow-webhook-cidr: \"" + text + "\" is no address block");
    allowed.push_back(*block);
  }
  http::Client client(context.clock, context.network, http::AddressGuard(allowed), {});
  co_return co_await webhooks::check_destination(client, std::move(url));
}

Task<Result<Account>> open_account(VerbContext& context, NewAccount wanted, std::vector<std::string> webhook_cidrs) {
  if (wanted.webhook_url) {
    const auto checked = co_await check_webhook_url(context, *wanted.webhook_url, webhook_cidrs);
    if (!checked) co_return std::unexpected(checked.error());
  }
  Random& random = context.random;
  Account account{.merchant_key = random.text(merchant_key_length, Random::letters_and_digits),
                  .app_id = random.text(app_id_length, Random::hex_digits),
                  .app_secret = random.text(app_secret_length, Random::letters_and_digits)};
  const Secret signing_secret(random.bytes(events::signing_secret_bytes));
  const auto nonce = random.array<Vault::nonce_bytes>();
  if (wanted.webhook_url) account.webhook_secret = events::show_verifier({.bytes = signing_secret});
  std::optional<std::string> hash;
  if (wanted.password) hash = password_hash(Secret(*wanted.password), random.bytes(password_salt_bytes));
  const Timestamp now = context.clock.now();
  const auto created = co_await context.database.write([&](db::Transaction& tx) -> Result<MerchantId> {
    const auto merchant = merchants::create_merchant(tx, {.name = wanted.name,
                                                          .email = wanted.email,
                                                          .telephone = wanted.telephone,
                                                          .merchant_key = account.merchant_key,
                                                          .password_hash = hash,
                                                          .now = now,
                                                          .telephone_verified = true});
    if (!merchant) return merchant;
    const auto integration =
        merchants::create_integration(tx, {*merchant, Mode::test, account.app_id, sha256(account.app_secret), now});
    if (!integration) return std::unexpected(integration.error());
    if (wanted.webhook_url) {
      const auto endpoint = events::open_endpoint(tx, *merchant, {.url = *wanted.webhook_url},
                                                  {.bytes = signing_secret, .nonce = nonce}, context.vault, now);
      if (!endpoint) return std::unexpected(endpoint.error());
    }
    return merchant;
  });
  if (!created) co_return std::unexpected(created.error());
  account.merchant = *created;
  co_return account;
}

std::string to_json(const Account& account) {
  JsonWriter json;
  json.begin_object()
      .member("merchant_id", account.merchant.value)
      .member("merchant_key", account.merchant_key)
      .member("app_id", account.app_id)
      .member("app_secret", account.app_secret)
      .member("webhook_secret", account.webhook_secret);
  return json.end_object().take();
}

}  // namespace epay::app
