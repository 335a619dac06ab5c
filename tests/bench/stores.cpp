#include "bench/stores.h"

#include <filesystem>
#include <stdexcept>

#include "app/verbs.h"
#include "base/check.h"
#include "db/open.h"
#include "db/postgres_session.h"
#include "events/signing_secret.h"

namespace epay::bench {
namespace {

constexpr std::string_view schema_prefix = "bench_";

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
    const std::string n = std::to_string(wanted.first + i);
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

Store store_at(const Place& place, const std::string& name) {
  const std::string path = place.directory + "/" + name + ".db";
  const std::string address = place.server.empty() ? "sqlite:" + path
                                                   : place.server + (place.server.contains('?') ? "&" : "?") +
                                                         "options=-csearch_path%3D" + std::string(schema_prefix) + name;
  return {.address = address, .key_file = path + ".key", .log_path = path + ".log"};
}

Store fresh_store(const Place& place, const std::string& name) {
  std::filesystem::create_directories(place.directory);
  Store store = store_at(place, name);
  std::filesystem::remove(store.key_file);
  if (const auto path = db::sqlite_file(store.address)) {
    for (const char* suffix : {"", "-wal", "-shm", ".moved"}) std::filesystem::remove(*path + suffix);
    return store;
  }
  const db::PostgresOptions server{.url = place.server, .answer_wait_max = milliseconds(0)};
  const std::string schema = std::string(schema_prefix) + name;
  db::PostgresSession session(server);
  session.execute_text("DROP SCHEMA IF EXISTS " + schema + " CASCADE; CREATE SCHEMA " + schema);
  return store;
}

std::unique_ptr<db::Database> open_store(Clock& clock, Log& log, const Store& store) {
  auto database = db::open(clock, log, store.address, {});
  if (!database) throw std::runtime_error("cannot open " + store.address + ": " + database.error().message);
  return *std::move(database);
}

std::vector<Merchant> open_merchants(const Store& store, const NewMerchants& wanted) {
  std::vector<Merchant> merchants;
  const int code = app::run_on_store({.database = store.address, .master_key_file = store.key_file},
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
