#include "emulators/paystack/service.h"

#include "base/crypto.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/paystack/paystack.h"
#include "emulators/replies.h"

namespace epay::emulators::paystack {
namespace {

constexpr std::string_view recipient_record = "paystack_recipient";
constexpr std::string_view test_number = "233551234987";
constexpr std::string_view signature_header = "x-paystack-signature";

std::string event_body(std::string_view event, std::string_view data) {
  JsonWriter json;
  json.begin_object().member("event", event).key("data").raw(data);
  return json.end_object().take();
}

// The events of an order as it stands, with their data. A charge that failed is told to nobody.
std::vector<std::pair<std::string, std::string>> events_of(Engine& engine, const Order& order) {
  if (order.kind == "charge") {
    if (order.status != Status::succeeded) return {};
    return {{"charge.success", charge_body(engine, order, "success")}};
  }
  if (order.kind == "transfer") {
    if (!is_final(order.status)) return {};
    const std::string_view word = order.status == Status::failed ? "failed" : transfer_word(order);
    return {{"transfer." + std::string(word), transfer_body(engine, order, true)}};
  }
  const std::string word(refund_word(order));
  const bool as_text = order.status == Status::succeeded && engine.switches().is("paystack.numbers_as_strings", "on");
  return {{"refund." + word, refund_message(engine, order, as_text)}};
}

}  // namespace

Paystack::Paystack(Engine& engine) : engine_(engine), tasks_(engine.seams().clock, engine.seams().log, "paystack") {
  for (auto& [code, text] : engine.state().take(recipient_record)) recipients_[code] = std::move(text);
  for (const auto& [key, order] : engine.orders()) {
    const bool waits_for_code = order.kind == "charge" && !order.details.contains("access_code");
    if (waits_for_code && order.status == Status::waiting) tasks_.spawn(expire(key));
  }
}

void Paystack::add(Gate& gate, std::string_view method, std::string_view path,
                   Answer (Paystack::*answer)(http::Request&)) {
  gate.add(method, path, [this, answer](http::Request& request) -> Answer {
    if (!engine_.switches().is("paystack.secret_key", bearer_token(request))) {
      co_return refuse({401, "Invalid key", "validation_error", "invalid_Key"});
    }
    co_return co_await (this->*answer)(request);
  });
}

void Paystack::add_routes(Gate& gate) {
  add(gate, "POST", "/charge", &Paystack::charge);
  add(gate, "POST", "/charge/submit_otp", &Paystack::submit_otp);
  add(gate, "GET", "/charge/{reference}", &Paystack::check_charge);
  add(gate, "POST", "/transaction/initialize", &Paystack::initialize);
  add(gate, "GET", "/transaction/verify/{reference}", &Paystack::verify);
  add(gate, "GET", "/transaction", &Paystack::list_transactions);
  add(gate, "GET", "/transaction/{id}", &Paystack::show_transaction);
  add(gate, "GET", "/bank", &Paystack::list_banks);
  add(gate, "GET", "/bank/resolve", &Paystack::resolve_account);
  add(gate, "POST", "/transferrecipient", &Paystack::create_recipient);
  add(gate, "GET", "/transferrecipient", &Paystack::list_recipients);
  add(gate, "GET", "/transferrecipient/{code}", &Paystack::show_recipient);
  add(gate, "POST", "/transfer", &Paystack::transfer);
  add(gate, "POST", "/transfer/bulk", &Paystack::bulk_transfer);
  add(gate, "POST", "/transfer/finalize_transfer", &Paystack::finalize_transfer);
  add(gate, "POST", "/transfer/resend_otp", &Paystack::resend_otp);
  add(gate, "GET", "/transfer/verify/{reference}", &Paystack::verify_transfer);
  add(gate, "GET", "/transfer", &Paystack::list_transfers);
  add(gate, "GET", "/transfer/{id}", &Paystack::show_transfer);
  add(gate, "GET", "/balance", &Paystack::show_balance);
  add(gate, "GET", "/balance/ledger", &Paystack::show_balance_ledger);
  add(gate, "POST", "/refund", &Paystack::refund);
  add(gate, "GET", "/refund", &Paystack::list_refunds);
  add(gate, "GET", "/refund/{id}", &Paystack::show_refund);
  add(gate, "POST", "/refund/retry_with_customer_details/{id}", &Paystack::retry_refund);
  // The customer's page, in a browser.
  gate.add("GET", "/checkout/{access_code}", [this](http::Request& request) { return show_page(request); });
  gate.add("POST", "/checkout/{access_code}", [this](http::Request& request) { return use_page(request); });
}

http::Response Paystack::error(int status, std::string_view message) const {
  return refuse({status, message, "api_error", "unknown"});
}

std::optional<Scenario> Paystack::published(const Order& order) const {
  if (order.customer_number() == test_number) return Scenario{};
  if (order.kind == "refund") {
    const std::string failure = refund_failure_of(order.customer);
    if (!failure.empty()) return Scenario{.failure = failure};
  }
  return std::nullopt;
}

std::vector<Callback> Paystack::callbacks(const Order& order) {
  const std::string& url = engine_.switches().get("paystack.webhook_url");
  std::vector<Callback> callbacks;
  if (url.empty()) return callbacks;
  for (const auto& [event, data] : events_of(engine_, order)) {
    Callback callback{.url = url, .body = event_body(event, data)};
    callback.headers.add("Content-Type", "application/json");
    sign(callback);
    callbacks.push_back(std::move(callback));
  }
  return callbacks;
}

void Paystack::sign(Callback& callback) const {
  const auto mac = hmac_sha512(engine_.switches().get("paystack.secret_key"), callback.body);
  const std::string hex = hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
  http::Headers headers;
  for (const auto& [name, value] : callback.headers) {
    if (!http::equal_ignoring_case(name, signature_header)) headers.add(name, value);
  }
  headers.add(std::string(signature_header), hex);
  callback.headers = std::move(headers);
}

std::vector<microseconds> Paystack::callback_retries() const {
  const Switches& switches = engine_.switches();
  if (switches.is("paystack.webhook.retry", "none")) return {};
  std::vector<microseconds> waits;
  if (switches.is("paystack.webhook.retry", "test")) {
    waits.assign(10, hours(1));
    return waits;
  }
  waits.assign(4, minutes(3));
  waits.insert(waits.end(), 72, hours(1));
  return waits;
}

std::vector<SwitchRule> switches() {
  return {
      {"paystack.secret_key", "", "sk_test_0000000000000000000000000000000000000000"},
      {"paystack.webhook_url", "", ""},
      {"paystack.webhook.retry", "live|test|none", "live"},
      {"paystack.numbers_as_strings", "on|off", "on"},
      {"paystack.verify_unknown.http", "400|404|alternate", "alternate"},
      {"paystack.charge.answer", "pay_offline|pending", "pay_offline"},
      {"paystack.otp", "", "123456"},
      {"paystack.transfer.otp", "on|off", "off"},
  };
}

std::unique_ptr<Vendor> make(Engine& engine) { return std::make_unique<Paystack>(engine); }

}  // namespace epay::emulators::paystack
