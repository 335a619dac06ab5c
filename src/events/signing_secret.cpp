#include "events/signing_secret.h"

#include "events/event_store.h"

namespace epay::events {
namespace {

constexpr std::string_view shown_secret = "whsec_";
constexpr std::string_view shown_public_key = "whpk_";

}  // namespace

std::string secret_context(LaneKey key) {
  return "endpoint:" + std::to_string(key.merchant.value) + ":" + std::to_string(key.endpoint.value);
}

std::string show_verifier(const SigningSecret& secret) {
  switch (secret.scheme) {
    case SignatureScheme::v1: return std::string(shown_secret) + base64_encode(secret.bytes.reveal());
    case SignatureScheme::v1a:
      return std::string(shown_public_key) + base64_encode(ed25519_public_key(secret.bytes.reveal()));
  }
  return "";
}

std::optional<Secret> parse_shown_secret(std::string_view text) {
  if (!text.starts_with(shown_secret)) return std::nullopt;
  auto bytes = base64_decode(text.substr(shown_secret.size()));
  if (!bytes || bytes->empty()) return std::nullopt;
  return Secret(*std::move(bytes));
}

Result<LaneKey> open_endpoint(db::Transaction& tx, MerchantId merchant, const EndpointSettings& settings,
                              const NewSecret& secret, const Vault& vault, Timestamp now) {
  const auto endpoint = create_endpoint(tx, merchant, settings, now);
  if (!endpoint) return std::unexpected(endpoint.error());
  const LaneKey key{merchant, *endpoint};
  add_secret(tx, key, secret, vault, old_secret_life, now);
  return key;
}

void add_secret(db::Transaction& tx, LaneKey key, const NewSecret& secret, const Vault& vault, microseconds old_life,
                Timestamp now) {
  tx.execute(store::expire_secrets, key.merchant, key.endpoint, now + old_life);
  tx.execute(store::delete_secrets, key.merchant, key.endpoint, now, std::int64_t(old_secrets_max));
  const std::string box = vault.seal(secret.bytes, secret_context(key), secret.nonce);
  tx.execute(store::insert_secret, key.merchant, key.endpoint, secret.scheme, db::Bytes{box}, now);
}

Result<std::vector<SigningSecret>> signing_secrets(db::Transaction& tx, LaneKey key, const Vault& vault,
                                                   Timestamp now) {
  std::vector<SigningSecret> secrets;
  bool opened = true;
  tx.query_each(
      store::select_secrets,
      [&](const db::Row& row) {
        auto bytes = vault.open(row.text(2), secret_context(key));
        if (!bytes) {
          opened = false;
          return;
        }
        secrets.push_back({.scheme = row.as<SignatureScheme>(1),
                           .bytes = *std::move(bytes),
                           .number = row.integer(0),
                           .created_at = row.time(3),
                           .expires_at = row.is_null(4) ? std::nullopt : std::optional(row.time(4))});
      },
      key.merchant, key.endpoint, now);
  if (!opened) {
    return fail(ErrorCode::unavailable, "the signing secret of endpoint " + std::to_string(key.endpoint.value) +
                                            " does not open: the master key is not the one it was sealed with");
  }
  return secrets;
}

}  // namespace epay::events
