#include "emulators/mpgs/mpgs.h"

#include <algorithm>
#include <charconv>

#include "base/html.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/mpgs/bodies.h"
#include "emulators/replies.h"
#include "http/form.h"

namespace epay::emulators::mpgs {
namespace {

constexpr std::int64_t first_receipt = 412'300'000'001;
constexpr std::size_t session_length = 31, indicator_length = 16, notification_length = 32;
constexpr std::size_t order_id_max = 40;
constexpr int initiate_since = 63;

// What a card's expiry means at a TEST merchant.
struct Expiry {
  std::string_view date, gateway_code;
};
constexpr Expiry expiries[] = {
    {"01/39", "APPROVED"},
    {"05/39", "DECLINED"},
    {"04/27", "EXPIRED_CARD"},
    {"08/28", "TIMED_OUT"},
    {"01/37", "ACQUIRER_SYSTEM_ERROR"},
    {"02/37", "UNSPECIFIED_FAILURE"},
    {"05/37", "UNKNOWN"},
};

constexpr std::string_view checkout_script =
    "window.Checkout={configure(options){this.session=options.session.id},"
    "showPaymentPage(){location.href='/checkout/pay/'+this.session+'?checkoutVersion=1.0.0'}};\n";

std::string code_of_expiry(std::string_view date) {
  for (const Expiry& row : expiries) {
    if (row.date == date) return std::string(row.gateway_code);
  }
  return "APPROVED";
}

// The gateway's word for a reason in MTN's words, or for one that is the gateway's own.
std::string code_of_reason(std::string_view reason) {
  if (reason.empty()) return "APPROVED";
  if (reason == "NOT_ENOUGH_FUNDS") return "INSUFFICIENT_FUNDS";
  if (reason == "EXPIRED") return "TIMED_OUT";
  static constexpr std::string_view own[] = {"DECLINED",
                                             "DECLINED_DO_NOT_CONTACT",
                                             "INSUFFICIENT_FUNDS",
                                             "EXPIRED_CARD",
                                             "INVALID_CSC",
                                             "BLOCKED",
                                             "CANCELLED",
                                             "AUTHENTICATION_FAILED",
                                             "ACQUIRER_SYSTEM_ERROR",
                                             "SYSTEM_ERROR",
                                             "UNSPECIFIED_FAILURE",
                                             "NOT_SUPPORTED"};
  return std::string(std::ranges::find(own, reason) != std::end(own) ? reason : "DECLINED");
}

std::string page(const Order& order, std::string_view note) {
  std::string html =
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Card payment (emulated)</title></head>"
      "<body><h1>Pay " +
      escape_html(std::string(order.amount.currency.code()) + " " + order.amount.to_decimal()) + "</h1>";
  if (!note.empty()) html += "<p role=\"alert\">" + escape_html(note) + "</p>";
  if (order.status != Status::waiting) return html + "</body></html>";
  return html +
         "<form method=\"post\"><label>Card <input name=\"number\" value=\"5123450000000008\"></label>"
         "<label>Expires <input name=\"expiry\" value=\"01/39\"></label>"
         "<label>CVV <input name=\"cvv\" value=\"100\"></label>"
         "<button name=\"action\" value=\"pay\">Pay</button><button name=\"action\" value=\"cancel\">Cancel</button>"
         "</form></body></html>";
}

http::Response go_to(const std::string& url) {
  http::Response response{.status = 302};
  response.headers.add("Location", url);
  return response;
}

class Mpgs final : public Vendor {
 public:
  explicit Mpgs(Engine& engine) : engine_(engine) {}

  void add_routes(Gate& gate) override;
  http::Response error(int status, std::string_view message) const override {
    return refuse({status, status >= 500 ? "SERVER_FAILED" : "REQUEST_REJECTED", message, ""});
  }
  // Cards' outcomes are in their expiries, known only on the page.
  std::optional<Scenario> published(const Order&) const override { return std::nullopt; }
  std::vector<Callback> callbacks(const Order& order) override;
  std::vector<microseconds> callback_retries() const override;

 private:
  using Answer = Task<http::Response>;
  void add(Gate& gate, std::string_view method, std::string_view path, Answer (Mpgs::*answer)(http::Request&));
  Answer create_session(http::Request& request);
  Answer show_order(http::Request& request);
  Answer show_transaction(http::Request& request);
  Answer do_transaction(http::Request& request);
  Answer show_page(http::Request& request);
  Answer use_page(http::Request& request);

  std::expected<Order, http::Response> read_order(const http::Json& body);
  Order* order_of_session(std::string_view session);
  // The order, once something was tried with it: until then the gateway knows none.
  const Order* find_tried(std::string_view id) const;
  http::Response pay(Order& order, const http::Form& form);
  Answer refund(Order& order, std::string id, const http::Json& body);
  http::Response void_payment(Order& order, std::string id, const http::Json& body);
  Callback notification(const Order& order, const Transaction& transaction) const;
  void mark_told(Order& order);

  Engine& engine_;
};

void Mpgs::add(Gate& gate, std::string_view method, std::string_view path, Answer (Mpgs::*answer)(http::Request&)) {
  const std::string whole = "/api/rest/version/{version}/merchant/{merchant}" + std::string(path);
  gate.add(method, whole, [this, answer](http::Request& request) -> Answer {
    const Switches& switches = engine_.switches();
    const auto credentials = basic_credentials(request);
    const std::string& merchant = request.path_parameters.at(1);
    const bool is_known = credentials && credentials->first == "merchant." + merchant &&
                          switches.is("mpgs.merchant", merchant) && switches.is("mpgs.password", credentials->second);
    if (!is_known) co_return refuse({401, "INVALID_REQUEST", "Invalid credentials.", ""});
    co_return co_await (this->*answer)(request);
  });
}

void Mpgs::add_routes(Gate& gate) {
  add(gate, "POST", "/session", &Mpgs::create_session);
  add(gate, "GET", "/order/{order}", &Mpgs::show_order);
  add(gate, "GET", "/order/{order}/transaction/{id}", &Mpgs::show_transaction);
  add(gate, "PUT", "/order/{order}/transaction/{id}", &Mpgs::do_transaction);
  // The customer's side, in a browser.
  gate.add("GET", "/checkout/pay/{session}", [this](http::Request& request) { return show_page(request); });
  gate.add("POST", "/checkout/pay/{session}", [this](http::Request& request) { return use_page(request); });
  gate.add("GET", "/static/checkout/checkout.min.js", [](http::Request&) -> Answer {
    http::Response script{.body = std::string(checkout_script)};
    script.headers.add("Content-Type", "text/javascript");
    co_return script;
  });
}

std::expected<Order, http::Response> Mpgs::read_order(const http::Json& body) {
  const auto refused = [](std::string_view explanation, std::string_view field) {
    return std::unexpected(refuse({400, "INVALID_REQUEST", explanation, field}));
  };
  const http::Json* order_of = object_of(body, "order");
  const http::Json* interaction = object_of(body, "interaction");
  if (order_of == nullptr) return refused("Missing parameter", "order");
  if (interaction == nullptr || text_of(*interaction, "operation").empty()) {
    return refused("Missing parameter", "interaction.operation");
  }
  if (text_of(*interaction, "operation") != "PURCHASE") {
    return refused("Only PURCHASE is emulated", "interaction.operation");
  }
  const std::string id = text_of(*order_of, "id");
  if (id.empty() || id.size() > order_id_max) return refused("Value is missing or too long", "order.id");
  const auto currency = Currency::parse(text_of(*order_of, "currency"));
  if (!currency) return refused("Value is not a currency", "order.currency");
  const auto amount = Money::parse(text_of(*order_of, "amount"), *currency);
  if (!amount) return refused("Value is not an amount", "order.amount");
  const Order* before = engine_.find_if([&](const Order& one) { return one.kind == "order" && one.id == id; });
  if (before != nullptr && before->status == Status::succeeded) {
    return std::unexpected(refuse({400, "REQUEST_REJECTED", "The order has been paid already.", "order.id"}));
  }
  Order order{.kind = "order",
              .id = id,
              .client_reference = id,
              .amount = *amount,
              .customer = "card:unknown",
              .merchant = "merchant:collection",
              .status = Status::waiting,
              .callback_url = text_of(*order_of, "notificationUrl")};
  order.set_text("description", text_of(*order_of, "description"));
  order.set_text("reference", text_of(*order_of, "reference"));
  for (const char* url : {"returnUrl", "cancelUrl", "timeoutUrl"}) order.set_text(url, text_of(*interaction, url));
  return order;
}

Mpgs::Answer Mpgs::create_session(http::Request& request) {
  const auto body = json_object(request);
  if (!body) co_return refuse({400, "INVALID_REQUEST", "The body is not valid JSON.", ""});
  const std::string& version_text = request.path_parameters.at(0);
  int version = 0;
  std::from_chars(version_text.data(), version_text.data() + version_text.size(), version);
  const Switches& switches = engine_.switches();
  const bool is_new = switches.is("mpgs.create_session", "INITIATE_CHECKOUT") ||
                      (switches.is("mpgs.create_session", "by_version") && version >= initiate_since);
  const std::string_view wanted = is_new ? "INITIATE_CHECKOUT" : "CREATE_CHECKOUT_SESSION";
  if (text_of(*body, "apiOperation") != wanted) {
    co_return refuse({400, "INVALID_REQUEST", "Value is invalid for this version.", "apiOperation"});
  }
  auto order = read_order(*body);
  if (!order) co_return order.error();
  Random& random = engine_.seams().random;
  const std::string session = "SESSION" + random.text(session_length - 7, "0123456789");
  const std::string indicator = random.text(indicator_length, Random::hex_digits);
  order->set_text("session", session);
  order->set_text("successIndicator", indicator);
  const std::string key = order->key();
  Wire wire = Wire::answered;
  if (Order* before = engine_.by_key(key)) {
    // Another session of an order that nobody has paid yet takes the place of the former one.
    before->details["session"] = order->detail("session");
    before->details["successIndicator"] = order->detail("successIndicator");
    engine_.keep(*before);
  } else {
    order->rail_reference = std::to_string(engine_.next_number("mpgs_receipt", first_receipt));
    wire = co_await engine_.create(*std::move(order));
  }
  JsonWriter json;
  json.begin_object()
      .member("checkoutMode", "WEBSITE")
      .member("merchant", switches.get("mpgs.merchant"))
      .member("result", "SUCCESS")
      .key("session")
      .begin_object()
      .member("id", session)
      .member("updateStatus", "SUCCESS")
      .member("version", random.text(10, Random::hex_digits))
      .end_object()
      .member("successIndicator", indicator);
  co_return about(key, Engine::answer(wire, http::Response::json(201, json.end_object().take())));
}

Order* Mpgs::order_of_session(std::string_view session) {
  const Order* found =
      engine_.find_if([&](const Order& one) { return one.kind == "order" && one.detail_text("session") == session; });
  return found == nullptr ? nullptr : engine_.by_key(found->key());
}

const Order* Mpgs::find_tried(std::string_view id) const {
  const Order* order = engine_.find("order", id);
  return order == nullptr || transactions_of(*order).empty() ? nullptr : order;
}

Mpgs::Answer Mpgs::show_order(http::Request& request) {
  const std::string& id = request.path_parameters.at(2);
  const Order* order = find_tried(id);
  if (order == nullptr) {
    co_return refuse({400, "INVALID_REQUEST", "Unable to find order " + id + ", or the order is in progress.", ""});
  }
  co_return about(order->key(), http::Response::json(200, order_body(engine_, *order)));
}

Mpgs::Answer Mpgs::show_transaction(http::Request& request) {
  const Order* order = find_tried(request.path_parameters.at(2));
  if (order != nullptr) {
    for (const Transaction& one : transactions_of(*order)) {
      if (one.id != request.path_parameters.at(3)) continue;
      co_return about(order->key(), http::Response::json(200, transaction_body(engine_, *order, one)));
    }
  }
  co_return refuse({400, "INVALID_REQUEST", "Unable to find transaction.", ""});
}

Mpgs::Answer Mpgs::show_page(http::Request& request) {
  Order* order = order_of_session(request.path_parameters.at(0));
  if (order == nullptr) co_return http::Response::html(404, "<!DOCTYPE html><p>No such session.</p>");
  co_return about(order->key(),
                  http::Response::html(200, page(*order, order->status == Status::waiting ? "" : "Done.")));
}

Mpgs::Answer Mpgs::use_page(http::Request& request) {
  Order* order = order_of_session(request.path_parameters.at(0));
  if (order == nullptr) co_return http::Response::html(404, "<!DOCTYPE html><p>No such session.</p>");
  if (order->status != Status::waiting) co_return http::Response::html(200, page(*order, "Done already."));
  const auto form = http::read_form(request);
  if (!form) co_return http::Response::html(400, page(*order, form.error().message));
  if (form->get("action") == "cancel") {
    const std::string url = order->detail_text("cancelUrl");
    co_return url.empty() ? http::Response::html(200, page(*order, "You left.")) : go_to(url);
  }
  co_return about(order->key(), pay(*order, *form));
}

// A card is tried: authenticated first, where that is on, then charged. A customer whose card fails may try another.
http::Response Mpgs::pay(Order& order, const http::Form& form) {
  order.customer = "card:" + std::string(form.get("number"));
  std::string code = code_of_reason(order.scenario.failure);
  if (order.scenario.failure.empty()) code = code_of_expiry(form.get("expiry"));
  const std::string number = std::to_string(transactions_of(order).size() + 1);
  if (engine_.switches().is("mpgs.3ds", "on")) {
    add_transaction(order, {"auth-" + number, "AUTHENTICATION", "AUTHENTICATED", order.amount.minor, engine_.now()});
  }
  const std::string_view result = result_of(code);
  const bool is_open = result == "UNKNOWN" || (result == "SUCCESS" && order.scenario.after);
  // What the gateway does not know yet it decides later.
  add_transaction(order, {number, "PAYMENT", is_open ? "PENDING" : code, order.amount.minor, engine_.now()});
  if (is_open) {
    engine_.go_on(order);
  } else if (result == "SUCCESS") {
    engine_.decide(order, "");
  } else {
    engine_.tell(order);
  }
  mark_told(order);
  if (order.status == Status::waiting) return http::Response::html(200, page(order, "Your card was declined."));
  const std::string url = order.detail_text("returnUrl");
  if (url.empty()) return http::Response::html(200, page(order, "Done."));
  return go_to(url + (url.find('?') == std::string::npos ? "?" : "&") +
               "resultIndicator=" + order.detail_text("successIndicator") + "&sessionVersion=" + number);
}

void Mpgs::mark_told(Order& order) {
  order.details["told"] = std::to_string(transactions_of(order).size());
  engine_.keep(order);
}

Mpgs::Answer Mpgs::do_transaction(http::Request& request) {
  const std::string id = request.path_parameters.at(3);
  const auto body = json_object(request);
  if (!body) co_return refuse({400, "INVALID_REQUEST", "The body is not valid JSON.", ""});
  const Order* found = find_tried(request.path_parameters.at(2));
  if (found == nullptr) co_return refuse({400, "INVALID_REQUEST", "Unable to find order.", ""});
  Order& order = *engine_.by_key(found->key());
  // The same id again brings what the first brought.
  for (const Transaction& one : transactions_of(order)) {
    if (one.id != id) continue;
    co_return about(order.key(), http::Response::json(200, transaction_body(engine_, order, one)));
  }
  const std::string operation = text_of(*body, "apiOperation");
  if (operation == "REFUND") co_return co_await refund(order, id, *body);
  if (operation == "VOID") co_return about(order.key(), void_payment(order, id, *body));
  co_return refuse({400, "INVALID_REQUEST", "The operation is not emulated.", "apiOperation"});
}

Mpgs::Answer Mpgs::refund(Order& order, std::string id, const http::Json& body) {
  const http::Json* asked = object_of(body, "transaction");
  const auto currency = Currency::parse(asked == nullptr ? "" : text_of(*asked, "currency"));
  if (!currency || *currency != order.moved.currency) {
    co_return refuse({400, "INVALID_REQUEST", "Value is invalid.", "transaction.currency"});
  }
  const auto amount = Money::parse(text_of(*asked, "amount"), *currency);
  const std::int64_t left = order.moved.minor - refunded_of(engine_, order);
  if (order.status != Status::succeeded || !amount || amount->minor > left) {
    co_return refuse(
        {400, "INVALID_REQUEST", "Requested refund amount exceeds the captured amount.", "transaction.amount"});
  }
  Order refund{.kind = "refund",
               .id = order.id + ":" + id,
               .client_reference = id,
               .rail_reference = std::to_string(engine_.next_number("mpgs_receipt", first_receipt)),
               .pays_out = true,
               .amount = *amount,
               .customer = order.customer,
               .merchant = order.merchant,
               .status = Status::waiting};
  refund.set_text("order", order.id);
  const std::string refund_key = refund.key(), order_key = order.key();
  const Wire wire = co_await engine_.create(std::move(refund));
  Order* made = engine_.by_key(refund_key);
  if (made == nullptr) co_return Engine::answer(wire, error(504, "Gateway Timeout"));
  engine_.decide(*made, made->scenario.failure);
  Order& paid = *engine_.by_key(order_key);
  const Transaction transaction{id, "REFUND", code_of_reason(made->reason), amount->minor, engine_.now()};
  add_transaction(paid, transaction);
  engine_.tell(paid);
  mark_told(paid);
  co_return about(order_key,
                  Engine::answer(wire, http::Response::json(201, transaction_body(engine_, paid, transaction))));
}

http::Response Mpgs::void_payment(Order& order, std::string id, const http::Json& body) {
  const http::Json* asked = object_of(body, "transaction");
  const std::string target = asked == nullptr ? "" : text_of(*asked, "targetTransactionId");
  bool is_payment = false;
  for (const Transaction& one : transactions_of(order)) {
    is_payment = is_payment || (one.id == target && one.type == "PAYMENT");
  }
  if (!is_payment || order.status != Status::succeeded || refunded_of(engine_, order) > 0) {
    return refuse({400, "INVALID_REQUEST", "The transaction cannot be voided.", "transaction.targetTransactionId"});
  }
  const Transaction transaction{std::move(id), "VOID_PAYMENT", "APPROVED", order.moved.minor, engine_.now()};
  add_transaction(order, transaction);
  engine_.reverse(order);
  mark_told(order);
  return http::Response::json(201, transaction_body(engine_, order, transaction));
}

Callback Mpgs::notification(const Order& order, const Transaction& transaction) const {
  const Switches& switches = engine_.switches();
  Callback callback{.url = order.callback_url.empty() ? switches.get("mpgs.webhook_url") : order.callback_url,
                    .body = transaction_body(engine_, order, transaction),
                    .attempt_header = "X-Notification-Attempt"};
  callback.headers.add("Content-Type", "application/json;charset=utf-8");
  callback.headers.add("X-Notification-Secret", switches.get("mpgs.notification_secret"));
  callback.headers.add("X-Notification-Id", engine_.seams().random.text(notification_length, Random::hex_digits));
  return callback;
}

// One for each try that was not told yet, the authentication before the payment; of a lie, or by hand, the last one.
std::vector<Callback> Mpgs::callbacks(const Order& order) {
  std::vector<Callback> callbacks;
  if (order.kind != "order") return callbacks;
  if (order.callback_url.empty() && engine_.switches().get("mpgs.webhook_url").empty()) return callbacks;
  const std::vector<Transaction> transactions = transactions_of(order);
  const std::string told_text = order.detail("told");
  std::size_t told = told_text == "null" ? 0 : std::stoul(told_text);
  if (told == transactions.size() && told > 0) --told;
  for (; told < transactions.size(); ++told) callbacks.push_back(notification(order, transactions[told]));
  return callbacks;
}

// Not published; a third party's note has twenty tries over three days, further and further apart.
std::vector<microseconds> Mpgs::callback_retries() const {
  if (engine_.switches().is("mpgs.webhook.retry", "none")) return {};
  std::vector<microseconds> waits = {seconds(10), seconds(30), minutes(1), minutes(5), minutes(15),
                                     minutes(30), hours(1),    hours(1),   hours(2),   hours(2),
                                     hours(4),    hours(4),    hours(6),   hours(6),   hours(6),
                                     hours(8),    hours(8),    hours(8),   hours(12)};
  return waits;
}

}  // namespace

std::vector<SwitchRule> switches() {
  return {
      {"mpgs.merchant", "", "TESTEPAY"},
      {"mpgs.password", "", "0123456789abcdef0123456789abcdef"},
      {"mpgs.notification_secret", "", "0123456789ABCDEF0123456789ABCDEF"},
      {"mpgs.webhook_url", "", ""},  // of the whole merchant
      {"mpgs.webhook.retry", "none|20", "20"},
      {"mpgs.create_session", "by_version|INITIATE_CHECKOUT|CREATE_CHECKOUT_SESSION", "by_version"},
      {"mpgs.3ds", "on|off", "on"},
      {"mpgs.amounts", "numbers|texts", "numbers"},
  };
}

std::unique_ptr<Vendor> make(Engine& engine) { return std::make_unique<Mpgs>(engine); }

}  // namespace epay::emulators::mpgs
