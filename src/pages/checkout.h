// What a customer sees and does: /pay/{slug}, a payment page, and /checkout/{token}, which shows a payment's true state
// for ever (WIRE §5). Each page is one response, works without script, and is written to be read out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/attempt_limiter.h"
#include "base/crypto.h"
#include "base/log.h"
#include "db/database.h"
#include "http/message.h"
#include "http/router.h"
#include "pages/checkout_form.h"
#include "pages/checkout_options.h"
#include "pages/checkout_state.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "payments/checkout.h"
#include "processes/membership.h"
#include "processing/processor.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace epay::pages {

// What the pages use; it outlives them.
struct CheckoutServices {
  Clock& clock;
  Random& random;
  Log& log;
  db::Database& database;
  const Membership& members;
  processing::Processor& processor;
  const Vault& vault;
  std::function<void()> on_mail = [] {};  // a mail waits to be sent
  CheckoutOptions options = {};
};

class CheckoutPages {
 public:
  explicit CheckoutPages(CheckoutServices services);

  void add_routes(http::Router& router);
  // A payment page as its customers would see it, for its merchant, who is still at it.
  http::Response preview(const http::Request& request, const payments::PaymentPage& page, const std::string& merchant);
  // Begins to write down, now and then, how often pages were looked at.
  void start();
  Task<void> stop(Ticks due);
  // How a payment of the currency can be made; with none a page takes nothing.
  Methods methods_of(Scope scope, const Currency& currency) const;

 private:
  // What is to be said on the page beside its state.
  struct Notice {
    std::string text;  // "" for none
    bool is_error = false;
    int status = 200;
  };

  // checkout_pay.cpp
  Task<http::Response> show_page(http::Request& request);
  Task<http::Response> pay_page(http::Request& request);
  struct FoundPage {
    payments::CountedPage page;
    std::string merchant;
  };
  Task<Result<FoundPage>> find_page(std::string slug);
  http::Response page_form(const http::Request& request, const payments::PaymentPage& page, const std::string& merchant,
                           const CheckoutForm& form, int status, bool scripts = true);
  http::Response page_closed(const http::Request& request, const payments::CountedPage& page,
                             payments::PageState state);
  // checkout_show.cpp
  Task<http::Response> show_checkout(http::Request& request);
  http::Response show(const http::Request& request, const payments::Checkout& checkout, const CheckoutForm& form,
                      Notice notice, Wanted wanted = Wanted::what_stands);
  void add_state(View& view, const http::Request& request, const payments::Checkout& checkout, CheckoutState state,
                 const CheckoutForm& form, const Texts& texts);
  void add_receipt(View& view, const http::Request& request, const payments::Checkout& checkout, const Texts& texts);
  // checkout_act.cpp
  Task<http::Response> act(http::Request& request);
  Task<http::Response> choose(http::Request& request, payments::Checkout checkout, CheckoutForm form);
  Task<http::Response> begin(http::Request& request, payments::Checkout checkout, CheckoutForm form);
  Task<http::Response> submit_code(http::Request& request, payments::Checkout checkout, CheckoutForm form);
  Task<http::Response> resend(http::Request& request, payments::Checkout checkout);
  Task<http::Response> cancel(http::Request& request, payments::Checkout checkout);
  // What stands in the way of one more attempt.
  std::optional<std::string> limit_attempt(const http::Request& request, MerchantId merchant,
                                           const MethodChoice& method, const Texts& texts);
  Task<void> wait_for_reply(processing::Processor::Watch& watch, payments::AttemptKey key);
  // checkout_live.cpp
  Task<http::Response> stream_state(http::Request& request);
  Task<http::Response> tell_state(http::Request& request);
  Task<void> write_states(http::BodyWriter& body, std::string token, std::pair<Scope, PaymentId> payment,
                          std::string seen);
  // checkout_after.cpp
  Task<http::Response> return_to_merchant(http::Request& request);
  Task<http::Response> send_receipt(http::Request& request, payments::Checkout checkout);

  Task<Result<payments::Checkout>> find(std::string token);
  Task<std::int64_t> surcharge_of(const payments::Checkout& checkout);
  http::Response page_without_methods(const http::Request& request, const payments::PaymentPage& page,
                                      const std::string& merchant);
  http::Response problem(const http::Request& request, const Error& error);
  Task<void> run_view_counter();
  Task<void> flush_views();

  Clock& clock_;
  Random& random_;
  Log& log_;
  db::Database& database_;
  const Membership& members_;
  processing::Processor& processor_;
  const Vault& vault_;
  std::function<void()> on_mail_;
  AttemptLimiter attempts_by_address_, resends_;
  std::map<payments::PageKey, std::int64_t> views_;  // not written down yet
  Signal flush_;
  TaskGroup tasks_;
  std::size_t streams_ = 0;
  bool stopping_ = false;
};

}  // namespace epay::pages
