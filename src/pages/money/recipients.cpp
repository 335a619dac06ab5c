// /transfers/recipients: whom the merchant has paid and kept.
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/transfer_form.h"
#include "pages/page.h"
#include "payments/recipient.h"

namespace epay::pages::money {
namespace {

std::int64_t page_of(const http::Request& request) {
  return parse_id(request.query_parameter("page").value_or("")).value_or(1);
}

View view_of(const payments::Recipient& recipient, const rails::Banks& banks, const Texts& texts) {
  const std::string id = std::to_string(recipient.id.value);
  View view;
  view.set("name", recipient.name)
      .set("account", account_text(recipient.account, banks))
      .set("send", "/transfers/new?to=" + id)
      .set("delete", "/transfers/recipients/" + id + "/delete")
      .set("when", format_time(recipient.created_at, texts));
  if (recipient.holder_name) view.set("holder", *recipient.holder_name);
  return view;
}

}  // namespace

Task<http::Response> MoneyPages::show_recipients(Request& request, const Visitor& visitor) {
  const std::int64_t number = page_of(request);
  const Scope scope = visitor.scope();
  const auto page =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<payments::Page<payments::Recipient>> {
        return payments::list_recipients(tx, scope, number);
      });
  if (!page) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  std::vector<View> rows;
  for (const auto& recipient : page->rows) rows.push_back(view_of(recipient, parts_.processor.banks(), texts));
  View view;
  view.set("title", texts.at("transfers.recipients"))
      .set("any_rows", !rows.empty())
      .set("nothing_yet", page->total == 0)
      .set("rows", std::move(rows));
  const auto link = [](std::int64_t to) { return "/transfers/recipients?page=" + std::to_string(to); };
  const bool older = number * payments::rows_per_page < page->total;
  if (older) view.set("older", link(number + 1));
  if (number > 1) view.set("newer", link(number - 1));
  view.set("pages", older || number > 1);
  co_return parts_.dashboard.page(request, visitor, "dashboard/recipients", std::move(view));
}

Task<http::Response> MoneyPages::delete_recipient(Request& request, const Visitor& visitor) {
  const auto id = parse_id(request.path_parameters.at(0));
  if (!id) co_return not_found(request);
  const Scope scope = visitor.scope();
  const auto deleted = co_await parts_.database.write(db::Lane::of(scope.merchant), [&](db::Transaction& tx) {
    return payments::delete_recipient(tx, scope, RecipientId{*id});
  });
  if (!deleted && deleted.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!deleted) co_return unavailable(request);
  co_return see_other("/transfers/recipients");
}

}  // namespace epay::pages::money
