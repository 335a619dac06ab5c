#include "rails/mpgs/mpgs.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/json_writer.h"
#include "rails/failure_code.h"
#include "rails/mpgs/replies.h"
#include "rails/order_text.h"
#include "rails/reply_reader.h"

namespace epay::rails::mpgs {
namespace {

// interaction.operation is mandatory from 52 on; from 63 on a session is opened by another name, and its
// page is at another address (RAILS §3.1).
constexpr Settings::Range versions{52, 999};
constexpr int version_usual = 100;
constexpr int initiates_since = 63;
constexpr std::size_t description_max = 100;
constexpr int queries_per_second_max = 10;
// The gateway's session ends before our attempt does, so that who is at its page hears of it there.
constexpr seconds session_margin{30};
constexpr seconds session_least{60};

std::vector<Currency> read_currencies(Settings& settings) {
  std::vector<Currency> currencies;
  for (const std::string& code : settings.texts("currencies")) {
    const auto currency = Currency::parse(code);
    if (!currency) settings.problem("currencies", "must be ISO 4217 codes such as GHS");
    if (currency) currencies.push_back(*currency);
  }
  if (currencies.empty()) currencies.push_back(Currency::ghs());
  return currencies;
}

}  // namespace

Options read_options(Settings& settings) {
  return {.mode = settings.mode("mode"),
          .url = settings.address("url", ""),
          .version = settings.number_or("version", version_usual, versions),
          .merchant_id = settings.text("merchant_id"),
          .password = settings.secret("password"),
          .display_name = settings.text("display_name"),
          .currencies = read_currencies(settings),
          .notification_secret = settings.optional_secret("notification_secret"),
          .callbacks = settings.flag_or("callbacks", true)};
}

Mpgs::Mpgs(const RailTools& tools, Options options)
    : tools_(tools),
      options_(std::move(options)),
      http_(tools.log, tools.client, "mpgs",
            options_.url + "/api/rest/version/" + std::to_string(options_.version) + "/merchant/" +
                http::percent_encode(options_.merchant_id)) {}

Capabilities Mpgs::capabilities() const {
  return {.idempotent_by_reference = true,
          .refunds = true,
          .partial_refunds = true,
          .first_query_after = seconds(20),
          .customer_window = minutes(10),
          .queries_per_second_max = queries_per_second_max};
}

bool Mpgs::serves(const Need& need) const {
  const bool currency = std::ranges::find(options_.currencies, need.currency) != options_.currencies.end();
  return serves_mode(need.mode) && need.kind != OrderKind::payout && need.channel == Channel::card && currency;
}

Task<Heard> Mpgs::send(RailRequest request) {
  request.headers.add("Authorization",
                      "Basic " + base64_encode("merchant." + options_.merchant_id + ":" + options_.password.reveal()));
  if (!request.body.empty()) request.headers.add("Content-Type", "application/json");
  return http_.send(std::move(request));
}

std::string Mpgs::page_of(std::string_view session) const {
  const std::string id = http::percent_encode(session);
  if (options_.version < initiates_since) return options_.url + "/checkout/entry/" + id;
  return options_.url + "/checkout/pay/" + id + "?checkoutVersion=1.0.0";
}

std::string Mpgs::session_body(const Order& order) const {
  const auto left = std::chrono::duration_cast<seconds>(order.expires_at - tools_.clock.now()) - session_margin;
  JsonWriter json;
  json.begin_object().member("apiOperation",
                             options_.version < initiates_since ? "CREATE_CHECKOUT_SESSION" : "INITIATE_CHECKOUT");
  json.key("interaction").begin_object().member("operation", "PURCHASE");
  json.key("merchant").begin_object().member("name", options_.display_name).end_object();
  json.member("timeout", std::int64_t(std::max(left, session_least).count()));
  if (!order.return_url.empty()) {
    for (const char* name : {"returnUrl", "cancelUrl", "timeoutUrl"}) json.member(name, order.return_url);
  }
  json.end_object().key("order").begin_object().member("id", order.reference);
  json.member("amount", fixed_decimal(order.amount)).member("currency", order.amount.currency.code());
  json.member("description", plain_text(order.description, description_max));
  if (options_.callbacks && !order.origin.empty())
    json.member("notificationUrl", tools_.callbacks.address(order.origin, name(), order.reference));
  return json.end_object().end_object().take();
}

Task<Reply> Mpgs::collect(Order order) {
  Heard heard = co_await send({.path = "/session",
                               .body = session_body(order),
                               .time_max = create_time_max,
                               .about = std::string_view(order.reference)});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  const http::Json* session = member_of(answer.json, "session");
  const auto id = session != nullptr ? text_of(*session, "id") : std::nullopt;
  if (id && answer.status < 300 && text_of(answer.json, "result") == "SUCCESS")
    co_return Pending{.next = Pending::Next::redirect, .rail_id = *id, .redirect_url = page_of(*id)};
  Reply refused = reply_to_error(answer);
  if (!std::holds_alternative<Failed>(refused)) co_return refused;
  // An order that was paid in a session of an earlier request is refused, too: does it stand?
  Reply stands = co_await query(std::move(order));
  if (std::holds_alternative<NotFound>(stands)) co_return refused;
  if (auto* not_asked = std::get_if<NotSent>(&stands)) co_return Unknown{std::move(not_asked->cause)};
  co_return stands;
}

Task<Reply> Mpgs::pay_out(Order) {
  co_return Failed{std::string(failure::configuration), "the gateway pays nothing out"};
}

Task<Reply> Mpgs::refund(Order order) {
  if (!order.original) co_return Failed{std::string(failure::configuration), "a refund of nothing"};
  JsonWriter json;
  json.begin_object().member("apiOperation", "REFUND").key("transaction").begin_object();
  json.member("amount", fixed_decimal(order.amount)).member("currency", order.amount.currency.code());
  Heard heard = co_await send({.method = "PUT",
                               .path = "/order/" + order.original->reference + "/transaction/" + order.reference,
                               .body = json.end_object().end_object().take(),
                               .time_max = create_time_max,
                               .about = std::string_view(order.reference)});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  Reply reply = reply_of_refund(std::get<RailAnswer>(heard), order);
  const auto& answer = std::get<RailAnswer>(heard);
  if (answer.status != 400) co_return reply;
  // It may be refused because an earlier request arrived: does the transaction stand?
  Reply stands = co_await query_refund(std::move(order));
  if (std::holds_alternative<NotFound>(stands)) co_return reply;
  if (auto* not_asked = std::get_if<NotSent>(&stands)) co_return Unknown{std::move(not_asked->cause)};
  co_return stands;
}

Task<Reply> Mpgs::submit_input(Order order, std::string) { return query(std::move(order)); }

Task<Reply> Mpgs::query_refund(Order order) {
  if (!order.original) co_return Unknown{"a refund of nothing"};
  Heard heard = co_await send({.method = "GET",
                               .path = "/order/" + order.original->reference + "/transaction/" + order.reference,
                               .time_max = query_time_max,
                               .about = std::string_view(order.reference)});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  if (is_not_found(answer)) co_return NotFound{};
  if (answer.status != 200) co_return Unknown{words_of(answer)};
  co_return reply_of_refund(answer, order);
}

Task<Reply> Mpgs::query(Order order) {
  if (order.kind == OrderKind::refund) co_return co_await query_refund(std::move(order));
  Heard heard = co_await send({.method = "GET",
                               .path = "/order/" + order.reference,
                               .time_max = query_time_max,
                               .about = std::string_view(order.reference)});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  const bool session_ended = tools_.clock.now() >= order.expires_at + end_of_session_grace;
  Reply reply = Pending{.next = Pending::Next::redirect, .rail_id = order.rail_id};
  if (!is_not_found(answer)) {
    reply = reply_of_order(answer, order, session_ended);
  } else if (session_ended) {
    reply = Failed{std::string(failure::too_late), "no card was tried"};
  } else if (!order.rail_id) {
    // Without a session that we know of nobody has been sent to its page.
    reply = NotFound{};
  }
  auto* pending = std::get_if<Pending>(&reply);
  if (pending != nullptr && pending->next == Pending::Next::redirect) {
    if (pending->rail_id) pending->redirect_url = page_of(*pending->rail_id);
    if (!pending->rail_id) pending->next = Pending::Next::wait;
  }
  co_return reply;
}

Result<News> Mpgs::read_callback(const http::Request& request, std::string_view reference) const {
  const auto& secret = options_.notification_secret;
  if (secret && !secret->equals(request.headers.get("X-Notification-Secret")))
    return fail(ErrorCode::unauthenticated, "The X-Notification-Secret of this notification is wrong");
  if (!secret && reference.empty())
    return fail(ErrorCode::not_found, "Without a notification_secret, notifications come to each order's own address");
  const auto json = http::Json::parse(request.body);
  const http::Json* about = json ? member_of(*json, "order") : nullptr;
  if (reference.empty()) {
    if (about == nullptr) return fail(ErrorCode::invalid, "This notification has no order");
    return news_of(*json);
  }
  if (about == nullptr || text_of(*about, "id") != reference) return News{.reference = std::string(reference)};
  return news_of(*json);
}

}  // namespace epay::rails::mpgs
