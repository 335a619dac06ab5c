// Payment Pages in the dashboard: cards of all, and the form of one with a live preview.
#pragma once

#include <optional>
#include <vector>

#include "db/database.h"
#include "http/form.h"
#include "pages/checkout.h"
#include "pages/dashboard.h"
#include "payments/payment_page.h"
#include "runtime/work_thread.h"

namespace epay::pages {

class PaymentPages {
 public:
  // All must outlive it.
  struct Parts {
    Clock& clock;
    Random& random;
    db::Database& database;
    Dashboard& dashboard;
    CheckoutPages& checkout;
    WorkThread& images;
  };
  explicit PaymentPages(Parts parts) : parts_(parts) {}

  void add_routes();

 private:
  Task<http::Response> list(http::Request& request, const Visitor& visitor);
  Task<http::Response> show_new(http::Request& request, const Visitor& visitor);
  Task<http::Response> create(http::Request& request, const Visitor& visitor);
  Task<http::Response> show(http::Request& request, const Visitor& visitor);
  Task<http::Response> save(http::Request& request, const Visitor& visitor);
  Task<http::Response> turn(http::Request& request, const Visitor& visitor);
  Task<http::Response> qr(http::Request& request, const Visitor& visitor);
  Task<http::Response> preview(http::Request& request, const Visitor& visitor);

  // The visitor's own, of the mode he looks at. Error: not_found.
  Task<Result<payments::CountedPage>> find(const http::Request& request, const Visitor& visitor);
  http::Response form_page(const http::Request& request, const Visitor& visitor, const payments::PaymentPage* page,
                           const http::Form& form, const std::vector<FieldError>& wrong);
  http::Response problem(const http::Request& request, const Error& error);
  // The logo that was chosen, or the one that stays. What is wrong with it is added to `wrong`.
  Task<std::optional<ImageId>> logo_of(const Visitor& visitor, const http::Form& form, std::optional<ImageId> present,
                                       std::vector<FieldError>& wrong);

  Parts parts_;
};

}  // namespace epay::pages
