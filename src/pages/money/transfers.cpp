// /transfers: money out of the wallet, to mobile money or a bank account: the list, the form, a look at it all once
// more, and the deed.
#include "base/check.h"
#include "http/form.h"
#include "ledger/ledger.h"
#include "pages/format.h"
#include "pages/money/form_reference.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/money/transfer_form.h"
#include "pages/page.h"
#include "pages/template.h"

namespace epay::pages::money {
namespace {

constexpr int rows_max = 25;
constexpr std::string_view reference_prefix = "TR-";
constexpr std::string_view form_path = "/transfers/new";

const lists::PaymentFilter& transfers_only() {
  static const lists::PaymentFilter filter{.kind = payments::PaymentKind::payout};
  return filter;
}

const ledger::Balance* balance_of(const std::vector<ledger::Balance>& balances, const Currency& currency) {
  for (const ledger::Balance& balance : balances) {
    if (balance.currency == currency.code()) return &balance;
  }
  return nullptr;
}

// To choose from in the form; all of them are in their own list.
constexpr std::int64_t recipients_shown_max = 200;

TransferChoices read_choices(db::Transaction& tx, Scope scope) {
  return {ledger::balances(tx, scope), payments::latest_recipients(tx, scope, recipients_shown_max)};
}

// A form as it was sent, and what is known where it is answered.
struct Asked {
  TransferChoices choices;
  std::optional<payments::Recipient> recipient;
};
Asked read_asked(db::Transaction& tx, Scope scope, const http::Form& form) {
  Asked asked{read_choices(tx, scope), {}};
  if (const auto id = recipient_of(form)) {
    if (auto found = payments::find_recipient(tx, scope, *id)) asked.recipient = *std::move(found);
  }
  return asked;
}

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
  const auto choices = co_await parts_.database.read(
      [&](db::Transaction& tx) -> Result<TransferChoices> { return read_choices(tx, scope); });
  if (!choices) co_return unavailable(request);
  // The form's one transfer: sent twice, it is the same.
  const TransferForm empty{.to = request.query_parameter("to").value_or("momo"),
                           .reference = new_reference(reference_prefix, parts_.random)};
  View view;
  set_form(view, empty, *choices, parts_.processor.banks(), parts_.dashboard.texts(request, visitor));
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_new", std::move(view));
}

// Whose the account is, for a look at it before anything is sent.
Task<void> MoneyPages::look_up_payee(View& view, TransferForm& transfer, Scope scope, const Texts& texts) {
  const auto holder = co_await parts_.processor.look_up(scope, transfer.money->currency, *transfer.payee);
  const bool bank = transfer.payee->method == payments::Method::bank;
  if (holder && holder->active) {
    if (holder->name) view.set("holder", *holder->name);
    view.set("holder_told", holder->name.has_value());
  } else if (holder || holder.error().code == ErrorCode::not_found) {
    transfer.refuse(transfer.recipient ? "to" : bank ? "account" : "wallet", texts.at("transfers.no_account"));
  } else if (holder.error().code == ErrorCode::unsupported &&
             !parts_.processor.serves({.merchant = scope.merchant,
                                       .mode = scope.mode,
                                       .kind = rails::OrderKind::payout,
                                       .channel = bank ? rails::Channel::bank : rails::Channel::momo,
                                       .currency = transfer.money->currency})) {
    transfer.refuse("currency", texts.at("transfers.no_rail"));
  }
}

// Shows it all once more; or the form again, with what is wrong beside its fields.
Task<http::Response> MoneyPages::check_transfer(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path)) co_return *std::move(confirm);
  const auto form = http::read_form(request);
  if (!form || !is_reference(reference_prefix, form->get("reference"))) co_return see_other(std::string(form_path));
  const Scope scope = visitor.scope();
  const auto asked =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<Asked> { return read_asked(tx, scope, *form); });
  if (!asked) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const rails::Banks& banks = parts_.processor.banks();
  TransferForm transfer = read_transfer(*form, asked->recipient, banks, texts);
  const auto* balance = transfer.money ? balance_of(asked->choices.balances, transfer.money->currency) : nullptr;
  if (transfer.money && (balance == nullptr || balance->available_minor < transfer.money->minor)) {
    transfer.refuse("amount", texts.at("transfers.not_covered"));
  }
  View view;
  const bool change = form->get("change") == "1";
  if (transfer.wrong.empty() && !change) co_await look_up_payee(view, transfer, scope, texts);
  set_form(view, transfer, asked->choices, banks, texts);
  if (!transfer.wrong.empty() || change) {
    co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_new", std::move(view),
                                    transfer.wrong.empty() ? 200 : 422);
  }
  const Money& money = *transfer.money;
  view.set("title", texts.at("transfers.confirm_title"))
      .set("amount", format_money(money, texts))
      .set("payee", account_text(*transfer.payee, banks))
      .set("to", transfer.to)
      .set("network", transfer.network)
      .set("bank", transfer.bank)
      .set("currency", money.currency.code())
      .set("left", money_text(balance->available_minor - money.minor, money.currency, texts));
  if (transfer.recipient) view.set("recipient", transfer.recipient->name);
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_confirm", std::move(view));
}

// What goes with a transfer that was made: who made it, and its payee for the next time where that is wanted.
Task<void> MoneyPages::note_transfer(const Request& request, const Visitor& visitor, const payments::Payment& made,
                                     std::string keep_as, bool holder_told) {
  parts_.log.info("transfer_made", {{"merchant", visitor.merchant}, {"user", visitor.user}, {"payment", made.id}});
  // The payout itself is the proof; this is for who looks through the account's activity.
  co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) -> Result<> {
    constexpr auto kind = merchants::SecurityEventKind::transfer_made;
    merchants::record_security_event(tx, security_event(request, visitor, kind, made.reference), now);
    if (keep_as.empty()) return {};
    const payments::NewRecipient recipient{
        .scope = made.scope,
        .name = keep_as,
        .account = {made.method, made.wallet_number.value_or(""), made.wallet_network.value_or("")},
        .holder_name = made.payee_name,
        .check = holder_told ? payments::HolderCheck::told : payments::HolderCheck::not_asked,
        .now = now};
    // One too many is not kept, and the transfer is made all the same.
    static_cast<void>(payments::keep_recipient(tx, recipient));
    return {};
  });
}

Task<http::Response> MoneyPages::make_transfer(Request& request, const Visitor& visitor) {
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path)) co_return *std::move(confirm);
  const auto form = http::read_form(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  if (!form || !is_reference(reference_prefix, form->get("reference"))) co_return see_other(std::string(form_path));
  const Scope scope = visitor.scope();
  auto asked =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<Asked> { return read_asked(tx, scope, *form); });
  if (!asked) co_return unavailable(request);
  TransferForm transfer = read_transfer(*form, asked->recipient, parts_.processor.banks(), texts);
  // What the page before has let through was altered.
  if (!transfer.wrong.empty()) co_return see_other(std::string(form_path));
  const auto holder = co_await parts_.processor.look_up(scope, transfer.money->currency, *transfer.payee);
  const auto holder_name = holder ? holder->name : std::nullopt;
  const auto started = co_await parts_.processor.start_payout(
      {.scope = scope,
       .reference = transfer.reference,
       .amount = *transfer.money,
       .payee = *transfer.payee,
       .payee_name = !holder_name && transfer.recipient ? std::optional(transfer.recipient->name) : holder_name,
       .description = transfer.description,
       .origin = request.origin});
  if (started) {
    const auto* made = std::get_if<processing::Started>(&*started);
    EPAY_CHECK(made != nullptr);  // without an idempotency key there is no stored answer
    const bool keep = form->get("keep") == "1" && !transfer.recipient;
    const std::string keep_as = keep ? field_of(*form, "keep_as").substr(0, payments::holder_name_max) : "";
    co_await note_transfer(request, visitor, made->payment, keep_as, holder.has_value());
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
  const bool not_covered = started.error().code == ErrorCode::insufficient_funds;
  transfer.refuse(not_covered ? "amount" : "currency",
                  texts.at(not_covered ? "transfers.not_covered" : "transfers.no_rail"));
  View view;
  set_form(view, transfer, asked->choices, parts_.processor.banks(), texts);
  co_return parts_.dashboard.page(request, visitor, "dashboard/transfer_new", std::move(view), 422);
}

}  // namespace epay::pages::money
