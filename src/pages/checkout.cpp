#include "pages/checkout.h"
#include "pages/networks.h"

#include "pages/checkout_frame.h"

namespace epay::pages {
namespace {

constexpr minutes limits_within{10};
// A prompt is not sent again sooner than this.
constexpr seconds resend_after{30};
constexpr seconds views_kept{5};

}  // namespace

CheckoutPages::CheckoutPages(CheckoutServices services)
    : clock_(services.clock),
      random_(services.random),
      log_(services.log),
      database_(services.database),
      members_(services.members),
      processor_(services.processor),
      vault_(services.vault),
      on_mail_(std::move(services.on_mail)),
      attempts_by_address_(services.options.attempts_per_address, limits_within),
      resends_(1, resend_after),
      flush_(services.clock),
      tasks_(services.clock, services.log, "checkout") {}

void CheckoutPages::add_routes(http::Router& router) {
  const auto add = [&](std::string_view method, std::string_view pattern,
                       Task<http::Response> (CheckoutPages::*handler)(http::Request&)) {
    router.add(method, pattern, [this, handler](http::Request& request) { return (this->*handler)(request); });
  };
  add("GET", "/pay/{slug}", &CheckoutPages::show_page);
  add("POST", "/pay/{slug}", &CheckoutPages::pay_page);
  add("GET", "/checkout/{token}", &CheckoutPages::show_checkout);
  add("POST", "/checkout/{token}", &CheckoutPages::act);
  add("GET", "/checkout/{token}/events", &CheckoutPages::stream_state);
  add("GET", "/checkout/{token}/state", &CheckoutPages::tell_state);
  add("GET", "/checkout/{token}/return", &CheckoutPages::return_to_merchant);
}

void CheckoutPages::start() { tasks_.spawn(run_view_counter()); }

Task<void> CheckoutPages::stop(Ticks due) {
  stopping_ = true;
  flush_.notify();
  co_await tasks_.wait_empty(due);
}

// Views are many and worth little: they are written down together, and a crash may lose a few.
Task<void> CheckoutPages::run_view_counter() {
  while (!stopping_) {
    co_await flush_.wait();
    if (!stopping_) co_await flush_.wait_until(clock_.ticks() + views_kept);
    co_await flush_views();
  }
}

Task<void> CheckoutPages::flush_views() {
  const auto views = std::exchange(views_, {});
  if (views.empty()) co_return;
  const auto written = co_await database_.write([&views](db::Transaction& tx) -> Result<> {
    for (const auto& [page, count] : views) payments::count_views(tx, page, count);
    return {};
  });
  if (!written) log_.warning("page_views_lost", {{"error", written.error().message}});
}

Task<Result<payments::Checkout>> CheckoutPages::find(std::string token) {
  if (!payments::is_checkout_token(token)) co_return fail(ErrorCode::not_found, "There is no such checkout");
  auto checkout = co_await database_.read([&token](db::Transaction& tx) { return payments::find_checkout(tx, token); });
  const bool chosen = checkout && checkout->payment.method != payments::Method::undecided;
  if (chosen && checkout->may_begin(clock_.now())) checkout->surcharge_minor = co_await surcharge_of(*checkout);
  co_return checkout;
}

// Where nothing can be said now, beginning says it.
Task<std::int64_t> CheckoutPages::surcharge_of(const payments::Checkout& checkout) {
  const payments::Payment& payment = checkout.payment;
  const bool card = payment.method == payments::Method::card;
  const auto surcharge =
      co_await processor_.surcharge({.scope = payment.scope,
                                     .payment = payment.id,
                                     .amount = payment.amount,
                                     .channel = card ? rails::Channel::card : rails::Channel::momo,
                                     .network = rails::find_network(payment.wallet_network.value_or(""))});
  co_return surcharge.value_or(0);
}

Methods CheckoutPages::methods_of(Scope scope, const Currency& currency) const {
  Methods methods;
  rails::Need need{.merchant = scope.merchant, .mode = scope.mode, .currency = currency};
  for (const NetworkChoice& choice : network_choices()) {
    // Wallets are of Ghana's networks.
    if (currency != Currency::ghs()) break;
    need.network = choice.name;
    if (const auto condition = processor_.condition(need)) methods.networks[choice.name] = condition->standing;
  }
  methods.momo = !methods.networks.empty();
  need.channel = rails::Channel::card;
  need.network = "";
  if (const auto condition = processor_.condition(need)) {
    methods.card = true;
    methods.card_standing = condition->standing;
  }
  return methods;
}

http::Response CheckoutPages::problem(const http::Request& request, const Error& error) {
  const Texts& texts = texts_for(request);
  const bool unknown = error.code == ErrorCode::not_found;
  const std::string kind = unknown ? "ended.unknown" : "ended.unavailable";
  View view;
  view.set("heading", texts.at(kind + "_title")).set("text", texts.at(kind + "_text")).set("tone", "quiet");
  const int status = unknown ? 404 : error.code == ErrorCode::invalid ? 400 : 503;
  return render_checkout(request, "checkout/ended", std::move(view), texts, random_,
                         {.title = std::string(texts.at(kind + "_title")), .status = status});
}

}  // namespace epay::pages
