// The dashboard's pages of money: Home, Revenue, Customers, My Wallet, Transfers. Reactor thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "http/form.h"
#include "http/message.h"
#include "http/server_sent_events.h"
#include "pages/dashboard.h"
#include "processing/bulk_payer.h"
#include "processing/processor.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "webhooks/dispatcher.h"

namespace epay::pages::money {

struct TransferForm;

class MoneyPages {
 public:
  // All must outlive it.
  struct Parts {
    Clock& clock;
    Random& random;
    Log& log;
    db::Database& database;
    processing::Processor& processor;
    processing::BulkPayer& bulk_payer;
    webhooks::Dispatcher& dispatcher;
    Dashboard& dashboard;
  };
  explicit MoneyPages(Parts parts) : parts_(parts) {}

  void add_routes();

  // Live parts of pages that one merchant's browsers may have open at once.
  static constexpr std::size_t live_per_merchant_max = 60;

 private:
  using Request = http::Request;
  using Response = http::Response;

  Task<Response> show_home(Request& request, const Visitor& visitor);
  Task<Response> show_revenue(Request& request, const Visitor& visitor);
  Task<Response> export_revenue(Request& request, const Visitor& visitor);
  Task<Response> show_payment(Request& request, const Visitor& visitor);
  Task<Response> send_again(Request& request, const Visitor& visitor);
  Task<Response> show_refund(Request& request, const Visitor& visitor);
  Task<Response> make_refund(Request& request, const Visitor& visitor);
  Task<Response> send_refund(Request& request, const Visitor& visitor, payments::Payment payment, http::Form form);
  // The payment that the path names. Error: not_found.
  Task<Result<payments::Payment>> refundable(const Request& request, const Visitor& visitor);
  Task<Response> show_customers(Request& request, const Visitor& visitor);
  Task<Response> show_customer(Request& request, const Visitor& visitor);
  Task<Response> show_wallet(Request& request, const Visitor& visitor);
  Task<Response> show_statement(Request& request, const Visitor& visitor);
  Task<Response> export_statement(Request& request, const Visitor& visitor);
  Task<Response> show_transfers(Request& request, const Visitor& visitor);
  Task<Response> show_new_transfer(Request& request, const Visitor& visitor);
  Task<Response> check_transfer(Request& request, const Visitor& visitor);
  Task<Response> make_transfer(Request& request, const Visitor& visitor);
  Task<void> look_up_payee(View& view, TransferForm& transfer, Scope scope, const Texts& texts);
  Task<void> note_transfer(const Request& request, const Visitor& visitor, const payments::Payment& made,
                           std::string keep_as, bool holder_told);
  Task<Response> show_bulks(Request& request, const Visitor& visitor);
  Task<Response> read_bulk(Request& request, const Visitor& visitor);
  Task<Response> show_bulk(Request& request, const Visitor& visitor);
  Task<Response> start_bulk(Request& request, const Visitor& visitor);
  Task<Response> discard_bulk(Request& request, const Visitor& visitor);
  Task<Response> bulk_form(const Request& request, const Visitor& visitor, std::string wrong);
  Task<Response> show_recipients(Request& request, const Visitor& visitor);
  Task<Response> delete_recipient(Request& request, const Visitor& visitor);

  // Live parts: a stream of server-sent events that a page's parts are replaced by.
  struct Live {
    Visitor visitor;
    const Texts& texts;
    std::string currency;  // that the page shows
    std::string newest;    // the id that the page begins with
  };
  using Events = std::vector<http::ServerSentEvent>;
  using Render = Task<Result<Events>> (MoneyPages::*)(const Live& live);
  Response open_live(const Request& request, const Visitor& visitor, Render render);
  Task<void> run_live(http::BodyWriter& out, std::shared_ptr<const Live> live, Render render);
  Task<Result<Events>> render_home(const Live& live);
  Task<Result<Events>> render_transfers(const Live& live);
  Task<Result<Events>> render_news(const Live& live);

  Response not_found(const Request& request);
  Response unavailable(const Request& request);

  Parts parts_;
};

}  // namespace epay::pages::money
