// What tests of the care for endpoints, and of redeliveries, ask for besides.
#pragma once

#include "mail/mail.h"
#include "simulation/dispatching.h"

namespace epay::simulation {

class EndpointCare : public Dispatching {
 protected:
  std::vector<mail::MailSummary> letters(Scope scope) {
    return *store.write([&](db::Transaction& tx) -> Result<std::vector<mail::MailSummary>> {
      return mail::recent_mails(tx, scope.merchant, 100);
    });
  }
  events::Recorded record_of(Scope scope, events::EventType type, events::Chain* chain = nullptr) {
    return *store.write([&](db::Transaction& tx) -> Result<events::Recorded> {
      return events::record(tx, {scope, type, {}, "{}", store.clock.now()}, chain);
    });
  }
  std::size_t count(Scope scope, events::DeliveryStatus status) {
    std::size_t found = 0;
    for (const auto& delivery : deliveries(scope)) found += delivery.status == status ? 1u : 0u;
    return found;
  }
  void switch_on(webhooks::Dispatcher& dispatcher, events::LaneKey key) {
    ASSERT_TRUE(store.write([&](db::Transaction& tx) { return events::enable_endpoint(tx, key, store.clock.now()); }));
    dispatcher.endpoint_changed(key);
  }
};

}  // namespace epay::simulation
