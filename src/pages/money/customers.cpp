// GET /customers, and /customers/{customer}: one with what he has paid.
#include "lists/customer_list.h"

#include "base/utf8.h"
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"

namespace epay::pages::money {
namespace {

constexpr int customers_max = 25;
constexpr int payments_max = 25;
constexpr std::size_t text_max = 100;

View view_of(const payments::Customer& customer, const Texts& texts) {
  View view;
  view.set("href", "/customers/" + std::to_string(customer.id.value))
      .set("name", customer.name)
      .set("email", customer.email)
      .set("telephone", customer.telephone)
      .set("since", format_date(customer.created_at, texts));
  return view;
}

struct CustomerStory {
  payments::Customer customer;
  lists::CustomerTotals totals;
  lists::PaymentPage payments;
};

std::vector<View> views_of(const lists::CustomerTotals& totals, const Texts& texts) {
  std::vector<View> views;
  for (const lists::Paid& paid : totals.paid) {
    const auto currency = Currency::parse(paid.currency);
    if (!currency) continue;
    views.push_back(View()
                        .set("amount", money_text(paid.succeeded_minor, *currency, texts))
                        .set("succeeded", format_count(paid.succeeded, texts))
                        .set("failed", format_count(paid.failed, texts)));
  }
  return views;
}

}  // namespace

Task<http::Response> MoneyPages::show_customers(Request& request, const Visitor& visitor) {
  std::string text = request.query_parameter("q").value_or("");
  const bool readable = text.size() <= text_max && is_utf8(text);
  const auto cursor = cursor_of(request);
  const Scope scope = visitor.scope();
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  lists::ListPage<payments::Customer> page;
  if (readable) {
    auto read = co_await parts_.database.read([&](db::Transaction& tx) -> Result<lists::ListPage<payments::Customer>> {
      return lists::list_customers(tx, scope, text, cursor, customers_max);
    });
    if (!read) co_return unavailable(request);
    page = *std::move(read);
  } else {
    text.clear();
  }
  std::vector<View> rows;
  for (const payments::Customer& customer : page.rows) rows.push_back(view_of(customer, texts));
  View view;
  view.set("title", texts.at("customers.title")).set("q", text);
  if (!readable) view.set("wrong", texts.at("lists.too_long"));
  const bool nothing = readable && rows.empty();
  view.set("nothing_yet", nothing && text.empty() && !cursor)
      .set("nothing_found", nothing && !text.empty() && !page.looked_back_to)
      .set("any_rows", !rows.empty())
      .set("rows", std::move(rows));
  set_pages(view, "/customers", text.empty() ? "" : "q=" + http::percent_encode(text), page, texts);
  co_return parts_.dashboard.page(request, visitor, "dashboard/customers", std::move(view), readable ? 200 : 400);
}

Task<http::Response> MoneyPages::show_customer(Request& request, const Visitor& visitor) {
  const auto id = parse_id(request.path_parameters.at(0));
  if (!id) co_return not_found(request);
  const auto cursor = cursor_of(request);
  const Scope scope = visitor.scope();
  const auto story = co_await parts_.database.read([&](db::Transaction& tx) -> Result<CustomerStory> {
    auto customer = payments::find_customer(tx, scope, CustomerId{*id});
    if (!customer) return std::unexpected(customer.error());
    auto totals = lists::totals_of(tx, scope, *customer);
    auto payments = lists::list_payments(tx, scope, {.customer = customer->id}, cursor, payments_max);
    return CustomerStory{*std::move(customer), std::move(totals), std::move(payments)};
  });
  if (!story && story.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!story) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  View view;
  view.set("title", story->customer.name)
      .set("customer", view_of(story->customer, texts))
      .set("paid", views_of(story->totals, texts))
      .set("rows", rows_of(story->payments.rows, texts))
      .set("any_rows", !story->payments.rows.empty())
      .set("revenue", "/revenue?customer=" + std::to_string(*id));
  if (!story->totals.all) {
    view.set("of_latest",
             texts.format("customers.of_latest", {{"count", format_count(story->totals.payments, texts)}}));
  }
  set_pages(view, "/customers/" + std::to_string(*id), "", story->payments, texts);
  co_return parts_.dashboard.page(request, visitor, "dashboard/customer", std::move(view));
}

}  // namespace epay::pages::money
