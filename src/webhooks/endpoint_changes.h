// Endpoints as their owners make and change them, by the API or in the dashboard. Tell the dispatcher
// (Dispatcher::endpoint_changed) once a change is durable.
#pragma once

#include <optional>

#include "base/crypto.h"
#include "db/database.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"
#include "runtime/random.h"
#include "webhooks/endpoint_settings.h"

namespace epay::webhooks {

// What a change needs of keys, chance and time; drawn anew for each.
struct Sealing {
  const Vault& vault;
  events::Nonce nonce;
  Timestamp now;
};

events::NewSecret make_secret(Random& random, events::SignatureScheme scheme = events::SignatureScheme::v1);

// With a first secret. The changes must have been checked, and have a URL. Error: conflict (endpoints_max).
Result<events::Endpoint> open_endpoint(db::Transaction& tx, MerchantId merchant, const EndpointChanges& changes,
                                       bool enabled, const events::NewSecret& secret, const Sealing& sealing);

// The changes must have been checked. Errors: not_found, unavailable (another master key).
Result<> change_endpoint(db::Transaction& tx, const events::Endpoint& endpoint, const EndpointChanges& changes,
                         std::optional<bool> enabled, const Sealing& sealing);

}  // namespace epay::webhooks
