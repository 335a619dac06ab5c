// Endpoints, their secrets and redeliveries, as the API shows them; and whose they are: a merchant's own of the token's
// mode, and of both.
#pragma once

#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/json_writer.h"
#include "db/database.h"
#include "events/endpoint.h"
#include "events/redelivery.h"
#include "events/signing_secret.h"
#include "http/message.h"

namespace epay::api {

// The {id} of a path. Error: not_found (it is no number).
Result<EndpointId> endpoint_in(const http::Request& request);
Result<RedeliveryId> redelivery_in(const http::Request& request);

bool is_visible(const events::Endpoint& endpoint, Scope scope);
// Error: not_found (also when it is another's, of the other mode, or deleted).
Result<events::Endpoint> find_endpoint(db::Transaction& tx, Scope scope, EndpointId id);
// The same, to change it or to see its secrets. Error besides: conflict (see check_may_change).
Result<events::Endpoint> find_endpoint_to_change(db::Transaction& tx, Scope scope, EndpointId id);
// Once a merchant takes real money, what hears of it is no test token's to change. Error: conflict.
Result<> check_may_change(db::Transaction& tx, Scope scope, std::optional<Mode> mode);
// Error: not_found (also when its endpoint is of the other mode).
Result<events::Redelivery> find_redelivery(db::Transaction& tx, Scope scope, RedeliveryId id);

std::string_view wire_name(events::SignatureScheme scheme);  // "v1", "v1a"
events::SignatureScheme find_scheme(std::string_view name);  // of one of these

struct EndpointReplies {
  const Vault& vault;
  microseconds timeout;  // of endpoints that have none of their own
  Timestamp now;

  // The endpoint with what else is known of it. Error: unavailable (another master key).
  Result<> write_endpoint(JsonWriter& json, db::Transaction& tx, const events::Endpoint& endpoint) const;
  // "secret" and "secrets": all that sign now, the newest first. Error: unavailable.
  Result<> write_secrets(JsonWriter& json, db::Transaction& tx, events::LaneKey key) const;
};

void write_redelivery(JsonWriter& json, const events::Redelivery& redelivery);

}  // namespace epay::api
