// The page on which Paystack's customers pay, as small as it can be.
#include "base/html.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/paystack/service.h"
#include "emulators/replies.h"
#include "http/client.h"
#include "http/form.h"

namespace epay::emulators::paystack {
namespace {

constexpr std::size_t access_code_length = 15;

// Cards of the vendor's test data (RAILS §2.1.6), and what comes of them.
struct Card {
  std::string_view number, failure;
};
constexpr Card cards[] = {
    {"4084084084084081", ""},
    {"4084080000005408", "DECLINED"},
    {"4084080000670037", "INSUFFICIENT_FUNDS"},
};

std::string failure_of_card(std::string_view number) {
  for (const Card& card : cards) {
    if (card.number == number) return std::string(card.failure);
  }
  return "";
}

std::string page(const Order& order, std::string_view note) {
  const std::string amount = std::string(order.amount.currency.code()) + " " + order.amount.to_decimal();
  std::string html =
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Paystack (emulated)</title></head><body>"
      "<h1>Pay " +
      escape_html(amount) + "</h1><p>" + escape_html(order.detail_text("email")) + "</p>";
  if (!note.empty()) html += "<p role=\"alert\">" + escape_html(note) + "</p>";
  if (order.status != Status::waiting) return html + "</body></html>";
  return html +
         "<form method=\"post\"><label>Card <input name=\"card\" value=\"4084084084084081\"></label>"
         "<label>Or mobile money number <input name=\"phone\"></label>"
         "<button name=\"action\" value=\"pay\">Pay</button><button name=\"action\" value=\"fail\">Fail</button>"
         "<button name=\"action\" value=\"leave\">Leave</button></form></body></html>";
}

http::Response go_to(const std::string& url) {
  http::Response response{.status = 302};
  response.headers.add("Location", url);
  return response;
}

}  // namespace

Paystack::Answer Paystack::initialize(http::Request& request) {
  const auto body = json_object(request);
  if (!body) co_return refuse({400, "Invalid JSON", "validation_error", "invalid_params"});
  auto order = read_charge(*body);
  if (!order) co_return order.error();
  const std::string access_code = engine_.seams().random.text(access_code_length, Random::hex_digits);
  order->set_text("access_code", access_code);
  order->set_text("callback_url", text_of(*body, "callback_url"));
  order->customer = "card:unknown";
  order->status = Status::waiting;
  const std::string reference = order->id, key = order->key();
  const Wire wire = co_await engine_.create(*std::move(order));
  JsonWriter json;
  json.begin_object()
      .member("authorization_url", request.origin + "/checkout/" + access_code)
      .member("access_code", access_code)
      .member("reference", reference);
  co_return about(key, Engine::answer(wire, success(200, "Authorization URL created", json.end_object().take())));
}

Paystack::Answer Paystack::show_page(http::Request& request) {
  const std::string& code = request.path_parameters.at(0);
  const Order* order = engine_.find_if([&](const Order& one) { return one.detail_text("access_code") == code; });
  if (order == nullptr) co_return http::Response::html(404, "<!DOCTYPE html><p>No such page.</p>");
  co_return about(order->key(),
                  http::Response::html(200, page(*order, order->status == Status::waiting ? "" : "Done.")));
}

Paystack::Answer Paystack::use_page(http::Request& request) {
  const std::string& code = request.path_parameters.at(0);
  const Order* found = engine_.find_if([&](const Order& one) { return one.detail_text("access_code") == code; });
  if (found == nullptr) co_return http::Response::html(404, "<!DOCTYPE html><p>No such page.</p>");
  Order& order = *engine_.by_key(found->key());
  if (order.status != Status::waiting) co_return http::Response::html(200, page(order, "Done already."));
  const auto form = http::read_form(request);
  if (!form) co_return http::Response::html(400, page(order, form.error().message));
  const std::string action(form->get("action"));
  if (action == "leave") co_return http::Response::html(200, page(order, "You left. The page stays open."));

  const std::string phone(form->get("phone")), card(form->get("card"));
  order.set_text("channel", phone.empty() ? "card" : "mobile_money");
  order.set_text(phone.empty() ? "card" : "phone", phone.empty() ? card : phone);
  order.set_text("provider", "mtn");
  order.customer = phone.empty() ? "card:" + card : "wallet:" + international(phone);
  std::string failure = order.scenario.failure;
  if (failure.empty() && phone.empty()) failure = failure_of_card(card);
  if (failure.empty() && !phone.empty()) {
    failure = scenario_of_our_number(phone, false).value_or(Scenario{}).failure;
  }
  if (action == "fail") failure = "DECLINED";
  // A customer whose card was declined may try another; the transaction stays open.
  if (!failure.empty() && action != "fail") {
    engine_.keep(order);
    co_return http::Response::html(200, page(order, "Declined: " + failure));
  }
  engine_.decide(order, failure);
  const std::string back = order.detail_text("callback_url");
  if (back.empty()) co_return http::Response::html(200, page(order, "Done."));
  const std::string reference = http::percent_encode(order.id);
  co_return about(order.key(), go_to(back + (back.find('?') == std::string::npos ? "?" : "&") + "trxref=" + reference +
                                     "&reference=" + reference));
}

}  // namespace epay::emulators::paystack
