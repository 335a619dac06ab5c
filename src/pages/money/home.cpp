// GET /dashboard: how it goes, what comes in, what needs attention.
#include <map>
#include <set>

#include "events/endpoint.h"
#include "events/health.h"
#include "lists/figures.h"
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/template.h"

namespace epay::pages::money {
namespace {

using payments::DayFigures;

constexpr int chart_days = 30;
constexpr int latest_max = 8;

struct Attention {
  int endpoints = 0;
  int failing = 0;   // endpoints whose last try failed
  int disabled = 0;  // switched off because they failed
};

struct Home {
  std::vector<lists::DayRevenue> days;  // those of the chart, and as many before
  std::vector<ledger::Balance> balances;
  std::vector<lists::ListedPayment> latest;
  Attention attention;
};

Attention attention_of(db::Transaction& tx, MerchantId merchant) {
  Attention attention;
  for (const events::Endpoint& endpoint : events::list_endpoints(tx, merchant)) {
    ++attention.endpoints;
    if (!endpoint.enabled) {
      if (endpoint.disabled_reason && *endpoint.disabled_reason != events::DisabledReason::merchant)
        ++attention.disabled;
    } else if (events::find_health(tx, endpoint.key).failing_since) {
      ++attention.failing;
    }
  }
  return attention;
}

Home read_home(db::Transaction& tx, Scope scope, std::int64_t today) {
  return {lists::revenue_by_day(tx, scope, {today - 2 * chart_days + 1, today}), ledger::balances(tx, scope),
          lists::list_payments(tx, scope, {.kind = payments::PaymentKind::payment}, {}, latest_max).rows,
          attention_of(tx, scope.merchant)};
}

// Each currency in which something ended, the one with the most payments first.
std::vector<std::string> currencies_of(const std::vector<lists::DayRevenue>& days) {
  std::map<std::string, std::int64_t> counts;
  for (const lists::DayRevenue& day : days) counts[day.currency] += day.all.succeeded + day.all.failed;
  std::set<std::pair<std::int64_t, std::string>> ordered;
  for (const auto& [currency, count] : counts) ordered.emplace(-count, currency);
  std::vector<std::string> currencies;
  for (const auto& [count, currency] : ordered) currencies.push_back(currency);
  return currencies;
}

std::string rate_text(const DayFigures& figures, const Texts& texts) {
  const std::int64_t ended = figures.succeeded + figures.failed;
  if (ended == 0) return "\u2013";
  return texts.format("lists.percent", {{"number", std::to_string(figures.succeeded * 100 / ended)}});
}

// "+12 %": against the same number of days before; nothing where there was nothing.
std::string trend_text(std::int64_t now, std::int64_t before, const Texts& texts) {
  if (before == 0) return "";
  const auto percent = std::int64_t(__int128(now - before) * 100 / before);
  return (percent < 0 ? "\u2212" : "+") +
         texts.format("lists.percent", {{"number", std::to_string(percent < 0 ? -percent : percent)}});
}

View card_of(const Home& home, const Currency& currency, std::int64_t today, int days, const Texts& texts) {
  const std::string code(currency.code());
  const auto now = lists::sum_of(home.days, code, {today - days + 1, today});
  const auto before = lists::sum_of(home.days, code, {today - 2 * days + 1, today - days});
  const std::string key = days == 1 ? "home.today" : days == 7 ? "home.days_7" : "home.days_30";
  const std::string trend = days == 1 ? "" : trend_text(now.succeeded_minor, before.succeeded_minor, texts);
  View card;
  card.set("title", texts.at(key))
      .set("revenue", money_text(now.succeeded_minor, currency, texts))
      .set("payments", format_count(now.succeeded, texts))
      .set("rate", rate_text(now, texts))
      .set("trend", trend)
      .set("down", now.succeeded_minor < before.succeeded_minor);
  return card;
}

std::vector<View> chart_of(const Home& home, const Currency& currency, std::int64_t today, const Texts& texts) {
  std::vector<View> rows;
  for (std::int64_t day = today - chart_days + 1; day <= today; ++day) {
    const auto figures = lists::sum_of(home.days, std::string(currency.code()), {day, day});
    const Timestamp at = Timestamp::start_of_day(day);
    rows.push_back(View()
                       .set("seconds", std::to_string(at.unix_seconds()))
                       .set("date", format_date(at, texts))
                       .set("minor", std::to_string(figures.succeeded_minor))
                       .set("revenue", money_text(figures.succeeded_minor, currency, texts))
                       .set("payments", format_count(figures.succeeded, texts))
                       .set("failed", format_count(figures.failed, texts))
                       .set("rate", rate_text(figures, texts)));
  }
  return rows;
}

Currency currency_shown(const std::string& typed, const std::vector<std::string>& currencies) {
  const auto asked_for = Currency::parse(typed);
  if (asked_for) return *asked_for;
  const auto most = currencies.empty() ? std::nullopt : Currency::parse(currencies.front());
  return most.value_or(Currency::ghs());
}

void set_figures(View& view, const Home& home, const Currency& currency, std::int64_t today, const Texts& texts) {
  std::vector<View> cards;
  for (const int days : {1, 7, 30}) cards.push_back(card_of(home, currency, today, days, texts));
  view.set("cards", std::move(cards));
}

void set_latest(View& view, const Home& home, const Texts& texts) {
  view.set("latest", rows_of(home.latest, texts)).set("any_latest", !home.latest.empty());
}

std::string counted(std::string_view one, std::string_view more, int count, const Texts& texts) {
  return texts.format(count == 1 ? one : more, {{"count", std::to_string(count)}});
}

// What needs attention, and the next steps of somebody who has just begun.
void set_attention(View& view, const Home& home, const Visitor& visitor, const Texts& texts) {
  const Attention& attention = home.attention;
  std::vector<View> alerts;
  const auto add = [&](std::string text) {
    alerts.push_back(
        View().set("text", std::move(text)).set("href", "/settings/webhooks").set("action", texts.at("home.look")));
  };
  if (attention.disabled > 0) add(counted("home.endpoint_off", "home.endpoints_off", attention.disabled, texts));
  if (attention.failing > 0) add(counted("home.endpoint_failing", "home.endpoints_failing", attention.failing, texts));
  view.set("alerts", std::move(alerts));
  const bool no_webhook = attention.endpoints == 0 && visitor.may(merchants::Permission::manage_webhooks);
  const bool no_payment = home.latest.empty();
  view.set("no_webhook", no_webhook).set("no_payment", no_payment).set("next_steps", no_webhook || no_payment);
}

}  // namespace

Task<http::Response> MoneyPages::show_home(Request& request, const Visitor& visitor) {
  const std::int64_t today = parts_.clock.now().day();
  const Scope scope = visitor.scope();
  const auto home =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<Home> { return read_home(tx, scope, today); });
  if (!home) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const auto currencies = currencies_of(home->days);
  const Currency currency = currency_shown(request.query_parameter("currency").value_or(""), currencies);
  View view;
  view.set("title", texts.at("home.title"));
  set_figures(view, *home, currency, today, texts);
  set_latest(view, *home, texts);
  set_attention(view, *home, visitor, texts);
  std::vector<View> choices;
  for (const std::string& code : currencies) {
    choices.push_back(View().set("code", code).set("chosen", code == currency.code()));
  }
  std::vector<View> balances;
  for (const ledger::Balance& balance : home->balances) {
    const auto of = Currency::parse(balance.currency);
    if (of) balances.push_back(View().set("available", money_text(balance.available_minor, *of, texts)));
  }
  view.set("many_currencies", choices.size() > 1)
      .set("currencies", std::move(choices))
      .set("balances", std::move(balances))
      .set("currency", currency.code())
      .set("chart", chart_of(*home, currency, today, texts));
  co_return parts_.dashboard.page(request, visitor, "dashboard/home", std::move(view));
}

Task<Result<MoneyPages::Events>> MoneyPages::render_home(const Live& live) {
  const std::int64_t today = parts_.clock.now().day();
  const Scope scope = live.visitor.scope();
  const auto home =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<Home> { return read_home(tx, scope, today); });
  if (!home) co_return std::unexpected(home.error());
  View view;
  set_figures(view, *home, currency_shown(live.currency, currencies_of(home->days)), today, live.texts);
  set_latest(view, *home, live.texts);
  Events events;
  events.push_back({.event = "figures", .data = render("dashboard/home_figures", view, live.texts)});
  events.push_back({.event = "latest", .data = render("dashboard/home_latest", view, live.texts)});
  co_return events;
}

}  // namespace epay::pages::money
