#include "app/key_mark.h"

#include <unistd.h>

#include <filesystem>

#include "app/sealed_store.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"
#include "merchants/second_factor.h"
#include "merchants/telephone_code.h"

namespace epay::app {
namespace {

constexpr std::string_view marked_with = "Epay";
constexpr std::string_view mark_context = "the master key's mark";

// Of a store from before there were marks. What is in idempotency_keys is not looked at: it is gone within a day.
std::optional<bool> opens_a_secret(db::Transaction& tx, const Vault& vault) {
  const auto opens = [&vault](std::string_view box, const std::string& context) {
    return vault.open(box, context).has_value();
  };
  using LaneKey = events::LaneKey;
  auto found = tx.query_one(store::select_any_endpoint_secret, [&](const db::Row& row) {
    return opens(row.text(2), events::secret_context(LaneKey{row.id<MerchantId>(0), row.id<EndpointId>(1)}));
  });
  if (found) return found;
  found = tx.query_one(store::select_any_endpoint_extras, [&](const db::Row& row) {
    return opens(row.text(2), events::extras_context(LaneKey{row.id<MerchantId>(0), row.id<EndpointId>(1)}));
  });
  if (found) return found;
  found = tx.query_one(store::select_any_totp_secret, [&](const db::Row& row) {
    return opens(row.text(2), merchants::totp_context({row.id<MerchantId>(0), row.id<UserId>(1)}));
  });
  if (found) return found;
  return tx.query_one(store::select_any_telephone_code, [&](const db::Row& row) {
    return opens(row.text(2), merchants::telephone_code_context(row.id<MerchantId>(0), row.text(1)));
  });
}

}  // namespace

KeyFit fit_of(db::Transaction& tx, const Vault& vault) {
  const auto marked = tx.query_one(store::select_key_mark, [&vault](const db::Row& row) {
    return KeyFit{.marked = true, .opens = vault.open(row.text(0), mark_context).has_value(), .kept_at = row.string(1)};
  });
  if (marked) return *marked;
  return {.marked = false, .opens = opens_a_secret(tx, vault), .kept_at = {}};
}

void mark_key(db::Transaction& tx, const Vault& vault, Random& random, const std::string& kept_at) {
  const std::string box =
      vault.seal(Secret(std::string(marked_with)), mark_context, random.array<Vault::nonce_bytes>());
  tx.execute(store::save_key_mark, db::Bytes{box}, kept_at);
}

Error not_the_stores(const KeyFit& fit, const std::string& key_path) {
  std::string message = "the master key in " + key_path + " is not the one that this store's secrets are sealed with";
  message += fit.marked ? ", which was " + fit.kept_at + ": copy that file to " + key_path
                        : ": copy the key file of whoever served it before to " + key_path;
  return {ErrorCode::unavailable, message + ", or name it with --master-key-file", {}};
}

std::string place_of(const std::string& key_path) {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = 0;
  std::error_code none;
  const auto path = std::filesystem::absolute(key_path, none);
  return std::string(host) + ":" + (none ? key_path : path.string());
}

Task<Result<>> check_key(db::Database& database, const Vault& vault, Random& random, std::string key_path) {
  const auto look = [&vault](db::Transaction& tx) -> Result<KeyFit> { return fit_of(tx, vault); };
  auto fit = co_await database.read(look);
  if (fit && !fit->marked && fit->opens != false) {
    // Of two that mark it at once the second finds the first's.
    fit = co_await database.write([&](db::Transaction& tx) -> Result<KeyFit> {
      const KeyFit found = fit_of(tx, vault);
      if (!found.marked && found.opens != false) mark_key(tx, vault, random, place_of(key_path));
      return found;
    });
  }
  if (!fit) co_return std::unexpected(fit.error());
  if (fit->opens == false) co_return std::unexpected(not_the_stores(*fit, key_path));
  co_return Result<>();
}

}  // namespace epay::app
