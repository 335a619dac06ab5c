#include "emulators/mtn/mtn.h"

#include <algorithm>

#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/mtn/access.h"
#include "emulators/mtn/scenarios.h"
#include "emulators/replies.h"

namespace epay::emulators::mtn {
namespace {

constexpr std::size_t note_length_max = 160;
constexpr std::int64_t first_transaction = 1'000'000'001;

// One operation that makes an order.
struct Operation {
  std::string kind;
  std::string product;
  std::string_view party;  // "payer", "payee"; empty: a refund's payer is the one of what it refunds
  bool pays_out;
};

const Operation operations[] = {
    {"requesttopay", "collection", "payer", false}, {"requesttowithdraw", "collection", "payer", false},
    {"transfer", "disbursement", "payee", true},    {"deposit", "disbursement", "payee", true},
    {"refund", "disbursement", "", true},
};

// What the sandbox refuses in a text, apart from its length.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '\'' && c != '<' && c != '>'; });
}

bool is_note(const http::Json& body, std::string_view key) {
  const std::string text = text_of(body, key);
  return text.size() <= note_length_max && is_plain(text);
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

http::Response malformed() { return {.status = 400}; }
http::Response not_found() { return momo_error(404, "RESOURCE_NOT_FOUND", "Requested resource was not found."); }

std::string_view word_of(Status status) {
  switch (status) {
    case Status::created: return "CREATED";
    case Status::waiting:
    case Status::pending: return "PENDING";
    case Status::succeeded: return "SUCCESSFUL";
    case Status::failed:
    case Status::reversed: return "FAILED";
  }
  return "";
}

class Mtn final : public Vendor {
 public:
  explicit Mtn(Engine& engine) : engine_(engine), access_(engine) {}

  void add_routes(Gate& gate) override;
  http::Response error(int status, std::string_view message) const override { return gateway_error(status, message); }
  std::optional<Scenario> published(const Order& order) const override {
    return published_scenario(order, engine_.switches());
  }
  std::vector<Callback> callbacks(const Order& order) override;
  std::vector<microseconds> callback_retries() const override;
  void expire_tokens() override { access_.expire_tokens(); }

 private:
  Task<http::Response> create(const Operation& operation, http::Request& request);
  Task<http::Response> show(const Operation& operation, http::Request& request);
  Task<http::Response> notify(http::Request& request);
  Task<http::Response> show_balance(std::string product, http::Request& request);
  Task<http::Response> show_active(std::string product, http::Request& request);
  Task<http::Response> show_user(std::string product, http::Request& request);

  Currency currency() const;
  std::optional<http::Response> refuse_callback_url(const http::Request& request, const Access::Caller& caller) const;
  // What is wrong with a refund, found only when it is carried out.
  std::string refund_failure(const Order& refund) const;
  std::expected<Order, http::Response> read_order(const Operation& operation, const http::Request& request);
  std::string body_of(const Order& order) const;

  Engine& engine_;
  Access access_;
};

void Mtn::add_routes(Gate& gate) {
  gate.add("POST", "/v1_0/apiuser", [this](http::Request& request) { return access_.create_user(request); });
  gate.add("POST", "/v1_0/apiuser/{id}/apikey", [this](http::Request& request) { return access_.create_key(request); });
  gate.add("GET", "/v1_0/apiuser/{id}", [this](http::Request& request) { return access_.show_user(request); });
  for (const std::string product : {"collection", "disbursement"}) {
    gate.add("POST", "/" + product + "/token",
             [this, product](http::Request& request) { return access_.create_token(product, request); });
    const std::string base = "/" + product + "/v1_0";
    for (const char* path : {"/account/balance", "/account/balance/{currency}"}) {
      gate.add("GET", base + path, [this, product](http::Request& request) { return show_balance(product, request); });
    }
    gate.add("GET", base + "/accountholder/{type}/{id}/active",
             [this, product](http::Request& request) { return show_active(product, request); });
    gate.add("GET", base + "/accountholder/{type}/{id}/basicuserinfo",
             [this, product](http::Request& request) { return show_user(product, request); });
  }
  for (const Operation& operation : operations) {
    const std::string base = "/" + operation.product + "/v1_0/" + operation.kind;
    const auto make = [this, &operation](http::Request& request) { return create(operation, request); };
    gate.add("POST", base, make);
    gate.add("GET", base + "/{id}", [this, &operation](http::Request& request) { return show(operation, request); });
    // The transfer alone has no second version.
    const bool has_v2 = operation.kind != "requesttopay" && operation.kind != "transfer";
    if (has_v2) gate.add("POST", "/" + operation.product + "/v2_0/" + operation.kind, make);
  }
  gate.add("POST", "/collection/v1_0/requesttopay/{id}/deliverynotification",
           [this](http::Request& request) { return notify(request); });
}

Currency Mtn::currency() const {
  const Switches& switches = engine_.switches();
  const std::string& wanted = switches.get("mtn.currency");
  if (wanted != "by_target") return *Currency::parse(wanted);
  return switches.is("mtn.target", "sandbox") ? *Currency::parse("EUR") : Currency::ghs();
}

std::optional<http::Response> Mtn::refuse_callback_url(const http::Request& request,
                                                       const Access::Caller& caller) const {
  const std::string* url = request.headers.find("X-Callback-Url");
  if (url == nullptr) return std::nullopt;
  const auto parsed = http::Url::parse(*url);
  if (!parsed) return malformed();
  if (caller.callback_host.empty() || parsed->host == lower(caller.callback_host)) return std::nullopt;
  const int status = engine_.switches().is("mtn.callback_host_error.http", "400") ? 400 : 500;
  return momo_error(status, "INVALID_CALLBACK_URL_HOST", "Callback URL does not match the configured value.");
}

std::expected<Order, http::Response> Mtn::read_order(const Operation& operation, const http::Request& request) {
  const std::string id(request.headers.get("X-Reference-Id"));
  const auto body = json_object(request);
  if (!is_uuid4(id) || !body) return std::unexpected(malformed());
  const auto asked_currency = Currency::parse(text_of(*body, "currency"));
  if (asked_currency != currency()) {
    return std::unexpected(momo_error(500, "INVALID_CURRENCY", "Currency not supported."));
  }
  const auto amount = Money::parse(text_of(*body, "amount"), *asked_currency);
  if (!amount || !is_note(*body, "payerMessage") || !is_note(*body, "payeeNote")) return std::unexpected(malformed());
  Order order{.kind = operation.kind,
              .id = lower(id),
              .client_reference = text_of(*body, "externalId"),
              .pays_out = operation.pays_out,
              .amount = *amount,
              .merchant = "merchant:" + operation.product,
              .callback_url = std::string(request.headers.get("X-Callback-Url"))};
  order.set_text("payerMessage", text_of(*body, "payerMessage"));
  order.set_text("payeeNote", text_of(*body, "payeeNote"));
  if (operation.party.empty()) {
    const std::string refunded = lower(text_of(*body, "referenceIdToRefund"));
    if (refunded.empty()) return std::unexpected(malformed());
    order.set_text("referenceIdToRefund", refunded);
    const Order* paid = engine_.find("requesttopay", refunded);
    order.customer = paid != nullptr ? paid->customer : "wallet:unknown";
    order.set_text("refund_failure", refund_failure(order));
    return order;
  }
  const http::Json* party = object_of(*body, operation.party);
  if (party == nullptr || text_of(*party, "partyId").empty()) return std::unexpected(malformed());
  const std::string type = lower(text_of(*party, "partyIdType"));
  if (type != "msisdn" && type != "email" && type != "party_code") return std::unexpected(malformed());
  order.details[std::string(operation.party)] = to_text(*party);
  order.customer =
      "wallet:" + (type == "msisdn" ? international(text_of(*party, "partyId")) : text_of(*party, "partyId"));
  return order;
}

std::string Mtn::refund_failure(const Order& refund) const {
  const std::string refunded = refund.detail_text("referenceIdToRefund");
  if (!is_uuid4(refunded)) return {};
  const Order* paid = engine_.find("requesttopay", refunded);
  if (paid == nullptr) return "TRANSACTION_NOT_FOUND";
  if (paid->status != Status::succeeded) return "TRANSACTION_NOT_COMPLETED";
  std::int64_t total = refund.amount.minor;
  for (const auto& [key, other] : engine_.orders()) {
    const bool counts = other.kind == "refund" && other.status != Status::failed;
    if (counts && other.detail_text("referenceIdToRefund") == refunded) total += other.amount.minor;
  }
  return total > paid->moved.minor ? "NOT_ALLOWED" : "";
}

Task<http::Response> Mtn::create(const Operation& operation, http::Request& request) {
  const auto caller = access_.admit(request, operation.product);
  if (!caller) co_return caller.error();
  if (auto refusal = refuse_callback_url(request, *caller)) co_return *std::move(refusal);
  auto order = read_order(operation, request);
  if (!order) co_return order.error();
  const std::string key = order->key();
  // Whatever the second says, the first stands.
  if (engine_.find_any(operation.kind, order->id) != nullptr) {
    co_return about(key,
                    momo_error(409, "RESOURCE_ALREADY_EXIST", "Duplicated reference id. Creation of resource failed."));
  }
  order->rail_reference = std::to_string(engine_.next_number("mtn_transaction", first_transaction));
  const Wire wire = co_await engine_.create(*std::move(order));
  co_return about(key, Engine::answer(wire, http::Response{.status = 202}));
}

Task<http::Response> Mtn::show(const Operation& operation, http::Request& request) {
  const auto caller = access_.admit(request, operation.product);
  if (!caller) co_return caller.error();
  const std::string id = lower(request.path_parameters.at(0));
  if (!is_uuid4(id)) co_return malformed();
  const Order* order = engine_.find(operation.kind, id);
  if (order == nullptr) co_return not_found();
  co_return about(order->key(), http::Response::json(200, body_of(*order)));
}

std::string Mtn::body_of(const Order& order) const {
  const Switches& switches = engine_.switches();
  JsonWriter json;
  json.begin_object();
  if (order.status == Status::succeeded) json.member("financialTransactionId", order.rail_reference);
  json.member("externalId", order.client_reference)
      .member("amount", order.moved.to_decimal())
      .member("currency", order.moved.currency.code());
  for (const char* party : {"payer", "payee"}) {
    if (order.details.contains(party)) json.key(party).raw(order.detail(party));
  }
  if (!order.pays_out || switches.is("mtn.payer_fields_in_transfer_status", "present")) {
    json.key("payerMessage").raw(order.detail("payerMessage")).key("payeeNote").raw(order.detail("payeeNote"));
  }
  json.member("status", word_of(order.status));
  const std::string reason = order.status == Status::reversed ? "TRANSACTION_CANCELED" : order.reason;
  if (!reason.empty() && switches.is("mtn.reason.shape", "string")) json.member("reason", reason);
  if (!reason.empty() && switches.is("mtn.reason.shape", "object")) {
    json.key("reason").begin_object().member("code", reason).member("message", reason).end_object();
  }
  return json.end_object().take();
}

std::vector<Callback> Mtn::callbacks(const Order& order) {
  if (order.callback_url.empty() || !is_final(order.status)) return {};
  Callback callback{
      .method = engine_.switches().next("mtn.callback.method"), .url = order.callback_url, .body = body_of(order)};
  callback.headers.add("Content-Type", "application/json");
  return {std::move(callback)};
}

// One version of the documents has repetitions; the oldest and the newest have none.
std::vector<microseconds> Mtn::callback_retries() const {
  if (engine_.switches().is("mtn.callback.retry", "once")) return {};
  std::vector<microseconds> waits(20, seconds(1));
  waits.insert(waits.end(), 30, minutes(2));
  waits.insert(waits.end(), 24, hours(1));
  return waits;
}

Task<http::Response> Mtn::notify(http::Request& request) {
  const auto caller = access_.admit(request, "collection");
  if (!caller) co_return caller.error();
  const std::string id = lower(request.path_parameters.at(0));
  Order* order = engine_.find_any("requesttopay", id);
  if (order == nullptr) co_return not_found();
  const auto body = json_object(request);
  const std::string message = body ? text_of(*body, "notificationMessage") : "";
  if (message.empty() || message.size() > note_length_max) co_return malformed();
  if (order->details.contains("notification")) {
    co_return about(order->key(), gateway_error(429, "A notification was already sent for this transaction."));
  }
  order->set_text("notification", message);
  engine_.keep(*order);
  co_return about(order->key(), http::Response{.status = 200});
}

Task<http::Response> Mtn::show_balance(std::string product, http::Request& request) {
  const auto caller = access_.admit(request, product);
  if (!caller) co_return caller.error();
  const std::string asked = request.path_parameters.empty() ? "" : request.path_parameters.front();
  if (!asked.empty() && asked != currency().code()) {
    co_return momo_error(500, "INVALID_CURRENCY", "Currency not supported.");
  }
  JsonWriter json;
  json.begin_object()
      .member("availableBalance", engine_.ledger().balance("merchant:" + product, currency()).to_decimal())
      .member("currency", currency().code());
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Mtn::show_active(std::string product, http::Request& request) {
  const auto caller = access_.admit(request, product);
  if (!caller) co_return caller.error();
  const HolderAnswer answer = holder_answer(lower(request.path_parameters.at(0)), request.path_parameters.at(1));
  if (answer.status != 200) co_return momo_error(answer.status, answer.code, answer.code);
  const std::string truth = answer.is_active ? "true" : "false";
  const bool is_bare = engine_.switches().is("mtn.active.shape", "bare");
  co_return http::Response::json(200, is_bare ? truth : "{\"result\":" + truth + "}");
}

Task<http::Response> Mtn::show_user(std::string product, http::Request& request) {
  const auto caller = access_.admit(request, product);
  if (!caller) co_return caller.error();
  const std::string& id = request.path_parameters.at(1);
  const HolderAnswer answer = holder_answer(lower(request.path_parameters.at(0)), id);
  if (answer.status != 200) co_return momo_error(answer.status, answer.code, answer.code);
  const std::string name = name_of_number(international(id));
  JsonWriter json;
  json.begin_object()
      .member("sub", "0")
      .member("name", name)
      .member("given_name", name.substr(0, name.find(' ')))
      .member("family_name", name.substr(name.find(' ') + 1))
      .member("birthdate", "1976-08-13")
      .member("locale", "en_GH")
      .member("gender", "FEMALE")
      .member("updated_at", engine_.shown(engine_.now()).unix_seconds());
  co_return http::Response::json(200, json.end_object().take());
}

}  // namespace

std::vector<SwitchRule> switches() {
  return {
      {"mtn.target", "", "sandbox"},
      {"mtn.currency", "by_target|EUR|GHS", "by_target"},
      {"mtn.collection.key", "", "c0ffee00c0ffee00c0ffee00c0ffee00"},
      {"mtn.disbursement.key", "", "d15b0000d15b0000d15b0000d15b0000"},
      // A user as the partner portal makes them, good for both products.
      {"mtn.user", "", "11111111-1111-4111-8111-111111111111"},
      {"mtn.user_key", "", "0123456789abcdef0123456789abcdef"},
      {"mtn.callback_host", "", ""},
      {"mtn.callback.method", "PUT|POST|alternate", "alternate"},
      {"mtn.callback.retry", "once|storm", "once"},
      {"mtn.reason.shape", "string|object|none", "string"},
      {"mtn.status.created", "suffix|on|off", "suffix"},
      {"mtn.453", "pending|succeeds|fails", "pending"},
      {"mtn.454", "succeeds|pending|fails", "succeeds"},
      {"mtn.callback_host_error.http", "500|400", "500"},
      {"mtn.active.shape", "object|bare", "object"},
      {"mtn.payer_fields_in_transfer_status", "absent|present", "absent"},
      {"mtn.token.body", "lenient|refused", "lenient"},
      {"mtn.token.expires_in", "", "3600"},
  };
}

std::unique_ptr<Vendor> make(Engine& engine) { return std::make_unique<Mtn>(engine); }

}  // namespace epay::emulators::mtn
