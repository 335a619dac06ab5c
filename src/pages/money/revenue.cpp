// GET /revenue: payments and payouts, filtered and searched; GET /revenue/export: the same as a file.
#include "lists/export.h"
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/page.h"
#include "pages/template.h"
#include "payments/customer.h"
#include "payments/payment_page.h"

namespace epay::pages::money {
namespace {

constexpr int rows_max = 25;
// To choose from; a page beyond them is chosen by its own link.
constexpr int payment_pages_max = 200;

struct Revenue {
  lists::PaymentPage page;
  std::vector<payments::CountedPage> payment_pages;
  std::optional<payments::Customer> customer;  // whom the filter names
};

// Error: not_found where the filter names a customer that is none.
Result<Revenue> read_revenue(db::Transaction& tx, Scope scope, const PaymentQuery& query) {
  Revenue found{.payment_pages = payments::list_pages(tx, scope, {}, payment_pages_max)};
  if (!query.wrong.empty()) return found;
  if (query.filter.customer) {
    auto customer = payments::find_customer(tx, scope, *query.filter.customer);
    if (!customer) return std::unexpected(customer.error());
    found.customer = *std::move(customer);
  }
  found.page = lists::list_payments(tx, scope, query.filter, query.cursor, rows_max);
  return found;
}

std::vector<View> choices_of(const std::vector<payments::CountedPage>& pages, const PaymentQuery& query) {
  std::vector<View> views;
  for (const payments::CountedPage& counted : pages) {
    views.push_back(View()
                        .set("id", std::to_string(counted.page.key.id.value))
                        .set("name", counted.page.settings.name)
                        .set("chosen", query.filter.page == counted.page.key.id));
  }
  return views;
}

}  // namespace

Task<http::Response> MoneyPages::show_revenue(Request& request, const Visitor& visitor) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const PaymentQuery query = payment_query_of(request);
  const Scope scope = visitor.scope();
  const auto revenue =
      co_await parts_.database.read([&](db::Transaction& tx) { return read_revenue(tx, scope, query); });
  if (!revenue && revenue.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!revenue) co_return unavailable(request);
  View view;
  view.set("title", texts.at("revenue.title"));
  set_filters(view, query, texts);
  const auto& [page, payment_pages, customer] = *revenue;
  view.set("payment_pages", choices_of(payment_pages, query)).set("any_pages", !payment_pages.empty());
  view.set("references", rows_of(page.references, texts)).set("any_references", !page.references.empty());
  view.set("rows", rows_of(page.rows, texts)).set("any_rows", !page.rows.empty());
  if (customer) view.set("customer", View().set("name", customer->name).set("id", std::to_string(customer->id.value)));
  set_pages(view, "/revenue", query.query, page, texts);
  view.set("export", "/revenue/export" + (query.query.empty() ? "" : "?" + query.query));
  const bool nothing = query.wrong.empty() && page.rows.empty() && page.references.empty();
  view.set("nothing_yet", nothing && query.typed.empty() && !query.cursor)
      .set("nothing_found", nothing && !query.typed.empty() && !page.looked_back_to)
      .set("top", !query.cursor && query.typed.empty())
      .set("newest", page.rows.empty() ? "0" : std::to_string(page.rows[0].id.value));
  co_return parts_.dashboard.page(request, visitor, "dashboard/revenue", std::move(view),
                                  query.wrong.empty() ? 200 : 400);
}

// Whoever looks at the top of the list hears that there is more, and decides when to see it.
Task<Result<MoneyPages::Events>> MoneyPages::render_news(const Live& live) {
  const Scope scope = live.visitor.scope();
  const auto newest = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::int64_t> {
    const auto page = lists::list_payments(tx, scope, {}, {}, 1);
    return page.rows.empty() ? 0 : page.rows[0].id.value;
  });
  if (!newest) co_return std::unexpected(newest.error());
  View view;
  view.set("changed", std::to_string(*newest) != live.newest);
  Events events;
  events.push_back({.event = "news", .data = render("dashboard/revenue_news", view, live.texts)});
  co_return events;
}

Task<http::Response> MoneyPages::export_revenue(Request& request, const Visitor& visitor) {
  const PaymentQuery query = payment_query_of(request);
  if (!query.wrong.empty()) co_return see_other("/revenue?" + query.query);
  Response response;
  response.headers.add("Content-Type", "text/csv; charset=utf-8");
  response.headers.add("Content-Disposition",
                       "attachment; filename=\"payments-" + show_day(parts_.clock.now().day()) + ".csv\"");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.stream = [this, scope = visitor.scope(), filter = query.filter](http::BodyWriter& out) {
    return lists::write_payments(out, parts_.database, scope, filter);
  };
  co_return response;
}

}  // namespace epay::pages::money
