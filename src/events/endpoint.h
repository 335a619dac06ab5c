// Where a merchant's events go: a URL, what it asks for, and how it wants to be treated.
#pragma once

#include <optional>
#include <string>
#include <utility>
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
inline constexpr std::size_t endpoints_max = 100;  // of one merchant
inline constexpr std::size_t description_max = 500;
inline constexpr int rate_limit_max = 10'000;
inline constexpr int in_flight_max_default = 10, in_flight_max_most = 100;
inline constexpr seconds timeout_most{30};
inline constexpr std::size_t schedule_waits_max = 30;
inline constexpr seconds schedule_wait_most{7 * 24 * 3'600};
inline constexpr std::size_t own_headers_max = 20;
inline constexpr std::size_t own_header_bytes_max = 1'000;

enum class DisabledReason : std::int64_t {
  merchant = 1,  // its owner switched it off
  gone = 2,      // it answered 410
  failing = 3,   // no success for five days
};
std::string_view name_of(DisabledReason reason);

// What is added to each request: headers (their names are not reserved ones), and Authorization's value.
struct RequestExtras {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string authorization;
  bool empty() const { return headers.empty() && authorization.empty(); }
};
// Names that are Epay's or HTTP's own, and Authorization, which has a setting of its own.
bool is_reserved_header(std::string_view name);

// What its owner decides. Checked by webhooks/endpoint_settings.h before it comes here.
struct EndpointSettings {
  std::string url;
  std::optional<Mode> mode;  // whose events; none: both
  std::optional<std::string> description;
  EventTypes types = EventTypes::of(EventType::payment_success).add(EventType::payment_failed);
  std::optional<int> rate_limit;  // tries a second
  int in_flight_max = in_flight_max_default;
  std::optional<seconds> timeout;                // over the whole exchange
  std::optional<std::vector<seconds>> schedule;  // waits before the second try, the third, …
};

struct Endpoint {
  LaneKey key;
  EndpointSettings settings;
  bool enabled = true;
  std::optional<DisabledReason> disabled_reason;
  std::optional<Timestamp> disabled_at;
  bool deleted = false;
  std::string extras_box;  // see open_extras()
  std::int64_t version = 1;
  Timestamp created_at, updated_at;
};

// The row alone: see open_endpoint() of signing_secret.h. Error: conflict when the merchant has endpoints_max already.
Result<EndpointId> create_endpoint(db::Transaction& tx, MerchantId merchant, const EndpointSettings& settings,
                                   Timestamp now);
// Errors: not_found (also when it was deleted).
Result<> update_endpoint(db::Transaction& tx, LaneKey key, const EndpointSettings& settings, Timestamp now);
Result<> set_endpoint_url(db::Transaction& tx, LaneKey key, const std::string& url, Timestamp now);
// Also forgets how its health was: whoever switches it on wants it tried.
Result<> enable_endpoint(db::Transaction& tx, LaneKey key, Timestamp now);
// What waits for it stays as it is; nothing new is addressed to it.
Result<> disable_endpoint(db::Transaction& tx, LaneKey key, DisabledReason reason, Timestamp now);
// It disappears from lists; what waits for it is cancelled by the dispatcher.
Result<> delete_endpoint(db::Transaction& tx, LaneKey key, Timestamp now);

// Errors: not_found. A deleted one is found only by find_any_endpoint().
Result<Endpoint> find_endpoint(db::Transaction& tx, LaneKey key);
std::optional<Endpoint> find_any_endpoint(db::Transaction& tx, LaneKey key);
std::vector<Endpoint> list_endpoints(db::Transaction& tx, MerchantId merchant);
// The URL that an attempt went to: what the endpoint pointed to in that version.
std::optional<std::string> endpoint_url_at(db::Transaction& tx, LaneKey key, std::int64_t version);

using Nonce = std::array<unsigned char, Vault::nonce_bytes>;
// What the box of an endpoint's extras is bound to in the vault.
std::string extras_context(LaneKey key);
void set_extras(db::Transaction& tx, LaneKey key, const RequestExtras& extras, const Vault& vault, const Nonce& nonce);
// Error: unavailable when the box does not open (another master key).
Result<RequestExtras> open_extras(const Endpoint& endpoint, const Vault& vault);

}  // namespace epay::events
