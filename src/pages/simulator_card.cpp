#include "pages/simulator_card.h"

#include "http/form.h"
#include "pages/format.h"
#include "pages/page.h"

namespace epay::pages {
namespace {

using rails::simulator::OrderStatus;
using rails::simulator::SimulatedOrder;

http::Response show_message(const http::Request& request, int status, const std::string& key, Random& random) {
  const Texts& texts = texts_for(request);
  const std::string title = "card." + key + "_title";
  View view;
  view.set("title", texts.at(texts.has(title) ? title : "card.page_title")).set("message", texts.at("card." + key));
  return render_page(request, "simulator/card", std::move(view), texts, random, {.status = status});
}

// To the checkout that sent the customer here; to no other place.
std::optional<std::string> way_back(const http::Request& request) {
  auto url = request.query_parameter("return");
  if (!url || !url->starts_with(request.origin + "/checkout/")) return std::nullopt;
  return url;
}

http::Response show(const http::Request& request, const Result<SimulatedOrder>& order, Random& random) {
  if (!order) {
    const bool gone = order.error().code == ErrorCode::not_found;
    return show_message(request, gone ? 404 : 503, gone ? "none" : "unavailable", random);
  }
  const Texts& texts = texts_for(request);
  View shown;
  shown.set("amount", format_money(order->amount, texts))
      .set("reference", order->reference)
      .set("open", order->is_open())
      .set("approved", order->status == OrderStatus::succeeded)
      .set("declined", order->status == OrderStatus::failed);
  View view;
  view.set("title", texts.at("card.page_title")).set("order", std::move(shown));
  return render_page(request, "simulator/card", std::move(view), texts, random);
}

}  // namespace

void add_simulator_card(http::Router& router, rails::simulator::Simulator& simulator, Random& random) {
  static constexpr const char* path = "/simulator/cards/{reference}";
  router.add("GET", path, [&simulator, &random](http::Request& request) -> Task<http::Response> {
    const auto order = co_await simulator.find_card_order(request.path_parameters.at(0));
    co_return show(request, order, random);
  });
  router.add("POST", path, [&simulator, &random](http::Request& request) -> Task<http::Response> {
    const auto form = http::read_form(request);
    const std::string decision(form ? form->get("decision") : "");
    if (decision != "approve" && decision != "decline") co_return show_message(request, 400, "choose", random);
    const auto decided = co_await simulator.decide_card(request.path_parameters.at(0), decision == "approve");
    if (!decided) co_return show(request, decided, random);
    co_return see_other(way_back(request).value_or(request.path));
  });
}

}  // namespace epay::pages
