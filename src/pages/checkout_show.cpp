// GET /checkout/{token}: where the payment stands, whatever has happened.
#include "images/qr.h"
#include "pages/checkout.h"
#include "pages/checkout_frame.h"
#include "pages/checkout_state.h"
#include "pages/format.h"
#include "pages/logos.h"
#include "pages/networks.h"

namespace epay::pages {
namespace {

using payments::Checkout;

// A prompt on a telephone is good for about this long (RAILS §4.3); the rail's word counts, not ours.
constexpr minutes prompt_life{5};
constexpr int look_again_after = 5;  // seconds, in browsers without script

std::string method_text(payments::Method method, const std::optional<std::string>& network, const Texts& texts) {
  if (method == payments::Method::card) return std::string(texts.at("pay.card"));
  return network_label(network.value_or(""));
}

// What every state shows: who is paid, how much, for what.
View summary(const Checkout& checkout, const Texts& texts) {
  const payments::Payment& payment = checkout.payment;
  View view;
  view.set("merchant", checkout.merchant_name)
      .set("monogram", monogram_of(checkout.merchant_name))
      .set("amount", format_money(checkout.total(), texts))
      .set("reference", payment.reference);
  if (const std::int64_t fee = checkout.total().minor - payment.amount.minor; fee > 0) {
    view.set("with_fee", texts.format("pay.with_fee", {{"amount", format_money(payment.amount, texts)},
                                                       {"fee", format_money({fee, payment.amount.currency}, texts)}}));
  }
  if (checkout.page) {
    view.set("page_name", checkout.page->settings.name).set("start_over", "/pay/" + checkout.page->slug);
  }
  auto logo = checkout.page ? checkout.page->settings.logo : std::nullopt;
  if (!logo) logo = checkout.merchant_logo;
  if (logo) view.set("logo", image_url(payment.scope.merchant, *logo));
  if (payment.description) view.set("description", *payment.description);
  return view;
}

void add_momo(View& view, const std::string& number, const std::string& network, const Texts& texts) {
  view.set("number", spaced_number(number)).set("network", network_label(network)).set("test_phone", number);
  std::vector<View> steps;
  const auto known = rails::find_network(network);
  if (known) {
    for (std::string& step : steps_of("approval." + std::string(known->name), texts))
      steps.push_back(View().set("step", std::move(step)));
  }
  view.set("steps", std::move(steps));
}

void add_waiting(View& view, const Checkout& checkout, Timestamp now, const Texts& texts) {
  const payments::Attempt& attempt = checkout.attempts.back();
  if (attempt.method.value_or(checkout.payment.method) == payments::Method::card) {
    view.set("card", true);
  } else {
    add_momo(view, attempt.wallet_number.value_or(""), attempt.wallet_network.value_or(""), texts);
    view.set("momo", true);
  }
  const microseconds left = attempt.created_at + prompt_life - now;
  const auto seconds_left = std::max<std::int64_t>(0, std::chrono::duration_cast<seconds>(left).count());
  view.set("seconds_left", std::to_string(seconds_left));
  if (seconds_left == 0) view.set("overdue", true);
  if (attempt.status == payments::AttemptStatus::unknown) view.set("unknown", true);
  view.set("page_ends", format_time(checkout.payment.expires_at, texts));
}

void add_confirming(View& view, const Checkout& checkout, const Texts& texts) {
  const payments::Payment& payment = checkout.payment;
  const std::string number = payment.wallet_number.value_or(""), network = payment.wallet_network.value_or("");
  view.set("attempt", std::to_string(checkout.next_number()))
      .set("surcharge", std::to_string(checkout.surcharge_minor))
      .set("wallet_number", number)
      .set("wallet_network", network);
  if (payment.method == payments::Method::card) {
    view.set("card", true);
    return;
  }
  view.set("momo", true);
  add_momo(view, number, network, texts);
  view.set("prompt_text", texts.format("confirm_payment.prompt", {{"amount", format_money(checkout.total(), texts)},
                                                                  {"number", spaced_number(number)}}));
  const auto known = rails::find_network(network);
  if (!known || !known->needs_voucher) return;
  std::vector<View> steps;
  for (std::string& step : steps_of("voucher." + std::string(known->name), texts))
    steps.push_back(View().set("step", std::move(step)));
  view.set("voucher_steps", View().set("list", std::move(steps)));
}

View row(std::string_view label, std::string value) {
  return View().set("label", label).set("value", std::move(value));
}

std::vector<View> receipt_rows(const Checkout& checkout, const Texts& texts) {
  const payments::Payment& payment = checkout.payment;
  std::vector<View> rows;
  if (checkout.page) rows.push_back(row(texts.at("receipt.for"), checkout.page->settings.name));
  if (payment.description) rows.push_back(row(texts.at("receipt.description"), *payment.description));
  rows.push_back(row(texts.at("receipt.paid_by"), checkout.customer.name));
  if (const std::int64_t fee = checkout.total().minor - payment.amount.minor; fee > 0) {
    rows.push_back(row(texts.at("receipt.amount"), format_money(payment.amount, texts)));
    rows.push_back(row(texts.at("receipt.fee"), format_money({fee, payment.amount.currency}, texts)));
  }
  std::string method = method_text(payment.method, payment.wallet_network, texts);
  if (payment.wallet_number && payment.method == payments::Method::momo)
    method += " · " + spaced_number(*payment.wallet_number);
  rows.push_back(row(texts.at("receipt.method"), method));
  for (const payments::Answer& answer : checkout.answers)
    rows.push_back(
        row(answer.label, answer.value == payments::ticked ? std::string(texts.at("receipt.yes")) : answer.value));
  rows.push_back(row(texts.at("receipt.date"), format_time(payment.updated_at, texts)));
  rows.push_back(row(texts.at("receipt.reference"), payment.reference));
  return rows;
}

// How the last attempt failed, where the customer may try again.
std::optional<std::string> failed_attempt(const Checkout& checkout, const Texts& texts) {
  if (checkout.attempts.empty()) return std::nullopt;
  const payments::Attempt& last = checkout.attempts.back();
  if (last.status != payments::AttemptStatus::failed) return std::nullopt;
  return std::string(texts.at(failure_key(last.failure.value_or(""))));
}

// What is known of how it will be paid: chosen before, or the telephone given.
void fill_choice(CheckoutForm& form, const Checkout& checkout) {
  const payments::Payment& payment = checkout.payment;
  form.set("method", std::string(payments::wire_name(payment.method)));
  if (payment.wallet_number) {
    form.set("number", *payment.wallet_number);
  } else if (const auto number = PhoneNumber::parse(checkout.customer.telephone)) {
    form.set("number", number->national());
  }
  if (const auto network = rails::find_network(payment.wallet_network.value_or("")))
    form.set("network", std::string(network->name));
}

std::string_view template_of(CheckoutState state) {
  switch (state) {
    case CheckoutState::choosing: return "checkout/choose";
    case CheckoutState::confirming: return "checkout/confirm";
    case CheckoutState::waiting:
    case CheckoutState::code:
    case CheckoutState::card:
    case CheckoutState::review: return "checkout/waiting";
    case CheckoutState::paid: return "checkout/receipt";
    case CheckoutState::failed:
    case CheckoutState::expired: return "checkout/ended";
  }
  return "checkout/ended";
}

}  // namespace

void CheckoutPages::add_state(View& view, const http::Request& request, const Checkout& checkout, CheckoutState state,
                              const CheckoutForm& form, const Texts& texts) {
  const Timestamp now = clock_.now();
  switch (state) {
    case CheckoutState::choosing: {
      CheckoutForm filled = form;
      if (filled.values().empty()) fill_choice(filled, checkout);
      view.set("methods", filled.methods_view(methods_of(checkout.payment.scope, checkout.payment.amount.currency)));
      if (const auto failure = failed_attempt(checkout, texts)) view.set("failure", *failure);
      view.set("attempt", std::to_string(checkout.next_number()));
      return;
    }
    case CheckoutState::confirming:
      add_confirming(view, checkout, texts);
      view.set("voucher", form.field("voucher"));
      return;
    case CheckoutState::code: view.set("code", form.field("code")); return add_waiting(view, checkout, now, texts);
    case CheckoutState::card:
      view.set("redirect_url", checkout.attempts.back().redirect_url.value_or(""));
      return add_waiting(view, checkout, now, texts);
    case CheckoutState::review: view.set("review", true); return add_waiting(view, checkout, now, texts);
    case CheckoutState::waiting: view.set("approving", true); return add_waiting(view, checkout, now, texts);
    case CheckoutState::paid: return add_receipt(view, request, checkout, texts);
    case CheckoutState::failed:
    case CheckoutState::expired: break;
  }
  const std::string kind = state == CheckoutState::failed ? "ended.failed" : "ended.expired";
  view.set("heading", texts.at(kind + "_title"))
      .set("text", texts.format(kind + "_text", {{"merchant", checkout.merchant_name}}))
      .set("tone", "bad");
  if (const auto failure = failed_attempt(checkout, texts)) view.set("failure", *failure);
}

void CheckoutPages::add_receipt(View& view, const http::Request& request, const Checkout& checkout,
                                const Texts& texts) {
  view.set("rows", receipt_rows(checkout, texts))
      .set("email", checkout.customer.email)
      .set("paid_text", texts.format("receipt.paid_to", {{"merchant", checkout.merchant_name}}))
      .set("qr", images::qr_svg(request.origin + "/checkout/" + checkout.token, texts.at("receipt.qr")));
  if (checkout.page && checkout.page->settings.success_message)
    view.set("success_message", *checkout.page->settings.success_message);
}

http::Response CheckoutPages::show(const http::Request& request, const Checkout& checkout, const CheckoutForm& form,
                                   Notice notice, Wanted wanted) {
  const Texts& texts = texts_for(request);
  const CheckoutState state = state_of(checkout, clock_.now(), wanted);
  const std::string path = "/checkout/" + checkout.token;
  View view = summary(checkout, texts);
  view.set("state", name_of(state))
      .set("status", payments::wire_name(checkout.payment.status))
      .set("revision", revision_of(checkout, state))
      .set("over", is_over(state));
  if (!form.good()) view.set("errors", View().set("list", form.errors()));
  if (!notice.text.empty()) view.set(notice.is_error ? "alert" : "notice", notice.text);
  if (checkout.redirect_url) view.set("return_url", with_kept_query(request, path + "/return"));
  view.set("path", path);
  add_state(view, request, checkout, state, form, texts);
  CheckoutFrame frame{.title = std::string(texts.at("checkout_title." + std::string(name_of(state)))),
                      .mode = checkout.payment.scope.mode,
                      .status = notice.status,
                      .frame_ancestors = frame_ancestors_of(checkout.page)};
  if (notice.status == 200 && state == CheckoutState::expired) frame.status = 410;
  const bool looks_again = state == CheckoutState::waiting || state == CheckoutState::card;
  if (looks_again) frame.refresh_after = look_again_after;
  return render_checkout(request, template_of(state), std::move(view), texts, random_, std::move(frame));
}

Task<http::Response> CheckoutPages::show_checkout(http::Request& request) {
  const auto checkout = co_await find(request.path_parameters.at(0));
  if (!checkout) co_return problem(request, checkout.error());
  const Texts& texts = texts_for(request);
  Notice notice;
  const auto said = request.query_parameter("notice");
  for (const std::string_view known : {"sent", "mailed"}) {
    if (said == known) notice.text = texts.at("checkout_notice." + std::string(known));
  }
  const Wanted wanted = request.query_parameter("change")    ? Wanted::choosing
                        : request.query_parameter("confirm") ? Wanted::confirming
                                                             : Wanted::what_stands;
  co_return show(request, *checkout, CheckoutForm(texts), std::move(notice), wanted);
}

}  // namespace epay::pages
