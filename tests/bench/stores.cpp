#include "bench/stores.h"

#include <filesystem>

#include "app/verbs.h"
#include "base/check.h"
#include "events/signing_secret.h"

namespace epay::bench {
namespace {

Task<std::vector<EndpointId>> add_endpoints(app::VerbContext& context, MerchantId merchant,
                                            std::vector<std::string> urls) {
  std::vector<events::NewSecret> secrets;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    secrets.push_back({.bytes = Secret(context.random.bytes(events::signing_secret_bytes)),
                       .nonce = context.random.array<Vault::nonce_bytes>()});
  }
  const Timestamp now = context.clock.now();
  const auto added = co_await context.database.write([&](db::Transaction& tx) -> Result<std::vector<EndpointId>> {
    std::vector<EndpointId> endpoints;
    for (std::size_t i = 0; i < urls.size(); ++i) {
      const auto opened = events::open_endpoint(tx, merchant, {.url = urls[i]}, secrets[i], context.vault, now);
      if (!opened) return std::unexpected(opened.error());
      endpoints.push_back(opened->endpoint);
    }
    return endpoints;
  });
  EPAY_CHECK(added.has_value());
  co_return *added;
}

Task<int> open_all(app::VerbContext& context, const NewMerchants& wanted, std::vector<Merchant>& merchants) {
  int numbered = 0;
  for (int i = 0; i < wanted.count; ++i) {
    const std::string n = std::to_string(i);
    auto account = co_await app::open_account(
        context,
        {.name = "Shop " + n,
         .email = "shop" + n + "@example.com",
         .telephone = "0240000000",
         .password = wanted.password.empty() ? std::nullopt : std::optional(wanted.password)},
        {});
    EPAY_CHECK(account.has_value());
    std::vector<std::string> urls;
    for (int j = 0; j < wanted.endpoints_each; ++j) urls.push_back(wanted.url_of(numbered++));
    auto endpoints = co_await add_endpoints(context, account->merchant, std::move(urls));
    merchants.push_back({*std::move(account), std::move(endpoints)});
  }
  co_return 0;
}

}  // namespace

std::string fresh_store(const std::string& directory, const std::string& name) {
  std::filesystem::create_directories(directory);
  const std::string path = directory + "/" + name + ".db";
  for (const char* suffix : {"", "-wal", "-shm", ".key"}) std::filesystem::remove(path + suffix);
  return path;
}

std::vector<Merchant> open_merchants(const std::string& path, const NewMerchants& wanted) {
  std::vector<Merchant> merchants;
  const int code = app::run_on_store({.database = "sqlite:" + path},
                                     [&](app::VerbContext& context) { return open_all(context, wanted, merchants); });
  EPAY_CHECK(code == 0);
  return merchants;
}

std::vector<app::Account> accounts_of(const std::vector<Merchant>& merchants) {
  std::vector<app::Account> accounts;
  for (const Merchant& merchant : merchants) accounts.push_back(merchant.account);
  return accounts;
}

std::vector<MerchantId> ids_of(const std::vector<Merchant>& merchants) {
  std::vector<MerchantId> ids;
  for (const Merchant& merchant : merchants) ids.push_back(merchant.account.merchant);
  return ids;
}

}  // namespace epay::bench
