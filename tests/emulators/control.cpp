#include "emulators/control.h"

#include <charconv>

#include "base/duration.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

http::Response wrong(int status, std::string_view message) {
  JsonWriter json;
  return http::Response::json(status, json.begin_object().member("error", message).end_object().take());
}

http::Response done() { return http::Response::json(200, "{\"done\":true}"); }

Result<http::Json> read_body(const http::Request& request) {
  auto json = http::Json::parse(request.body.empty() ? "{}" : request.body);
  if (json && json->kind != http::Json::Kind::object) return fail(ErrorCode::invalid, "The body must be an object.");
  return json;
}

http::Headers without(const http::Headers& headers, std::string_view name) {
  http::Headers out;
  for (const auto& [key, value] : headers) {
    if (!http::equal_ignoring_case(key, name)) out.add(key, value);
  }
  return out;
}

// The copy of an order that a message is to be about: with another ending or amount, where the test says so.
Result<Order> claimed(Order order, const http::Json& body) {
  const std::string status = text_of(body, "status");
  if (!status.empty()) {
    const auto word = read_status(status);
    if (!word) return fail(ErrorCode::invalid, "There is no status " + status + ".");
    order.status = *word;
    order.reason = *word == Status::failed ? "INTERNAL_PROCESSING_ERROR" : "";
  }
  if (body.find("reason") != nullptr) order.reason = text_of(body, "reason");
  const std::string currency = text_of(body, "currency");
  if (!currency.empty()) {
    const auto code = Currency::parse(currency);
    if (!code) return fail(ErrorCode::invalid, "currency: no currency is called so.");
    order.moved.currency = *code;
  }
  const std::string amount = text_of(body, "amount");
  if (!amount.empty()) {
    const auto money = Money::parse(amount, order.moved.currency);
    if (!money) return fail(ErrorCode::invalid, "amount: " + money.error().message);
    order.moved = *money;
  }
  if (body.find("client_reference") != nullptr) order.client_reference = text_of(body, "client_reference");
  return order;
}

// A body changed as a test wants it: padded, nested, or another one.
void change_body(Callback& callback, const http::Json& body) {
  if (const http::Json* text = body.find("body")) {
    callback.body = text->kind == http::Json::Kind::string ? text->text : to_text(*text);
  }
  const std::int64_t depth = number_of(body, "depth", 0);
  if (depth > 0) callback.body = nested_arrays(static_cast<std::size_t>(depth));
  const std::int64_t pad = number_of(body, "pad", 0);
  if (pad > 0) {
    if (const auto document = http::Json::parse(callback.body)) {
      callback.body = with_unknown_members(*document, static_cast<std::size_t>(pad));
    }
  }
  if (truth_of(body, "spaced")) callback.body += " \n";
}

void change_headers(Callback& callback, const http::Json& body) {
  const http::Json* headers = object_of(body, "headers");
  if (headers == nullptr) return;
  for (const auto& [name, value] : headers->members) {
    callback.headers = without(callback.headers, name);
    if (value.kind != http::Json::Kind::null) callback.headers.add(name, value.text);
  }
}

}  // namespace

Control::Control(Engine& engine, Vendor& vendor, Journal& journal, Faults& faults, Advance advance)
    : engine_(engine), vendor_(vendor), journal_(journal), faults_(faults), advance_(std::move(advance)) {
  add("GET", "/journal", &Control::show_journal);
  add("GET", "/ledger", &Control::show_ledger);
  add("POST", "/ledger", &Control::adjust);
  add("GET", "/orders", &Control::show_orders);
  add("GET", "/switches", &Control::show_switches);
  add("POST", "/switches", &Control::set_switches);
  add("GET", "/faults", &Control::show_faults);
  add("POST", "/faults", &Control::add_fault);
  add("DELETE", "/faults", &Control::clear_faults);
  add("POST", "/outcomes", &Control::add_outcome);
  add("DELETE", "/outcomes", &Control::clear_outcomes);
  add("POST", "/state", &Control::set_state);
  add("POST", "/state/reverse", &Control::reverse);
  add("POST", "/callbacks", &Control::send_callbacks);
  add("GET", "/clock", &Control::show_clock);
  add("POST", "/clock", &Control::advance_clock);
}

void Control::add(std::string_view method, std::string_view path, Answer (Control::*answer)(const http::Request&)) {
  router_.add(method, path, [this, answer](http::Request& request) { return (this->*answer)(request); });
}

Control::Answer Control::show_journal(const http::Request& request) {
  const auto asked = [&](std::string_view name) { return request.query_parameter(name).value_or(""); };
  Journal::Filter filter{
      .kind = asked("kind"), .method = asked("method"), .path = asked("path"), .order = asked("order")};
  const std::string after = asked("after");
  std::from_chars(after.data(), after.data() + after.size(), filter.after);
  co_return http::Response::json(200, journal_.to_json(filter));
}

Control::Answer Control::show_ledger(const http::Request& request) {
  co_return http::Response::json(200,
                                 engine_.ledger().to_json(request.query_parameter("client_reference").value_or("")));
}

Control::Answer Control::show_orders(const http::Request&) {
  JsonWriter json;
  json.begin_array();
  for (const auto& [key, order] : engine_.orders()) json.raw(to_json(order));
  co_return http::Response::json(200, json.end_array().take());
}

Control::Answer Control::show_switches(const http::Request&) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : engine_.switches().all()) json.member(name, value);
  co_return http::Response::json(200, json.end_object().take());
}

Control::Answer Control::set_switches(const http::Request& request) {
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  for (const auto& [name, value] : body->members) {
    const std::string text = value.kind == http::Json::Kind::boolean ? (value.truth ? "on" : "off") : value.text;
    const auto set = engine_.switches().set(name, text);
    if (!set) co_return wrong(400, set.error().message);
  }
  co_return co_await show_switches(request);
}

Control::Answer Control::show_faults(const http::Request&) { co_return http::Response::json(200, faults_.to_json()); }

Control::Answer Control::add_fault(const http::Request& request) {
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  auto fault = read_fault(*body);
  if (!fault) co_return wrong(400, fault.error().message);
  faults_.add(*std::move(fault));
  co_return done();
}

Control::Answer Control::clear_faults(const http::Request&) {
  faults_.clear();
  co_return done();
}

Control::Answer Control::add_outcome(const http::Request& request) {
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  const http::Json* outcome = object_of(*body, "outcome");
  if (outcome == nullptr) co_return wrong(400, "outcome is missing.");
  auto scenario = read_scenario(*outcome);
  if (!scenario) co_return wrong(400, "outcome: " + scenario.error().message);
  engine_.wish({.kind = text_of(*body, "kind"),
                .reference = text_of(*body, "reference"),
                .number = text_of(*body, "number"),
                .count = static_cast<int>(number_of(*body, "next", 1)),
                .scenario = *std::move(scenario)});
  co_return done();
}

Control::Answer Control::clear_outcomes(const http::Request&) {
  engine_.clear_wishes();
  co_return done();
}

Order* Control::find_order(const http::Json& body) {
  const std::string asked = text_of(body, "order");
  if (Order* order = engine_.by_key(asked)) return order;
  const Order* found =
      engine_.find_if([&](const Order& order) { return order.id == asked || order.client_reference == asked; });
  return found == nullptr ? nullptr : engine_.by_key(found->key());
}

Control::Answer Control::set_state(const http::Request& request) {
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  Order* order = find_order(*body);
  if (order == nullptr) co_return wrong(404, "There is no such order.");
  const auto status = read_status(text_of(*body, "status"));
  if (status == Status::succeeded) {
    engine_.decide(*order, "");
  } else if (status == Status::failed) {
    const std::string reason = text_of(*body, "reason");
    engine_.decide(*order, reason.empty() ? "INTERNAL_PROCESSING_ERROR" : reason);
  } else {
    co_return wrong(400, "status takes succeeded or failed.");
  }
  co_return http::Response::json(200, to_json(*order));
}

Control::Answer Control::reverse(const http::Request& request) {
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  Order* order = find_order(*body);
  if (order == nullptr) co_return wrong(404, "There is no such order.");
  if (order->status != Status::succeeded) co_return wrong(400, "Only what has succeeded can be reversed.");
  engine_.reverse(*order);
  co_return http::Response::json(200, to_json(*order));
}

Result<std::vector<Callback>> Control::callbacks_by_hand(const http::Json& body, std::string& order_key) {
  std::vector<Callback> callbacks;
  if (const Order* order = find_order(body)) {
    order_key = order->key();
    const auto copy = claimed(*order, body);
    if (!copy) return std::unexpected(copy.error());
    callbacks = vendor_.callbacks(*copy);
  }
  const std::string url = text_of(body, "url");
  if (callbacks.empty() && !url.empty()) callbacks.emplace_back();
  if (callbacks.empty()) return fail(ErrorCode::invalid, "The rail says nothing of this order, and no url is given.");
  for (Callback& callback : callbacks) {
    if (!url.empty()) callback.url = url;
    const std::string method = text_of(body, "method");
    if (!method.empty()) callback.method = method;
    const std::string signed_body = callback.body;
    change_body(callback, body);
    if (callback.body != signed_body && !truth_of(body, "stale_signature")) vendor_.sign(callback);
    change_headers(callback, body);
  }
  return callbacks;
}

// {order, status, reason, amount, currency, client_reference}: the order as it is told, changed; {url, method, headers,
// body, depth, pad, spaced, stale_signature}: the message, changed; {times, at_once}: how often, and whether at the
// same time. Answers with the statuses that came.
Control::Answer Control::send_callbacks(const http::Request& request) {
  static constexpr std::int64_t times_max = 1'000;
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  std::string order_key;
  const auto callbacks = callbacks_by_hand(*body, order_key);
  if (!callbacks) co_return wrong(400, callbacks.error().message);
  const std::int64_t times = std::min(times_max, number_of(*body, "times", 1));
  JsonWriter json;
  json.begin_object().key("statuses").begin_array();
  for (std::int64_t time = 0; time < times; ++time) {
    for (const Callback& callback : *callbacks) {
      if (truth_of(*body, "at_once")) {
        engine_.sender().send(order_key, callback, microseconds(0));
      } else {
        json.value(co_await engine_.sender().send_once(order_key, callback));
      }
    }
  }
  co_return http::Response::json(200, json.end_array().end_object().take());
}

Control::Answer Control::adjust(const http::Request& request) {
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  const std::string account = text_of(*body, "account");
  const auto currency = Currency::parse(text_of(*body, "currency"));
  if (account.empty() || !currency) co_return wrong(400, "account and currency are needed.");
  const auto money = Money::parse(text_of(*body, "amount"), *currency);
  if (!money) co_return wrong(400, "amount " + money.error().message);
  const bool is_out = truth_of(*body, "out");
  const bool moved = engine_.ledger().move({.at = engine_.now(),
                                            .from = is_out ? account : "world",
                                            .to = is_out ? "world" : account,
                                            .amount = *money,
                                            .kind = "adjustment"});
  co_return moved ? done() : wrong(400, "The account has less.");
}

Control::Answer Control::show_clock(const http::Request&) {
  JsonWriter json;
  json.begin_object().member("now", engine_.now().to_iso8601()).member("manual", static_cast<bool>(advance_));
  co_return http::Response::json(200, json.end_object().take());
}

Control::Answer Control::advance_clock(const http::Request& request) {
  if (!advance_) co_return wrong(400, "This emulator was not started with --clock manual.");
  const auto body = read_body(request);
  if (!body) co_return wrong(400, body.error().message);
  const auto duration = parse_duration(text_of(*body, "advance"));
  if (!duration) co_return wrong(400, "advance: " + duration.error().message);
  co_await advance_(*duration);
  co_return co_await show_clock(request);
}

}  // namespace epay::emulators
