#include "api/api.h"

#include "api/replies.h"

namespace epay::api {

Api::Api(const Services& services)
    : clock_(services.clock),
      random_(services.random),
      log_(services.log),
      database_(services.database),
      processor_(services.processor),
      bulk_payer_(services.bulk_payer),
      dispatcher_(services.dispatcher),
      redeliverer_(services.redeliverer),
      client_(services.client),
      vault_(services.vault),
      webhook_timeout_(services.webhook_timeout),
      authenticator_(services.clock, services.database, services.members, services.rate_limit),
      streams_(services.clock, services.database, services.dispatcher.feed(), authenticator_) {}

// `/v1` answers the same: one documented example leaves `/api` out.
void Api::add(http::Router& router, std::string_view method, const std::string& path, Route route) {
  for (const char* base : {"/api/v1", "/v1"}) {
    router.add(method, base + path, [this, route](http::Request& request) { return (this->*route)(request); });
  }
}

void Api::add_routes(http::Router& router) {
  add(router, "POST", "/token", &Api::create_token);
  add(router, "POST", "/charge", &Api::create_charge);
  add(router, "POST", "/charge/token", &Api::create_checkout_token);
  add(router, "POST", "/payout", &Api::create_payout);
  add(router, "GET", "/recipients", &Api::list_recipients);
  add(router, "POST", "/recipients", &Api::create_recipient);
  add(router, "GET", "/recipients/{id}", &Api::show_recipient);
  add(router, "DELETE", "/recipients/{id}", &Api::delete_recipient);
  add(router, "GET", "/banks", &Api::list_banks);
  add(router, "GET", "/bulk_payouts", &Api::list_bulk_payouts);
  add(router, "POST", "/bulk_payouts", &Api::create_bulk_payout);
  add(router, "GET", "/bulk_payouts/{id}", &Api::show_bulk_payout);
  add(router, "GET", "/bulk_payouts/{id}/lines", &Api::list_bulk_lines);
  add(router, "POST", "/bulk_payouts/{id}/start", &Api::start_bulk_payout);
  add(router, "POST", "/bulk_payouts/{id}/discard", &Api::discard_bulk_payout);
  add(router, "GET", "/refunds", &Api::list_refunds);
  add(router, "POST", "/refunds", &Api::create_refund);
  add(router, "GET", "/refunds/{reference}", &Api::show_refund);
  add(router, "GET", "/customers", &Api::list_customers);
  add(router, "POST", "/customers", &Api::create_customer);
  add(router, "GET", "/customers/{id}", &Api::show_customer);
  add(router, "GET", "/transactions", &Api::list_transactions);
  add(router, "GET", "/transactions/{reference}", &Api::show_transaction);
  add(router, "POST", "/transactions/{reference}/input", &Api::submit_input);
  add(router, "GET", "/endpoints", &Api::list_endpoints);
  add(router, "POST", "/endpoints", &Api::create_endpoint);
  add(router, "GET", "/endpoints/{id}", &Api::show_endpoint);
  add(router, "PATCH", "/endpoints/{id}", &Api::update_endpoint);
  add(router, "DELETE", "/endpoints/{id}", &Api::delete_endpoint);
  add(router, "GET", "/endpoints/{id}/secret", &Api::show_secret);
  add(router, "POST", "/endpoints/{id}/rotate", &Api::rotate_secret);
  add(router, "POST", "/endpoints/{id}/test", &Api::test_endpoint);
  add(router, "POST", "/endpoints/{id}/recover", &Api::recover_endpoint);
  add(router, "POST", "/endpoints/{id}/replay", &Api::replay_endpoint);
  add(router, "GET", "/redeliveries", &Api::list_redeliveries);
  add(router, "GET", "/redeliveries/{id}", &Api::show_redelivery);
  add(router, "POST", "/redeliveries/{id}/cancel", &Api::cancel_redelivery);
  add(router, "POST", "/redeliveries/{id}/resume", &Api::resume_redelivery);
  add(router, "POST", "/webhooks/verify", &Api::check_signature);
  add(router, "GET", "/events", &Api::list_events);
  add(router, "POST", "/events", &Api::create_event);
  add(router, "GET", "/events/stream", &Api::stream_events);
  add(router, "GET", "/events/{id}", &Api::show_event);
  add(router, "GET", "/event_types", &Api::list_event_types);
  add(router, "GET", "/rails", &Api::list_rails);
  add(router, "GET", "/deliveries", &Api::list_deliveries);
  add(router, "GET", "/deliveries/{id}", &Api::show_delivery);
  add(router, "POST", "/deliveries/{id}/resend", &Api::resend_delivery);
}

}  // namespace epay::api
