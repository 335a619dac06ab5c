// Whose an endpoint or a redelivery is, for operators, who name them without their merchant. Looks through all of them:
// nothing for a service under load.
#pragma once

#include "base/result.h"
#include "db/database.h"
#include "events/redelivery.h"

namespace epay::events {

// Also of one that was deleted. Error: not_found.
Result<LaneKey> find_owner(db::Transaction& tx, EndpointId endpoint);
Result<RedeliveryKey> find_owner(db::Transaction& tx, RedeliveryId redelivery);

}  // namespace epay::events
