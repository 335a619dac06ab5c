// Integrations: what programs of the merchant's identify themselves with.
#pragma once

#include <optional>

#include "db/database.h"
#include "pages/dashboard.h"

namespace epay::pages {

class IntegrationPages {
 public:
  // All must outlive it.
  struct Parts {
    Clock& clock;
    Random& random;
    db::Database& database;
    Dashboard& dashboard;
  };
  explicit IntegrationPages(Parts parts) : parts_(parts) {}

  void add_routes();

 private:
  // What is shown once.
  struct Made {
    std::string app_id, app_secret;
  };

  Task<http::Response> show(http::Request& request, const Visitor& visitor);
  Task<http::Response> make(http::Request& request, const Visitor& visitor);
  Task<http::Response> revoke(http::Request& request, const Visitor& visitor);
  Task<http::Response> page(const http::Request& request, const Visitor& visitor, View view, int status);

  Parts parts_;
};

}  // namespace epay::pages
