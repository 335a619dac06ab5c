// POST /checkout/{token}: what a customer does. Each answer leads back to the page by GET, so that a reload sends
// nothing again.
#include <charconv>

#include "pages/checkout.h"
#include "pages/checkout_frame.h"
#include "pages/checkout_state.h"

namespace epay::pages {
namespace {

constexpr int unprocessable = 422;
// A rail that answers this soon spares its customer a page.
constexpr seconds reply_waited_for{3};

std::string path_of(const payments::Checkout& checkout) { return "/checkout/" + checkout.token; }

// What the form has shown on top of the amount.
std::int64_t shown_surcharge(const CheckoutForm& form) {
  const std::string_view text = form.value("surcharge");
  std::int64_t minor = 0;
  std::from_chars(text.data(), text.data() + text.size(), minor);
  return minor;
}

bool still_on_its_way(const payments::Attempt& attempt) { return attempt.status == payments::AttemptStatus::created; }

}  // namespace

Task<http::Response> CheckoutPages::act(http::Request& request) {
  const Texts& texts = texts_for(request);
  auto checkout = co_await find(request.path_parameters.at(0));
  if (!checkout) co_return problem(request, checkout.error());
  auto form = CheckoutForm::read(request, texts);
  if (!form) co_return problem(request, {ErrorCode::invalid, "no form"});
  const std::string action(form->value("action"));
  if (action == "choose") co_return co_await choose(request, *std::move(checkout), *std::move(form));
  if (action == "pay") co_return co_await begin(request, *std::move(checkout), *std::move(form));
  if (action == "code") co_return co_await submit_code(request, *std::move(checkout), *std::move(form));
  if (action == "resend") co_return co_await resend(request, *std::move(checkout));
  if (action == "cancel") co_return co_await cancel(request, *std::move(checkout));
  if (action == "receipt") co_return co_await send_receipt(request, *std::move(checkout));
  co_return see_other(with_kept_query(request, path_of(*checkout)));
}

// How it is to be paid. A card goes on at once, where it costs nothing more: nobody is disturbed by it.
Task<http::Response> CheckoutPages::choose(http::Request& request, payments::Checkout checkout, CheckoutForm form) {
  const payments::Payment payment = checkout.payment;
  if (!checkout.may_begin(clock_.now())) co_return see_other(with_kept_query(request, path_of(checkout)));
  const MethodChoice method = form.method(methods_of(payment.scope, payment.amount.currency));
  if (!form.good()) co_return show(request, checkout, form, {.status = unprocessable}, Wanted::choosing);
  const bool card = method.channel == rails::Channel::card;
  const payments::Choice choice = card ? payments::Choice{.method = payments::Method::card}
                                       : payments::Choice{payments::Method::momo, method.wallet->national(),
                                                          std::string(method.network->wire_name)};
  if (card) {
    checkout.payment.method = payments::Method::card;
    checkout.payment.wallet_network.reset();
    checkout.surcharge_minor = co_await surcharge_of(checkout);
    if (checkout.surcharge_minor == 0) co_return co_await begin(request, std::move(checkout), std::move(form));
  }
  const Timestamp now = clock_.now();
  const auto chosen =
      co_await database_.write([&](db::Transaction& tx) { return payments::choose(tx, payment, choice, now); });
  if (!chosen && chosen.error().code == ErrorCode::unavailable) co_return problem(request, chosen.error());
  // The same number again is meant: the customer has looked at it.
  co_return see_other(with_kept_query(request, path_of(checkout), "confirm=1"));
}

std::optional<std::string> CheckoutPages::limit_attempt(const http::Request& request, MerchantId merchant,
                                                        const MethodChoice& method, const Texts& texts) {
  const Ticks now = clock_.ticks();
  if (const auto wait = attempts_by_address_.take(request.client.to_string(), now, members_.living()))
    return wait_message("pay_error.too_many_from_here", *wait, texts);
  if (!method.wallet) return std::nullopt;
  if (const auto wait = processor_.take_prompt(merchant, *method.wallet))
    return wait_message("pay_error.too_many_prompts", *wait, texts);
  return std::nullopt;
}

// Begins the attempt that the form is for; a form that was sent before begins nothing.
Task<http::Response> CheckoutPages::begin(http::Request& request, payments::Checkout checkout, CheckoutForm form) {
  constexpr int too_many = 429, unavailable = 503;
  const Texts& texts = texts_for(request);
  const payments::Payment& payment = checkout.payment;
  const bool its_turn =
      checkout.may_begin(clock_.now()) && form.value("attempt") == std::to_string(checkout.next_number());
  if (!its_turn) co_return see_other(with_kept_query(request, path_of(checkout)));
  const MethodChoice method = form.method(methods_of(payment.scope, payment.amount.currency));
  if (!form.good()) co_return show(request, checkout, form, {.status = unprocessable}, Wanted::choosing);
  std::optional<std::string> voucher;
  if (method.network && method.network->needs_voucher) voucher = form.voucher();
  if (!form.good()) co_return show(request, checkout, form, {.status = unprocessable}, Wanted::confirming);
  if (auto refusal = limit_attempt(request, payment.scope.merchant, method, texts))
    co_return show(request, checkout, form, {.text = *std::move(refusal), .is_error = true, .status = too_many},
                   Wanted::confirming);

  processing::Processor::Watch watch(processor_, payment.scope, payment.id);
  const std::string address = request.origin + path_of(checkout);
  const auto open = co_await processor_.begin_attempt({.scope = payment.scope,
                                                       .payment = payment.id,
                                                       .number = checkout.next_number(),
                                                       .amount = payment.amount,
                                                       .channel = method.channel,
                                                       .wallet = method.wallet,
                                                       .network = method.network,
                                                       .voucher = voucher,
                                                       .surcharge_minor = shown_surcharge(form),
                                                       .origin = request.origin,
                                                       .return_url = with_kept_query(request, address)});
  const bool conflict = !open && open.error().code == ErrorCode::conflict;
  if (!open && !conflict) {
    co_return show(request, checkout, form,
                   {.text = std::string(texts.at("pay_error.try_again")), .is_error = true, .status = unavailable});
  }
  if (open) co_await wait_for_reply(watch, open->attempt.key);
  // The fragment tells the page's script, and no server, that the customer has just come from here.
  const char* goes_on = method.channel == rails::Channel::card ? "#go" : "";
  co_return see_other(with_kept_query(request, path_of(checkout)) + goes_on);
}

Task<void> CheckoutPages::wait_for_reply(processing::Processor::Watch& watch, payments::AttemptKey key) {
  const Ticks due = clock_.ticks() + reply_waited_for;
  for (;;) {
    const auto stands =
        co_await database_.read([&key](db::Transaction& tx) { return payments::find_attempt(tx, key); });
    if (!stands || !still_on_its_way(stands->attempt) || clock_.ticks() >= due) co_return;
    if (!co_await watch.changed(due)) co_return;
  }
}

Task<http::Response> CheckoutPages::submit_code(http::Request& request, payments::Checkout checkout,
                                                CheckoutForm form) {
  const Texts& texts = texts_for(request);
  if (state_of(checkout, clock_.now()) != CheckoutState::code)
    co_return see_other(with_kept_query(request, path_of(checkout)));
  const std::string code = form.code();
  if (!form.good()) co_return show(request, checkout, form, {.status = unprocessable});
  const auto submitted = co_await processor_.submit_input(checkout.payment.scope, checkout.payment.reference, code);
  const bool again = !submitted && submitted.error().code != ErrorCode::conflict;
  if (again) {
    const bool wrong = submitted.error().code == ErrorCode::invalid;
    co_return show(request, checkout, form,
                   {.text = std::string(texts.at(wrong ? "attempt_failure.wrong_code" : "pay_error.try_again")),
                    .is_error = true,
                    .status = wrong ? 422 : 503});
  }
  co_return see_other(with_kept_query(request, path_of(checkout)));
}

Task<http::Response> CheckoutPages::resend(http::Request& request, payments::Checkout checkout) {
  const Texts& texts = texts_for(request);
  const bool waiting = state_of(checkout, clock_.now()) == CheckoutState::waiting && !checkout.attempts.empty() &&
                       checkout.attempts.back().wallet_number.has_value();
  if (!waiting) co_return see_other(with_kept_query(request, path_of(checkout)));
  const payments::Attempt& attempt = checkout.attempts.back();
  const CheckoutForm empty(texts);
  const auto refuse = [&](std::string text, int status) {
    return show(request, checkout, empty, {.text = std::move(text), .is_error = true, .status = status});
  };
  if (resends_.take(payments::rail_reference_of(attempt.key), clock_.ticks()))
    co_return refuse(std::string(texts.at("pay_error.just_sent")), 429);
  if (const auto number = PhoneNumber::parse(*attempt.wallet_number)) {
    if (const auto wait = processor_.take_prompt(checkout.payment.scope.merchant, *number))
      co_return refuse(wait_message("pay_error.too_many_prompts", *wait, texts), 429);
  }
  const auto sent = co_await processor_.resend_prompt(checkout.payment.scope, checkout.payment.id, request.origin);
  if (!sent && sent.error().code == ErrorCode::unsupported)
    co_return refuse(std::string(texts.at("pay_error.only_once")), 409);
  if (!sent && sent.error().code == ErrorCode::unavailable)
    co_return refuse(std::string(texts.at("pay_error.try_again")), 503);
  // Whatever else stood in the way shows in the page: it has been decided, or is just being asked.
  co_return see_other(with_kept_query(request, path_of(checkout), sent ? "notice=sent" : ""));
}

Task<http::Response> CheckoutPages::cancel(http::Request& request, payments::Checkout checkout) {
  const auto ended = co_await processor_.give_up(checkout.payment.scope, checkout.payment.id);
  if (!ended && ended.error().code == ErrorCode::unavailable) co_return problem(request, ended.error());
  co_return see_other(with_kept_query(request, path_of(checkout)));
}

}  // namespace epay::pages
