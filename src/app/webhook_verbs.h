// epay webhook …: an operator's view of endpoints and deliveries, on the store. What these verbs change, a serving
// process acts on within about a second (events::note_outside_change).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/verbs.h"
#include "app/webhook_lines.h"
#include "events/delivery.h"
#include "events/signing_secret.h"

namespace epay::app {

struct WebhookConfig {
  StoreConfig store;
  std::int64_t merchant_id = 0, endpoint_id = 0, redelivery_id = 0;  // 0: not given
  std::string url, description;
  std::vector<std::string> types;  // "payment.success", …, or "*"
  std::vector<std::string> webhook_cidrs;
  std::string delivery;  // "msg_17_4"
  std::string status;
  std::string since, until;
  bool delivered_too = false;
  std::int64_t old_secret_hours = events::old_secret_life.count();
  bool json = false;
};

// Merchants' endpoints: webhook_verbs.cpp.
int webhook_set(const WebhookConfig& config);
int webhook_list(const WebhookConfig& config);
int webhook_create(const WebhookConfig& config);
int webhook_rotate(const WebhookConfig& config);

// What changes one endpoint or delivery: webhook_changes.cpp.
int webhook_enable(const WebhookConfig& config);
int webhook_disable(const WebhookConfig& config);
int webhook_delete(const WebhookConfig& config);
int webhook_resend(const WebhookConfig& config);
// Records a ping for one endpoint, whatever it asks for.
int webhook_test(const WebhookConfig& config);

// What only looks: webhook_views.cpp.
int webhook_show(const WebhookConfig& config);
int webhook_deliveries(const WebhookConfig& config);
int webhook_attempts(const WebhookConfig& config);
// The catalogue.
int list_event_types(bool json);

// Sending again: webhook_redeliveries.cpp.
int webhook_recover(const WebhookConfig& config);
int webhook_replay(const WebhookConfig& config);
int webhook_redeliveries(const WebhookConfig& config);
int webhook_cancel(const WebhookConfig& config);
int webhook_resume(const WebhookConfig& config);

// Runs `body(tx, now)`, a Result, in a transaction that a serving process notices.
template <class Body>
auto change(VerbContext& context, Body body) {
  return context.database.write([body = std::move(body), now = context.clock.now()](db::Transaction& tx) {
    auto done = body(tx, now);
    if (done) events::note_outside_change(tx);
    return done;
  });
}

// The delivery that "msg_17_4" names. Errors: invalid, not_found.
Result<api::DeliveryDetails> find_named_delivery(db::Transaction& tx, const std::string& name);
// Newest first. Of both modes.
struct DeliveryChoice {
  MerchantId merchant;
  std::optional<EndpointId> endpoint;
  std::optional<events::DeliveryStatus> status;
};
std::vector<api::ShownDelivery> latest_deliveries(db::Transaction& tx, const DeliveryChoice& choice, int limit);

// To programs as JSON, to people as a line.
void show(const EndpointView& view, Timestamp now, bool json);
void show(const api::ShownDelivery& delivery, bool json);
void show(const events::Redelivery& redelivery, bool json);

}  // namespace epay::app
