// /revenue/{payment}/refund: money of a payment back to its customer: the form, a look at it all once more, and the
// deed.
#include "payments/refund.h"
#include "base/check.h"
#include "base/utf8.h"
#include "http/form.h"
#include "pages/format.h"
#include "pages/money/form_reference.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/page.h"

namespace epay::pages::money {
namespace {

constexpr std::size_t reason_max = 140;
constexpr std::string_view reference_prefix = "RF-";

std::string form_path(PaymentId id) { return "/revenue/" + std::to_string(id.value) + "/refund"; }

// What was typed, and what it means where it means something.
struct RefundForm {
  std::string amount, reason, reference;
  std::vector<std::pair<std::string, std::string>> wrong;  // field, why
  std::optional<Money> money;
};

RefundForm read_refund(const http::Form& form, const payments::Payment& payment, const Texts& texts) {
  RefundForm refund{
      .amount = field_of(form, "amount"), .reason = field_of(form, "reason"), .reference = field_of(form, "reference")};
  if (const auto money = Money::parse(refund.amount, payment.amount.currency)) {
    refund.money = *money;
    if (money->minor > payment.left_to_refund_minor()) refund.wrong.emplace_back("amount", texts.at("refund.too_much"));
  } else {
    refund.wrong.emplace_back("amount", texts.at("transfers.wrong_amount"));
  }
  if (utf8_length(refund.reason) > reason_max) refund.wrong.emplace_back("reason", texts.at("lists.too_long"));
  return refund;
}

View view_of(const RefundForm& refund, const payments::Payment& payment, const Texts& texts) {
  const Currency& currency = payment.amount.currency;
  View typed, wrong, view;
  typed.set("amount", refund.amount).set("reason", refund.reason);
  for (const auto& [field, why] : refund.wrong) wrong.set(field, why);
  view.set("title", texts.at("refund.title"))
      .set("action", form_path(payment.id))
      .set("back", "/revenue/" + std::to_string(payment.id.value))
      .set("of", payment.reference)
      .set("paid", money_text(payment.amount.minor, currency, texts))
      .set("left", money_text(payment.left_to_refund_minor(), currency, texts))
      .set("partly", payment.refunded_minor > 0)
      .set("to", payment.method == payments::Method::card ? std::string(texts.at("refund.to_card"))
                                                          : wallet_text(payment.wallet_network, payment.wallet_number))
      .set("typed", std::move(typed))
      .set("wrong", std::move(wrong))
      .set("reference", refund.reference);
  return view;
}

// Why a refund was not made, as its maker reads it.
std::string_view refusal_key(ErrorCode code) {
  switch (code) {
    case ErrorCode::insufficient_funds: return "transfers.not_covered";
    case ErrorCode::unsupported: return "refund.no_way";
    default: return "refund.too_much";
  }
}

}  // namespace

Task<Result<payments::Payment>> MoneyPages::refundable(const Request& request, const Visitor& visitor) {
  const auto id = parse_id(request.path_parameters.at(0));
  if (!id) co_return fail(ErrorCode::not_found, "");
  co_return co_await parts_.database.read([&](db::Transaction& tx) -> Result<payments::Payment> {
    auto payment = payments::find_payment(tx, visitor.scope(), PaymentId{*id});
    if (!payment || payment->kind != payments::PaymentKind::payment) return fail(ErrorCode::not_found, "");
    return *std::move(payment);
  });
}

Task<http::Response> MoneyPages::show_refund(Request& request, const Visitor& visitor) {
  const auto payment = co_await refundable(request, visitor);
  if (!payment) co_return payment.error().code == ErrorCode::not_found ? not_found(request) : unavailable(request);
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path(payment->id))) co_return *std::move(confirm);
  const bool none_left = payment->status != payments::PaymentStatus::succeeded || payment->left_to_refund_minor() == 0;
  if (none_left) co_return see_other("/revenue/" + std::to_string(payment->id.value));
  const Money left{payment->left_to_refund_minor(), payment->amount.currency};
  const RefundForm form{.amount = left.to_decimal(), .reference = new_reference(reference_prefix, parts_.random)};
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  co_return parts_.dashboard.page(request, visitor, "dashboard/refund_new", view_of(form, *payment, texts));
}

// Shows it all once more; or the form again, with what is wrong beside its fields; or makes it, once it was confirmed.
Task<http::Response> MoneyPages::make_refund(Request& request, const Visitor& visitor) {
  const auto payment = co_await refundable(request, visitor);
  if (!payment) co_return payment.error().code == ErrorCode::not_found ? not_found(request) : unavailable(request);
  if (auto confirm = parts_.dashboard.confirm_first(visitor, form_path(payment->id))) co_return *std::move(confirm);
  const auto form = http::read_form(request);
  if (!form || !is_reference(reference_prefix, form->get("reference"))) co_return see_other(form_path(payment->id));
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const RefundForm refund = read_refund(*form, *payment, texts);
  if (form->get("confirmed") == "1") co_return co_await send_refund(request, visitor, *payment, *form);
  View view = view_of(refund, *payment, texts);
  if (!refund.wrong.empty() || form->get("change") == "1") {
    co_return parts_.dashboard.page(request, visitor, "dashboard/refund_new", std::move(view),
                                    refund.wrong.empty() ? 200 : 422);
  }
  view.set("title", texts.at("refund.confirm_title")).set("amount", format_money(*refund.money, texts));
  co_return parts_.dashboard.page(request, visitor, "dashboard/refund_confirm", std::move(view));
}

Task<http::Response> MoneyPages::send_refund(Request& request, const Visitor& visitor, payments::Payment payment,
                                             http::Form form) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  RefundForm refund = read_refund(form, payment, texts);
  const Scope scope = visitor.scope();
  // The same form once more: the refund that it has made.
  const auto known = co_await parts_.database.read(
      [&](db::Transaction& tx) { return payments::find_refund(tx, scope, refund.reference); });
  if (known) co_return see_other("/revenue/" + std::to_string(known->refund.id.value));
  if (refund.wrong.empty()) {
    const auto started = co_await parts_.processor.start_refund(
        {.scope = scope,
         .payment_reference = payment.reference,
         .reference = refund.reference,
         .amount = refund.money,
         .reason = refund.reason.empty() ? std::nullopt : std::optional(refund.reason),
         .origin = request.origin});
    if (started) {
      const auto* made = std::get_if<processing::Started>(&*started);
      EPAY_CHECK(made != nullptr);  // without an idempotency key there is no stored answer
      parts_.log.info("refund_made",
                      {{"merchant", visitor.merchant}, {"user", visitor.user}, {"payment", made->payment.id}});
      co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) -> Result<> {
        constexpr auto kind = merchants::SecurityEventKind::refund_made;
        merchants::record_security_event(tx, security_event(request, visitor, kind, made->payment.reference), now);
        return {};
      });
      co_return see_other("/revenue/" + std::to_string(made->payment.id.value) + "?done=refund_made");
    }
    if (started.error().code == ErrorCode::unavailable) co_return unavailable(request);
    refund.wrong.emplace_back("amount", texts.at(refusal_key(started.error().code)));
  }
  co_return parts_.dashboard.page(request, visitor, "dashboard/refund_new", view_of(refund, payment, texts), 422);
}

}  // namespace epay::pages::money
