#include "pages/money/money.h"

#include "pages/problem.h"

namespace epay::pages::money {

using merchants::Permission;

void MoneyPages::add_routes() {
  using Handler = Task<Response> (MoneyPages::*)(Request&, const Visitor&);
  const auto route = [&](std::string_view method, std::string_view pattern, Permission permission, Handler handler) {
    parts_.dashboard.add(method, pattern, permission, [this, handler](Request& request, const Visitor& visitor) {
      return (this->*handler)(request, visitor);
    });
  };
  const auto live_route = [&](std::string_view pattern, Permission permission, Render render) {
    parts_.dashboard.add("GET", pattern, permission,
                         [this, render](Request& request, const Visitor& visitor) -> Task<Response> {
                           co_return open_live(request, visitor, render);
                         });
  };
  route("GET", "/dashboard", Permission::see_money, &MoneyPages::show_home);
  live_route("/dashboard/live", Permission::see_money, &MoneyPages::render_home);
  route("GET", "/revenue", Permission::see_money, &MoneyPages::show_revenue);
  live_route("/revenue/live", Permission::see_money, &MoneyPages::render_news);
  route("GET", "/revenue/export", Permission::see_money, &MoneyPages::export_revenue);
  route("GET", "/revenue/{payment}", Permission::see_money, &MoneyPages::show_payment);
  route("POST", "/revenue/{payment}/send-again", Permission::manage_webhooks, &MoneyPages::send_again);
  route("GET", "/revenue/{payment}/refund", Permission::move_money, &MoneyPages::show_refund);
  route("POST", "/revenue/{payment}/refund", Permission::move_money, &MoneyPages::make_refund);
  route("GET", "/customers", Permission::see_money, &MoneyPages::show_customers);
  route("GET", "/customers/{customer}", Permission::see_money, &MoneyPages::show_customer);
  route("GET", "/wallet", Permission::see_money, &MoneyPages::show_wallet);
  route("GET", "/wallet/statement", Permission::see_money, &MoneyPages::show_statement);
  route("GET", "/wallet/statement/export", Permission::see_money, &MoneyPages::export_statement);
  route("GET", "/transfers", Permission::move_money, &MoneyPages::show_transfers);
  live_route("/transfers/live", Permission::move_money, &MoneyPages::render_transfers);
  route("GET", "/transfers/new", Permission::move_money, &MoneyPages::show_new_transfer);
  route("POST", "/transfers/new", Permission::move_money, &MoneyPages::check_transfer);
  route("GET", "/transfers/bulk", Permission::move_money, &MoneyPages::show_bulks);
  route("POST", "/transfers/bulk", Permission::move_money, &MoneyPages::read_bulk);
  route("GET", "/transfers/bulk/{bulk}", Permission::move_money, &MoneyPages::show_bulk);
  route("POST", "/transfers/bulk/{bulk}/start", Permission::move_money, &MoneyPages::start_bulk);
  route("POST", "/transfers/bulk/{bulk}/discard", Permission::move_money, &MoneyPages::discard_bulk);
  route("GET", "/transfers/recipients", Permission::move_money, &MoneyPages::show_recipients);
  route("POST", "/transfers/recipients/{recipient}/delete", Permission::move_money, &MoneyPages::delete_recipient);
  route("POST", "/transfers", Permission::move_money, &MoneyPages::make_transfer);
}

http::Response MoneyPages::not_found(const Request& request) { return show_problem(request, 404, "", parts_.random); }

http::Response MoneyPages::unavailable(const Request& request) { return show_problem(request, 503, "", parts_.random); }

}  // namespace epay::pages::money
