// Settings, Webhooks: where a merchant's events go, how that is going, and what was sent.
#pragma once

#include <vector>

#include "base/crypto.h"
#include "db/database.h"
#include "events/endpoint.h"
#include "http/client.h"
#include "http/form.h"
#include "pages/dashboard.h"
#include "webhooks/dispatcher.h"
#include "webhooks/redeliverer.h"

namespace epay::pages {

class WebhookPages {
 public:
  // All must outlive it.
  struct Parts {
    Clock& clock;
    Random& random;
    db::Database& database;
    Dashboard& dashboard;
    webhooks::Dispatcher& dispatcher;
    webhooks::Redeliverer& redeliverer;
    http::Client& client;
    const Vault& vault;
    microseconds timeout;  // of endpoints that have none of their own
  };
  explicit WebhookPages(Parts parts) : parts_(parts) {}

  void add_routes();

 private:
  using Handler = Task<http::Response> (WebhookPages::*)(http::Request&, const Visitor&);
  void add(std::string_view method, std::string_view pattern, merchants::Permission permission, Handler handler);

  // webhook_list.cpp
  Task<http::Response> list(http::Request& request, const Visitor& visitor);
  Task<http::Response> create(http::Request& request, const Visitor& visitor);
  Task<http::Response> show_list(const http::Request& request, const Visitor& visitor, const http::Form& typed,
                                 std::vector<FieldError> wrong);
  // webhook_endpoint.cpp
  Task<http::Response> show(http::Request& request, const Visitor& visitor);
  Task<http::Response> save(http::Request& request, const Visitor& visitor);
  Task<http::Response> show_endpoint(const http::Request& request, const Visitor& visitor, const http::Form* typed,
                                     std::vector<FieldError> wrong);
  // webhook_actions.cpp
  Task<http::Response> test(http::Request& request, const Visitor& visitor);
  Task<http::Response> rotate(http::Request& request, const Visitor& visitor);
  Task<http::Response> turn(http::Request& request, const Visitor& visitor);  // on, off, and away
  Task<http::Response> redeliver(http::Request& request, const Visitor& visitor);
  Task<http::Response> stop_redelivery(http::Request& request, const Visitor& visitor);
  // webhook_log.cpp
  Task<http::Response> show_log(http::Request& request, const Visitor& visitor);
  Task<http::Response> show_delivery(http::Request& request, const Visitor& visitor);
  Task<http::Response> resend(http::Request& request, const Visitor& visitor);

  // For the account's activity.
  static void note_change(db::Transaction& tx, const http::Request& request, const Visitor& visitor,
                          const std::string& what, Timestamp now);
  http::Response problem(const http::Request& request, const Visitor& visitor, const Error& error);
  const Texts& texts(const http::Request& request, const Visitor& visitor) const {
    return parts_.dashboard.texts(request, visitor);
  }

  Parts parts_;
};

}  // namespace epay::pages
