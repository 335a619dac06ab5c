// Where a merchant's events go: a URL and the secret that signs what is sent to it.
#pragma once

#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"

namespace epay::events {

inline constexpr std::size_t endpoint_url_max = 2'000;
inline constexpr std::size_t signing_secret_bytes = 32;

struct Endpoint {
  LaneKey key;
  std::string url;
  std::string secret_box;  // the signing secret, sealed; see open_secret()
  bool enabled = true;
};

// The secret as merchants see it: "whsec_" + base64 of its bytes.
std::string show_secret(const Secret& secret);

struct NewEndpoint {
  MerchantId merchant;
  std::string url;  // checked by the caller (http::Url, the address guard)
  Secret secret;    // signing_secret_bytes random bytes
  std::array<unsigned char, Vault::nonce_bytes> nonce;
  Timestamp now;
};

EndpointId create_endpoint(db::Transaction& tx, const NewEndpoint& endpoint, const Vault& vault);
Result<> set_endpoint_url(db::Transaction& tx, LaneKey key, const std::string& url);
Result<Endpoint> find_endpoint(db::Transaction& tx, LaneKey key);
std::vector<Endpoint> list_endpoints(db::Transaction& tx, MerchantId merchant);
// Error: unavailable when the box does not open (another master key).
Result<Secret> open_secret(const Endpoint& endpoint, const Vault& vault);

}  // namespace epay::events
