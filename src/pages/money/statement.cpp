// GET /wallet/statement: a month of a wallet, to look at, print, or take away as a file.
#include "pages/money/statement.h"

#include <chrono>

#include "ledger/wallet.h"
#include "lists/export.h"
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"

namespace epay::pages::money {
namespace {

std::chrono::year_month in_calendar(Month month) {
  return std::chrono::year(month.year) / std::chrono::month(month.month);
}

// Which statement an address asks for; nothing where it asks for none that there could be.
struct Asked {
  Currency currency = Currency::ghs();
  Month month;
};
std::optional<Asked> asked_for(const http::Request& request, std::int64_t today) {
  const auto currency = currency_of(request.query_parameter("currency"), {});
  const auto typed = request.query_parameter("month");
  const auto month = typed ? parse_month(*typed) : month_of(today);
  if (!currency || !month || first_day_of(*month) > today) return std::nullopt;
  return Asked{*currency, *month};
}

std::vector<View> days_of(const ledger::Statement& statement, const Texts& texts) {
  const Currency& currency = statement.wallet.currency;
  std::vector<View> views;
  std::int64_t available = statement.opening_available_minor;
  for (const ledger::WalletDay& day : statement.days) {
    available += day.available_in_minor - day.available_out_minor;
    views.push_back(View()
                        .set("date", format_date(Timestamp::start_of_day(day.day), texts))
                        .set("entries", format_count(day.entries, texts))
                        .set("in", change_text(day.available_in_minor, currency, texts))
                        .set("out", change_text(-day.available_out_minor, currency, texts))
                        .set("after", money_text(available, currency, texts)));
  }
  return views;
}

}  // namespace

Month month_of(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return {int(date.year()), unsigned(date.month())};
}

Month before(Month month) { return month.month == 1 ? Month{month.year - 1, 12} : Month{month.year, month.month - 1}; }

std::int64_t first_day_of(Month month) {
  return std::chrono::sys_days(in_calendar(month) / std::chrono::day(1)).time_since_epoch().count();
}

std::int64_t last_day_of(Month month) {
  return std::chrono::sys_days(in_calendar(month) / std::chrono::last).time_since_epoch().count();
}

std::string show(Month month) { return show_day(first_day_of(month)).substr(0, 7); }

std::optional<Month> parse_month(std::string_view text) {
  const auto day = parse_day(std::string(text) + "-01");
  return day ? std::optional(month_of(*day)) : std::nullopt;
}

std::string month_text(Month month, const Texts& texts) {
  return texts.format("lists.month_and_year", {{"month", texts.at("months.month_" + std::to_string(month.month))},
                                               {"year", std::to_string(month.year)}});
}

Task<http::Response> MoneyPages::show_statement(Request& request, const Visitor& visitor) {
  const std::int64_t today = parts_.clock.now().day();
  const auto asked = asked_for(request, today);
  if (!asked) co_return not_found(request);
  const ledger::WalletKey wallet{visitor.scope(), asked->currency};
  const auto statement = co_await parts_.database.read([&](db::Transaction& tx) -> Result<ledger::Statement> {
    return ledger::statement_of(tx, wallet, first_day_of(asked->month), last_day_of(asked->month));
  });
  if (!statement) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto money = [&](std::int64_t minor) { return money_text(minor, asked->currency, texts); };
  View view;
  view.set("title", texts.format("statement.title", {{"month", month_text(asked->month, texts)}}))
      .set("currency", asked->currency.code())
      .set("unfinished", last_day_of(asked->month) >= today)
      .set("opening", money(statement->opening_available_minor))
      .set("opening_held", money(statement->opening_held_minor))
      .set("closing", money(statement->closing_available_minor))
      .set("closing_held", money(statement->closing_held_minor))
      .set("any_held", statement->opening_held_minor != 0 || statement->closing_held_minor != 0)
      .set("in", money(statement->sum.available_in_minor))
      .set("out", money(statement->sum.available_out_minor))
      .set("entries", format_count(statement->sum.entries, texts))
      .set("days", days_of(*statement, texts))
      .set("any_days", !statement->days.empty());
  const std::string address = "currency=" + std::string(asked->currency.code()) + "&month=";
  view.set("export", "/wallet/statement/export?" + address + show(asked->month))
      .set("earlier", "/wallet/statement?" + address + show(before(asked->month)));
  co_return parts_.dashboard.page(request, visitor, "dashboard/statement", std::move(view));
}

Task<http::Response> MoneyPages::export_statement(Request& request, const Visitor& visitor) {
  const auto asked = asked_for(request, parts_.clock.now().day());
  if (!asked) co_return not_found(request);
  const ledger::WalletKey wallet{visitor.scope(), asked->currency};
  Response response;
  response.headers.add("Content-Type", "text/csv; charset=utf-8");
  response.headers.add(
      "Content-Disposition",
      "attachment; filename=\"statement-" + std::string(asked->currency.code()) + "-" + show(asked->month) + ".csv\"");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.stream = [this, wallet, month = asked->month](http::BodyWriter& out) {
    return lists::write_statement(out, parts_.database, wallet, first_day_of(month), last_day_of(month));
  };
  co_return response;
}

}  // namespace epay::pages::money
