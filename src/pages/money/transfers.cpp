// /transfers: money out of the wallet, to mobile money: the list, the form, a look at it all once more, and the deed.
#include "base/check.h"
#include "base/utf8.h"
#include "http/form.h"
#include "ledger/ledger.h"
#include "pages/format.h"
#include "pages/money/form_reference.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/page.h"
#include "pages/template.h"
#include "rails/networks.h"

namespace epay::pages::money {
namespace {

constexpr int rows_max = 25;
constexpr std::size_t description_max = 140;
constexpr std::string_view reference_prefix = "TR-";
constexpr std::string_view form_path = "/transfers/new";

const lists::PaymentFilter& transfers_only() {
  static const lists::PaymentFilter filter{.kind = payments::PaymentKind::payout};
  return filter;
}

// What was typed, and what it means where it means something.
struct TransferForm {
  std::string wallet, network, amount, currency, description, reference;
  std::vector<std::pair<std::string, std::string>> wrong;  // field, why
  std::optional<PhoneNumber> number;
  std::optional<rails::Network> of_network;
  std::optional<Money> money;
};

TransferForm read_transfer(const http::Form& form, const Texts& texts) {
  TransferForm transfer{.wallet = field_of(form, "wallet"),
                        .network = field_of(form, "network"),
                        .amount = field_of(form, "amount"),
                        .currency = field_of(form, "currency"),
                        .description = field_of(form, "description"),
                        .reference = field_of(form, "reference")};
  const auto refuse = [&](const char* field, std::string_view key) {
    transfer.wrong.emplace_back(field, texts.at(key));
  };
  if (const auto number = PhoneNumber::parse(transfer.wallet)) {
    transfer.number = *number;
  } else {
    refuse("wallet", "transfers.wrong_wallet");
  }
  transfer.of_network = rails::find_network(transfer.network);
  if (!transfer.of_network) refuse("network", "transfers.wrong_network");
  const auto currency = Currency::parse(transfer.currency);
  if (!currency) {
    refuse("currency", "transfers.wrong_currency");
  } else if (const auto money = Money::parse(transfer.amount, *currency)) {
    transfer.money = *money;
  } else {
    refuse("amount", "transfers.wrong_amount");
  }
  if (transfer.description.empty()) {
    refuse("description", "transfers.no_description");
  } else if (utf8_length(transfer.description) > description_max) {
    refuse("description", "lists.too_long");
  }
  return transfer;
}

void set_form(View& view, const TransferForm& transfer, const std::vector<ledger::Balance>& balances,
              const Texts& texts) {
  View typed, wrong, chosen;
  typed.set("wallet", transfer.wallet).set("amount", transfer.amount).set("description", transfer.description);
  for (const auto& [field, why] : transfer.wrong) wrong.set(field, why);
  chosen.set(transfer.network, true);
  std::vector<View> currencies;
  for (const ledger::Balance& balance : balances) {
    const auto currency = Currency::parse(balance.currency);
    if (!currency) continue;
    currencies.push_back(View()
                             .set("code", balance.currency)
                             .set("available", money_text(balance.available_minor, *currency, texts))
                             .set("chosen", balance.currency == transfer.currency));
  }
  view.set("title", texts.at("transfers.new_title"))
      .set("typed", std::move(typed))
      .set("wrong", std::move(wrong))
      .set("chosen", std::move(chosen))
      .set("nothing_to_send", currencies.empty())
      .set("currencies", std::move(currencies))
      .set("reference", transfer.reference);
}

const ledger::Balance* balance_of(const std::vector<ledger::Balance>& balances, const Currency& currency) {
  for (const ledger::Balance& balance : balances) {
    if (balance.currency == currency.code()) return &balance;
  }
  return nullptr;
}

struct Balances {
  std::vector<ledger::Balance> all;
};

}  // namespace

Task<http::Response> MoneyPages::show_transfers(Request& request, const Visitor& visitor) {
  const auto cursor = cursor_of(request);
  const Scope scope = visitor.scope();
  const auto page = co_await parts_.database.read([&](db::Transaction& tx) -> Result<lists::PaymentPage> {
    return lists::list_payments(tx, scope, transfers_only(), cursor, rows_max);
  });
  if (!page) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  View view;
  view.set("title", texts.at("transfers.title"))
      .set("rows", rows_of(page->rows, texts))
      .set("any_rows", !page->rows.empty())
      .set("nothing_yet", page->rows.empty() && !cursor && !page->looked_back_to)
      .set("top", !cursor);
  set_pages(view, "/transfers", "", *page, texts);
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfers", std::move(view));
}

Task<Result<MoneyPages::Events>> MoneyPages::render_transfers(const Live& live) {
  const Scope scope = live.visitor.scope();
  const auto page = co_await parts_.database.read([&](db::Transaction& tx) -> Result<lists::PaymentPage> {
    return lists::list_payments(tx, scope, transfers_only(), {}, rows_max);
  });
  if (!page) co_return std::unexpected(page.error());
  View view;
  view.set("rows", rows_of(page->rows, live.texts)).set("any_rows", !page->rows.empty());
  Events events;
  events.push_back({.event = "transfers", .data = render("dashboard/transfer_rows", view, live.texts)});
  co_return events;
}

Task<http::Response> MoneyPages::show_new_transfer(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path)) co_return *std::move(confirm);
  const Scope scope = visitor.scope();
  const auto balances = co_await parts_.database.read(
      [&](db::Transaction& tx) -> Result<Balances> { return Balances{ledger::balances(tx, scope)}; });
  if (!balances) co_return unavailable(request);
  // The form's one transfer: sent twice, it is the same.
  const TransferForm empty{.reference = new_reference(reference_prefix, parts_.random)};
  View view;
  set_form(view, empty, balances->all, parts_.dashboard.texts(request, visitor));
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_new", std::move(view));
}

// Shows it all once more; or the form again, with what is wrong beside its fields.
Task<http::Response> MoneyPages::check_transfer(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path)) co_return *std::move(confirm);
  const auto form = http::read_form(request);
  if (!form || !is_reference(reference_prefix, form->get("reference"))) co_return see_other(std::string(form_path));
  const Scope scope = visitor.scope();
  const auto balances = co_await parts_.database.read(
      [&](db::Transaction& tx) -> Result<Balances> { return Balances{ledger::balances(tx, scope)}; });
  if (!balances) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  TransferForm transfer = read_transfer(*form, texts);
  const ledger::Balance* balance = transfer.money ? balance_of(balances->all, transfer.money->currency) : nullptr;
  if (transfer.money && (balance == nullptr || balance->available_minor < transfer.money->minor)) {
    transfer.wrong.emplace_back("amount", texts.at("transfers.not_covered"));
  }
  if (transfer.money &&
      !parts_.processor.serves(
          {.mode = scope.mode, .kind = rails::OrderKind::payout, .currency = transfer.money->currency})) {
    transfer.wrong.emplace_back("currency", texts.at("transfers.no_rail"));
  }
  View view;
  set_form(view, transfer, balances->all, texts);
  if (!transfer.wrong.empty() || form->get("change") == "1") {
    co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_new", std::move(view),
                                    transfer.wrong.empty() ? 200 : 422);
  }
  const Money& money = *transfer.money;
  view.set("title", texts.at("transfers.confirm_title"))
      .set("amount", format_money(money, texts))
      .set("to", wallet_text(transfer.network, transfer.number->national()))
      .set("network", transfer.network)
      .set("currency", money.currency.code())
      .set("left", money_text(balance->available_minor - money.minor, money.currency, texts));
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_confirm", std::move(view));
}

Task<http::Response> MoneyPages::make_transfer(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path)) co_return *std::move(confirm);
  const auto form = http::read_form(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  if (!form || !is_reference(reference_prefix, form->get("reference"))) co_return see_other(std::string(form_path));
  const TransferForm transfer = read_transfer(*form, texts);
  // What the page before has let through was altered.
  if (!transfer.wrong.empty()) co_return see_other(std::string(form_path));
  const Scope scope = visitor.scope();
  const auto started = co_await parts_.processor.start_payout({.scope = scope,
                                                               .reference = transfer.reference,
                                                               .amount = *transfer.money,
                                                               .wallet = *transfer.number,
                                                               .network = *transfer.of_network,
                                                               .description = transfer.description,
                                                               .origin = request.origin});
  if (started) {
    const auto* made = std::get_if<processing::Started>(&*started);
    EPAY_CHECK(made != nullptr);  // without an idempotency key there is no stored answer
    parts_.log.info("transfer_made",
                    {{"merchant", visitor.merchant}, {"user", visitor.user}, {"payment", made->payment.id}});
    // The payout itself is the proof; this is for who looks through the account's activity.
    co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) -> Result<> {
      constexpr auto kind = merchants::SecurityEventKind::transfer_made;
      merchants::record_security_event(tx, security_event(request, visitor, kind, made->payment.reference), now);
      return {};
    });
    co_return see_other("/revenue/" + std::to_string(made->payment.id.value) + "?done=transfer_made");
  }
  // The same form once more: the transfer that it has made.
  const auto known = co_await parts_.database.read([&](db::Transaction& tx) -> Result<PaymentId> {
    const auto payment = payments::find_payment(tx, scope, transfer.reference);
    if (!payment) return std::unexpected(payment.error());
    return payment->id;
  });
  if (known) co_return see_other("/revenue/" + std::to_string(known->value));
  if (started.error().code == ErrorCode::unavailable) co_return unavailable(request);
  const auto balances = co_await parts_.database.read(
      [&](db::Transaction& tx) -> Result<Balances> { return Balances{ledger::balances(tx, scope)}; });
  if (!balances) co_return unavailable(request);
  TransferForm refused = transfer;
  const bool not_covered = started.error().code == ErrorCode::insufficient_funds;
  refused.wrong.emplace_back(not_covered ? "amount" : "currency",
                             texts.at(not_covered ? "transfers.not_covered" : "transfers.no_rail"));
  View view;
  set_form(view, refused, balances->all, texts);
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_new", std::move(view), 422);
}

}  // namespace epay::pages::money
