#include <cstdio>

#include "app/accounts.h"
#include "app/verbs.h"
#include "base/json_writer.h"
#include "merchants/merchant.h"

namespace epay::app {
namespace {

std::string merchant_json(const merchants::Merchant& merchant) {
  JsonWriter json;
  json.begin_object()
      .member("merchant_id", merchant.id.value)
      .member("name", merchant.name)
      .member("email", merchant.email)
      .member("telephone", merchant.telephone)
      .member("merchant_key", merchant.merchant_key)
      .member("created_at", merchant.created_at.to_wire());
  return json.end_object().take();
}

void print(const merchants::Merchant& merchant, bool json) {
  if (json) {
    std::printf("%s\n", merchant_json(merchant).c_str());
  } else {
    std::printf("%-6lld %-30s %-34s %s\n", static_cast<long long>(merchant.id.value), merchant.name.c_str(),
                merchant.email.c_str(), merchant.merchant_key.c_str());
  }
}

void print(const Account& account) {
  std::printf("merchant        %lld\nmerchant key    %s\napp id          %s\napp secret      %s   (shown this once)\n",
              static_cast<long long>(account.merchant.value), account.merchant_key.c_str(), account.app_id.c_str(),
              account.app_secret.c_str());
  if (account.webhook_secret) std::printf("webhook secret  %s\n", account.webhook_secret->c_str());
}

Task<int> create(MerchantConfig config, VerbContext& context) {
  const auto optional = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  NewAccount wanted{config.name, config.email, config.telephone, optional(config.password),
                    optional(config.webhook_url)};
  const auto account = co_await open_account(context, std::move(wanted), config.webhook_cidrs);
  if (!account) co_return report(account.error());
  if (config.json) {
    std::printf("%s\n", to_json(*account).c_str());
  } else {
    print(*account);
  }
  co_return 0;
}

Task<int> list(bool json, VerbContext& context) {
  const auto found = co_await context.database.read(
      [](db::Transaction& tx) -> Result<std::vector<merchants::Merchant>> { return merchants::list_merchants(tx); });
  if (!found) co_return report(found.error());
  for (const auto& merchant : *found) print(merchant, json);
  co_return 0;
}

Task<int> show(MerchantId id, bool json, VerbContext& context) {
  const auto merchant =
      co_await context.database.read([id](db::Transaction& tx) { return merchants::find_merchant(tx, id); });
  if (!merchant) co_return report(merchant.error());
  print(*merchant, json);
  co_return 0;
}

}  // namespace

int merchant_create(const MerchantConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return create(config, context); });
}

int merchant_list(const MerchantConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return list(config.json, context); });
}

int merchant_show(const MerchantConfig& config) {
  return run_on_store(config.store,
                      [&](VerbContext& context) { return show(MerchantId{config.merchant_id}, config.json, context); });
}

}  // namespace epay::app
