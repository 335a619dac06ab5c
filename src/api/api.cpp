#include "api/api.h"

#include "api/replies.h"

namespace epay::api {

Api::Api(Clock& clock, Random& random, Log& log, db::Database& database, processing::Processor& processor,
         webhooks::Dispatcher& dispatcher, const Vault& vault, std::int64_t rate_limit)
    : clock_(clock),
      random_(random),
      log_(log),
      database_(database),
      processor_(processor),
      dispatcher_(dispatcher),
      vault_(vault),
      authenticator_(clock, database, rate_limit),
      streams_(clock, database, dispatcher.feed(), authenticator_) {}

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
  add(router, "GET", "/customers", &Api::list_customers);
  add(router, "POST", "/customers", &Api::create_customer);
  add(router, "GET", "/customers/{id}", &Api::show_customer);
  add(router, "GET", "/transactions", &Api::list_transactions);
  add(router, "GET", "/transactions/{reference}", &Api::show_transaction);
  add(router, "POST", "/transactions/{reference}/input", &Api::submit_input);
  add(router, "GET", "/events", &Api::list_events);
  add(router, "POST", "/events", &Api::create_event);
  add(router, "GET", "/events/stream", &Api::stream_events);
  add(router, "GET", "/events/{id}", &Api::show_event);
  add(router, "GET", "/event_types", &Api::list_event_types);
  add(router, "GET", "/deliveries", &Api::list_deliveries);
  add(router, "GET", "/deliveries/{id}", &Api::show_delivery);
  add(router, "POST", "/deliveries/{id}/resend", &Api::resend_delivery);
}

}  // namespace epay::api
