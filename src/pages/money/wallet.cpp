// GET /wallet: what is available and held, and every entry with the balance after it.
#include <chrono>

#include "ledger/wallet.h"
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/money/statement.h"
#include "payments/event_reference.h"

namespace epay::pages::money {
namespace {

constexpr int entries_max = 25;
constexpr std::size_t months_max = 24;

struct WalletPage {
  std::vector<ledger::Balance> balances;
  Currency currency = Currency::ghs();
  ledger::EntryPage entries;
  std::vector<std::string> references;  // of the entries' payments
  std::optional<std::int64_t> first_day;
};

// Error: not_found where the address asks for a currency that is none.
Result<WalletPage> read_wallet(db::Transaction& tx, Scope scope, const http::Request& request) {
  WalletPage page{.balances = ledger::balances(tx, scope)};
  const auto currency = currency_of(request.query_parameter("currency"), page.balances);
  if (!currency) return fail(ErrorCode::not_found, "There is no such currency");
  page.currency = *currency;
  const ledger::WalletKey wallet{scope, *currency};
  const auto cursor = cursor_of(request);
  const auto at = cursor ? std::optional(TransferId{cursor->id}) : std::nullopt;
  page.entries = cursor && cursor->direction == lists::Direction::newer
                     ? ledger::entries_after(tx, wallet, *at, entries_max)
                     : ledger::entries_before(tx, wallet, at, entries_max);
  for (const ledger::PostedEntry& entry : page.entries.entries) {
    page.references.push_back(payments::reference_of(tx, scope, entry.payment).value_or(""));
  }
  page.first_day = ledger::first_wallet_day(tx, wallet);
  return page;
}

View view_of(const ledger::PostedEntry& entry, const std::string& reference, const Texts& texts) {
  const Currency& currency = entry.amount.currency;
  View view;
  view.set("when", format_time(entry.created_at, texts))
      .set("iso", entry.created_at.to_iso8601())
      .set("what", texts.at(reason_key(entry.reason)))
      .set("reference", reference)
      .set("href", "/revenue/" + std::to_string(entry.payment.value))
      .set("available", change_text(entry.change_of(ledger::AccountKind::available), currency, texts))
      .set("held", change_text(entry.change_of(ledger::AccountKind::held), currency, texts))
      .set("out", entry.change_of(ledger::AccountKind::available) < 0)
      .set("after", money_text(entry.available_after_minor.value_or(0), currency, texts));
  return view;
}

std::vector<View> balances_of(const WalletPage& page, const Texts& texts) {
  std::vector<View> views;
  for (const ledger::Balance& balance : page.balances) {
    const auto currency = Currency::parse(balance.currency);
    if (!currency) continue;
    views.push_back(View()
                        .set("code", balance.currency)
                        .set("available", money_text(balance.available_minor, *currency, texts))
                        .set("held", money_text(balance.held_minor, *currency, texts))
                        .set("any_held", balance.held_minor != 0)
                        .set("chosen", *currency == page.currency));
  }
  return views;
}

// The latest first.
std::vector<View> months_of(std::int64_t first_day, std::int64_t today, const Currency& currency, const Texts& texts) {
  std::vector<View> views;
  for (Month month = month_of(today); views.size() < months_max && last_day_of(month) >= first_day;
       month = before(month)) {
    views.push_back(
        View()
            .set("name", month_text(month, texts))
            .set("href", "/wallet/statement?currency=" + std::string(currency.code()) + "&month=" + show(month)));
  }
  return views;
}

}  // namespace

Task<http::Response> MoneyPages::show_wallet(Request& request, const Visitor& visitor) {
  const Scope scope = visitor.scope();
  const auto page = co_await parts_.database.read([&](db::Transaction& tx) { return read_wallet(tx, scope, request); });
  if (!page && page.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!page) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  std::vector<View> entries;
  for (std::size_t i = 0; i < page->entries.entries.size(); ++i) {
    entries.push_back(view_of(page->entries.entries[i], page->references[i], texts));
  }
  View view;
  view.set("title", texts.at("wallet.title"))
      .set("balances", balances_of(*page, texts))
      .set("many_currencies", page->balances.size() > 1)
      .set("nothing_yet", page->balances.empty())
      .set("currency", page->currency.code())
      .set("any_entries", !entries.empty())
      .set("entries", std::move(entries));
  lists::ListPage<int> pages;
  if (page->entries.older) pages.older = {lists::Direction::older, page->entries.older->value};
  if (page->entries.newer) pages.newer = {lists::Direction::newer, page->entries.newer->value};
  set_pages(view, "/wallet", "currency=" + std::string(page->currency.code()), pages, texts);
  if (page->first_day) view.set("months", months_of(*page->first_day, parts_.clock.now().day(), page->currency, texts));
  view.set("any_months", page->first_day.has_value());
  co_return parts_.dashboard.page(request, visitor, "dashboard/wallet", std::move(view));
}

}  // namespace epay::pages::money
