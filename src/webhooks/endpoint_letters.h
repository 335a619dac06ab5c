// What a merchant is told of an endpoint, and how: an event for other endpoints, and a letter, in the transaction of
// the try that was the reason.
#pragma once

#include <string>

#include "db/database.h"
#include "events/endpoint.h"
#include "events/event.h"
#include "events/health.h"
#include "webhooks/verdict.h"

namespace epay::webhooks {

struct EndpointNews {
  const events::Endpoint& endpoint;  // as it stands after the change
  const events::Health& health;
  HealthChange change;
  std::string last_failure;  // "500 Internal Server Error", "The connection was refused."
  Mode mode = Mode::test;    // of the event whose delivery showed it
};

// What it recorded is to be published, and the mail sender to be woken.
events::Recorded tell_of_endpoint(db::Transaction& tx, const EndpointNews& news, Timestamp now);

}  // namespace epay::webhooks
