#include "pages/simulator_card.h"

#include "base/html.h"

namespace epay::pages {
namespace {

using rails::simulator::OrderStatus;
using rails::simulator::SimulatedOrder;

constexpr std::string_view style =
    ":root{color-scheme:light dark}*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;font:16px/1.5 system-ui,sans-serif;"
    "background:#f1f5f9;color:#0f172a}"
    "main{width:100%;max-width:400px;background:#fff;border-radius:16px;padding:28px;"
    "box-shadow:0 1px 2px #0f172a14,0 12px 32px #0f172a1f}"
    "small{display:inline-block;background:#fef3c7;color:#78350f;border-radius:999px;padding:2px 12px;font-weight:600}"
    "h1{font-size:18px;margin:20px 0 0;font-weight:500;color:#475569}"
    "p{margin:0}.amount{font-size:clamp(24px,9vw,36px);overflow-wrap:anywhere;line-height:1.2;font-weight:700;letter-"
    "spacing:-.02em;margin:2px 0 4px}"
    ".reference{color:#475569;overflow-wrap:anywhere;font-size:14px}"
    "form{display:grid;gap:10px;margin-top:24px}"
    "button{font:inherit;font-weight:600;min-height:48px;border-radius:10px;border:1px solid #cbd5e1;cursor:pointer;"
    "background:transparent;color:inherit}"
    "button[value=approve]{background:#047857;border-color:#047857;color:#fff}"
    "button:focus-visible{outline:3px solid #0ea5e9;outline-offset:2px}"
    ".done{margin-top:24px;padding:14px 16px;border-radius:10px;background:#ecfdf5;color:#064e3b;font-weight:600}"
    ".done.failed{background:#fef2f2;color:#7f1d1d}"
    "@media(prefers-color-scheme:dark){body{background:#0b1220;color:#e2e8f0}main{background:#162032;box-shadow:none}"
    "h1,.reference{color:#a3b1c6}button{border-color:#475569}}";

// "GHS 1,250.50": as people write it, with all its decimals.
std::string amount_text(const Money& amount) {
  const auto exponent = static_cast<std::size_t>(amount.currency.exponent());
  std::string digits = std::to_string(amount.minor);
  if (digits.size() <= exponent) digits.insert(0, exponent + 1 - digits.size(), '0');
  const std::size_t whole = digits.size() - exponent;
  if (exponent > 0) digits.insert(whole, 1, '.');
  for (std::size_t at = whole; at > 3;) digits.insert(at -= 3, 1, ',');
  return std::string(amount.currency.code()) + " " + digits;
}

std::string content_of(const SimulatedOrder& order) {
  switch (order.status) {
    case OrderStatus::awaiting_customer:
    case OrderStatus::deciding:
      return "<form method=\"post\"><button name=\"decision\" value=\"approve\">Approve</button>"
             "<button name=\"decision\" value=\"decline\">Decline</button></form>";
    case OrderStatus::succeeded: return "<p class=\"done\" role=\"status\">Approved. You can close this page.</p>";
    case OrderStatus::failed: return "<p class=\"done failed\" role=\"status\">Declined. No money has moved.</p>";
  }
  return "";
}

// To the checkout that sent the customer here; to no other place.
std::optional<std::string> way_back(const http::Request& request) {
  auto url = request.query_parameter("return");
  if (!url || !url->starts_with(request.origin + "/checkout/")) return std::nullopt;
  return url;
}

http::Response page(int status, const std::string& title, const std::string& content) {
  auto response = http::Response::html(
      status, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title +
                  "</title><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                  "<meta name=\"robots\" content=\"noindex\"><style>" +
                  std::string(style) + "</style></head><body><main><small>Test card, no real money</small>" + content +
                  "</main></body></html>");
  response.headers.add("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response show(const Result<SimulatedOrder>& order) {
  if (!order) {
    const bool gone = order.error().code == ErrorCode::not_found;
    return page(
        gone ? 404 : 503, gone ? "No such payment" : "Try again",
        gone ? "<h1>There is no such card payment.</h1>" : "<h1>This does not work right now. Please try again.</h1>");
  }
  return page(200, "Card payment",
              "<h1>Pay by card</h1><p class=\"amount\">" + escape_html(amount_text(order->amount)) +
                  "</p><p class=\"reference\">" + escape_html(order->reference) + "</p>" + content_of(*order));
}

}  // namespace

void add_simulator_card(http::Router& router, rails::simulator::Simulator& simulator) {
  static constexpr const char* path = "/simulator/cards/{reference}";
  router.add("GET", path, [&simulator](http::Request& request) -> Task<http::Response> {
    co_return show(co_await simulator.find_card_order(request.path_parameters.at(0)));
  });
  router.add("POST", path, [&simulator](http::Request& request) -> Task<http::Response> {
    const auto form = http::parse_form(request.body);
    const std::string decision =
        form && form->size() == 1 && form->front().first == "decision" ? form->front().second : "";
    if (decision != "approve" && decision != "decline") {
      co_return page(400, "Try again", "<h1>Please approve or decline.</h1>");
    }
    const auto decided = co_await simulator.decide_card(request.path_parameters.at(0), decision == "approve");
    if (!decided) co_return show(decided);
    // To the page by GET, so that a reload sends nothing again.
    auto response = http::Response::text(303, "");
    response.headers.add("Location", way_back(request).value_or(request.path));
    response.headers.add("Cache-Control", "no-store");
    co_return response;
  });
}

}  // namespace epay::pages
