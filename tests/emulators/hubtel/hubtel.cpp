#include "emulators/hubtel/hubtel.h"

#include <algorithm>

#include "base/json_writer.h"
#include "emulators/fault_stream.h"
#include "emulators/hubtel/bodies.h"
#include "emulators/json_text.h"
#include "emulators/replies.h"

namespace epay::emulators::hubtel {
namespace {

constexpr std::int64_t first_transaction = 90'000'000'001;
constexpr std::size_t reference_max = 36;
constexpr std::size_t id_length = 32;
constexpr minutes hang_time{10};
// One percent, of what is collected; payouts cost nothing here.
constexpr std::int64_t fee_rate = 100, fee_parts = 10'000;

struct Channel {
  std::string_view name;
  std::string_view prefixes;  // of national numbers, three digits each
};
constexpr Channel channels[] = {
    {"mtn-gh", "024 025 053 054 055 059"},
    {"vodafone-gh", "020 050"},
    {"tigo-gh", "026 027 056 057 023"},
};

constexpr std::string_view bank_codes[] = {"300302", "300303", "300304", "300305", "300306", "300307",
                                           "300309", "300310", "300311", "300312", "300313", "300316",
                                           "300317", "300318", "300319", "300320", "300322", "300323",
                                           "300324", "300325", "300329", "300331", "300334", "300362"};

const Channel* find_channel(std::string_view name) {
  for (const Channel& channel : channels) {
    if (channel.name == name) return &channel;
  }
  return nullptr;
}

// A number of another network than the channel's. A number that no network has may be anyone's.
bool is_elsewhere(const Channel& channel, std::string_view number) {
  const std::string prefix = "0" + std::string(number.substr(3, 2));
  for (const Channel& other : channels) {
    if (other.prefixes.find(prefix) != std::string_view::npos) return other.name != channel.name;
  }
  return false;
}

bool is_alphanumeric(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

http::Response invalid(std::string_view message) { return envelope(400, "4000", message); }

class Hubtel final : public Vendor {
 public:
  explicit Hubtel(Engine& engine) : engine_(engine) {}

  void add_routes(Gate& gate) override;
  http::Response error(int status, std::string_view message) const override {
    return envelope(status, std::to_string(status), message);
  }
  std::optional<Scenario> published(const Order& order) const override;
  std::vector<Callback> callbacks(const Order& order) override;
  // Not documented: once.
  std::vector<microseconds> callback_retries() const override { return {}; }

 private:
  using Answer = Task<http::Response>;
  void add(Gate& gate, std::string_view method, std::string_view path, Answer (Hubtel::*answer)(http::Request&));
  std::optional<http::Response> refuse_caller(const http::Request& request) const;

  Answer receive(http::Request& request);
  Answer send_to_wallet(http::Request& request);
  Answer send_to_bank(http::Request& request);
  Answer show_status(http::Request& request);
  Answer show_payout_status(http::Request& request);
  Answer show_balance(http::Request& request);
  Answer verify_wallet(http::Request& request);
  Answer verify_bank(http::Request& request);
  Answer refund(http::Request& request);

  std::expected<Order, http::Response> read_order(const http::Request& request, bool pays_out);
  std::expected<std::string, http::Response> read_wallet(const http::Json& body, std::string_view key, Order& order);
  Answer make(Order order);
  Answer answer_status(http::Request& request, bool pays_out);

  Engine& engine_;
};

void Hubtel::add(Gate& gate, std::string_view method, std::string_view path, Answer (Hubtel::*answer)(http::Request&)) {
  gate.add(method, path, [this, answer](http::Request& request) -> Answer {
    if (auto refusal = refuse_caller(request)) co_return *std::move(refusal);
    co_return co_await (this->*answer)(request);
  });
}

void Hubtel::add_routes(Gate& gate) {
  add(gate, "POST", "/merchantaccount/merchants/{account}/receive/mobilemoney", &Hubtel::receive);
  add(gate, "POST", "/api/merchants/{account}/send/mobilemoney", &Hubtel::send_to_wallet);
  add(gate, "POST", "/api/merchants/{account}/send/bank/gh/{bank}", &Hubtel::send_to_bank);
  add(gate, "GET", "/transactions/{account}/status", &Hubtel::show_status);
  add(gate, "GET", "/api/merchants/{account}/transactions/status", &Hubtel::show_payout_status);
  // Its older address, and the one that today's documents have.
  add(gate, "GET", "/merchantaccount/merchants/{account}/mobilemoney/verify", &Hubtel::verify_wallet);
  add(gate, "GET", "/v2/merchantaccount/merchants/{account}/mobilemoney/verify", &Hubtel::verify_wallet);
  add(gate, "GET", "/api/inter-transfers/prepaid/{account}", &Hubtel::show_balance);
  add(gate, "GET", "/v2/merchantaccount/merchants/{account}/bank/verify/{bank}/{number}", &Hubtel::verify_bank);
  add(gate, "POST", "/refund/{account}/order/{order}", &Hubtel::refund);
}

// Strange addresses see nothing but a closed door; then come the keys, then the account.
std::optional<http::Response> Hubtel::refuse_caller(const http::Request& request) const {
  const Switches& switches = engine_.switches();
  const std::string& listed = switches.get("hubtel.listed_ip");
  if (!listed.empty() && request.client.to_string() != listed) {
    http::Response response = http::Response::html(403, "<html><body><h1>403 Forbidden</h1></body></html>");
    if (switches.is("hubtel.unlisted_ip", "hang")) {
      set_wire_fault(response, {.kind = WireFault::Kind::hang, .delay = hang_time});
    }
    return response;
  }
  const auto credentials = basic_credentials(request);
  const bool is_known = credentials && switches.is("hubtel.api_id", credentials->first) &&
                        switches.is("hubtel.api_key", credentials->second);
  if (!is_known) return http::Response{.status = 401};
  const std::string& account = request.path_parameters.at(0);
  if (!switches.is("hubtel.pos_id", account) && !switches.is("hubtel.prepaid_id", account)) {
    return envelope(400, "4101", "The business is not fully set up to receive this request");
  }
  return std::nullopt;
}

std::optional<Scenario> Hubtel::published(const Order& order) const {
  const Channel* channel = find_channel(order.detail_text("channel"));
  if (channel != nullptr && is_elsewhere(*channel, order.customer_number())) {
    return Scenario{.failure = "WRONG_CHANNEL"};
  }
  return std::nullopt;
}

std::vector<Callback> Hubtel::callbacks(const Order& order) {
  if (order.callback_url.empty() || !is_final(order.status)) return {};
  Callback callback{.url = order.callback_url, .body = callback_body(engine_, order)};
  callback.headers.add("Content-Type", "application/json; charset=utf-8");
  return {std::move(callback)};
}

// What receiving and sending have in common.
std::expected<Order, http::Response> Hubtel::read_order(const http::Request& request, bool pays_out) {
  const auto body = json_object(request);
  if (!body) return std::unexpected(invalid("The request body is not valid JSON"));
  const auto amount = Money::parse(text_any_case(*body, "Amount"), Currency::ghs());
  if (!amount) return std::unexpected(invalid("Amount " + amount.error().message));
  const std::string reference = text_any_case(*body, "ClientReference");
  if (reference.empty() || reference.size() > reference_max || !is_alphanumeric(reference)) {
    return std::unexpected(invalid("ClientReference must be 1 to 36 letters and digits"));
  }
  const std::string description = text_any_case(*body, "Description");
  if (description.empty()) return std::unexpected(invalid("Description is required"));
  const std::string url = text_any_case(*body, "PrimaryCallbackURL");
  if (url.empty()) return std::unexpected(invalid("PrimaryCallbackURL is required"));
  const auto minimum = Money::parse(engine_.switches().get("hubtel.minimum"), Currency::ghs());
  if (minimum && amount->minor < minimum->minor) {
    return std::unexpected(envelope(400, "4070", "We're unable to complete this payment at the moment: below minimum"));
  }
  const bool is_known = engine_.find_if([&](const Order& order) {
    return order.client_reference == reference && order.pays_out == pays_out;
  }) != nullptr;
  if (is_known && engine_.switches().is("hubtel.duplicate", "refused")) {
    return std::unexpected(invalid("Duplicate ClientReference"));
  }
  Order order{.kind = pays_out ? "send" : "receive",
              .id = engine_.seams().random.text(id_length, Random::hex_digits),
              .client_reference = reference,
              .rail_reference = std::to_string(engine_.next_number("hubtel_transaction", first_transaction)),
              .pays_out = pays_out,
              .amount = *amount,
              .fee = pays_out ? 0 : (amount->minor * fee_rate + fee_parts / 2) / fee_parts,
              .customer_pays_fee = engine_.switches().is("hubtel.fee_bearer", "customer"),
              .merchant = pays_out ? "merchant:prepaid" : "merchant:collection",
              .callback_url = url};
  order.set_text("description", description);
  return order;
}

// The number under `key` and the channel, into the order; gives the number.
std::expected<std::string, http::Response> Hubtel::read_wallet(const http::Json& body, std::string_view key,
                                                               Order& order) {
  const std::string number = text_any_case(body, key);
  if (number.size() != 12 || !number.starts_with("233") || international(number) != number) {
    return std::unexpected(invalid(std::string(key) + " must be written 233XXXXXXXXX"));
  }
  const std::string channel = text_any_case(body, "Channel");
  if (find_channel(channel) == nullptr) return std::unexpected(invalid("Channel is not known"));
  if (engine_.switches().get("hubtel.channels").find(channel) == std::string::npos) {
    return std::unexpected(envelope(400, "4103", "Permission denied: this channel is not allowed for the account"));
  }
  order.set_text("channel", channel);
  order.customer = "wallet:" + number;
  return number;
}

Hubtel::Answer Hubtel::make(Order order) {
  const std::string key = order.key();
  const Wire wire = co_await engine_.create(std::move(order));
  const Order* made = engine_.by_key(key);
  if (made == nullptr) co_return Engine::answer(wire, error(504, "Gateway Timeout"));
  const std::string& code = engine_.switches().get("hubtel.answer");
  const std::string_view message = code == "0001" ? "Transaction pending. Expect callback request for final state."
                                                  : "There was an HTTP failure; the state is not known.";
  co_return about(key, Engine::answer(wire, envelope(200, code, message, created_data(*made))));
}

Hubtel::Answer Hubtel::receive(http::Request& request) {
  auto order = read_order(request, false);
  if (!order) co_return order.error();
  const auto wallet = read_wallet(*json_object(request), "CustomerMsisdn", *order);
  if (!wallet) co_return wallet.error();
  co_return co_await make(*std::move(order));
}

Hubtel::Answer Hubtel::send_to_wallet(http::Request& request) {
  auto order = read_order(request, true);
  if (!order) co_return order.error();
  const auto wallet = read_wallet(*json_object(request), "RecipientMsisdn", *order);
  if (!wallet) co_return wallet.error();
  co_return co_await make(*std::move(order));
}

Hubtel::Answer Hubtel::send_to_bank(http::Request& request) {
  auto order = read_order(request, true);
  if (!order) co_return order.error();
  const std::string& bank = request.path_parameters.at(1);
  const std::string number = text_any_case(*json_object(request), "BankAccountNumber");
  if (std::ranges::find(bank_codes, bank) == std::end(bank_codes)) co_return invalid("The bank code is not known");
  if (number.empty()) co_return invalid("BankAccountNumber is required");
  order->customer = "bank:" + bank + ":" + number;
  co_return co_await make(*std::move(order));
}

Hubtel::Answer Hubtel::answer_status(http::Request& request, bool pays_out) {
  const std::string reference = request.query_parameter("clientReference").value_or("");
  const std::string id = request.query_parameter("hubtelTransactionId").value_or("");
  const std::string network_id = request.query_parameter("networkTransactionId").value_or("");
  const Order* order = engine_.find_if([&](const Order& one) {
    if (one.pays_out != pays_out || one.kind == "refund") return false;
    if (!reference.empty()) return one.client_reference == reference;
    return !id.empty() ? one.id == id : one.rail_reference == network_id;
  });
  // Queries may come before they can find it.
  if (order != nullptr && engine_.find(order->kind, order->id) != nullptr) {
    const bool as_payment = !pays_out || engine_.switches().is("hubtel.payout_status", "as_payment");
    co_return about(order->key(), http::Response::json(200, as_payment ? status_body(engine_, *order)
                                                                       : payout_status_body(engine_, *order)));
  }
  if (engine_.switches().is("hubtel.status_unknown", "null")) {
    co_return http::Response::json(200, "{\"message\":\"Successful\",\"responseCode\":\"0000\",\"data\":null}");
  }
  co_return http::Response::json(404,
                                 "{\"message\":\"Transaction not found\",\"responseCode\":\"4040\",\"data\":null}");
}

Hubtel::Answer Hubtel::show_status(http::Request& request) { return answer_status(request, false); }
Hubtel::Answer Hubtel::show_payout_status(http::Request& request) { return answer_status(request, true); }

Hubtel::Answer Hubtel::show_balance(http::Request&) {
  JsonWriter json;
  json.begin_object().key("amount").raw(engine_.ledger().balance("merchant:prepaid", Currency::ghs()).to_decimal());
  co_return http::Response::json(
      200, "{\"responseCode\":\"0000\",\"message\":\"Success\",\"data\":" + json.end_object().take() + "}");
}

// 450 is nobody's number, 451 is barred.
Hubtel::Answer Hubtel::verify_wallet(http::Request& request) {
  const std::string number = request.query_parameter("customerMsisdn").value_or("");
  const Channel* channel = find_channel(request.query_parameter("channel").value_or(""));
  if (channel == nullptr || international(number).size() != 12)
    co_return invalid("channel or customerMsisdn is invalid");
  const int suffix = scenario_of_our_number(number, false) ? suffix_of(number) : -1;
  const bool is_registered = suffix != 450 && !is_elsewhere(*channel, international(number));
  JsonWriter json;
  json.begin_object().member("IsRegistered", is_registered);
  if (is_registered) {
    json.member("Name", name_of_number(international(number)))
        .member("Status", suffix == 451 ? "barred" : "active")
        .member("Profile", "Subscriber");
  } else {
    json.key("Name").null().key("Status").null().key("Profile").null();
  }
  co_return envelope(200, "0000", "Success", json.end_object().take());
}

Hubtel::Answer Hubtel::verify_bank(http::Request& request) {
  const std::string& bank = request.path_parameters.at(1);
  const std::string& number = request.path_parameters.at(2);
  if (std::ranges::find(bank_codes, bank) == std::end(bank_codes)) co_return invalid("The bank code is not known");
  if (suffix_of(number) == 450) co_return envelope(200, "2001", "The account was not found");
  JsonWriter json;
  json.begin_object().member("Name", name_of_number(number));
  co_return envelope(200, "0000", "Success", json.end_object().take());
}

Hubtel::Answer Hubtel::refund(http::Request& request) {
  const std::string& id = request.path_parameters.at(1);
  const Order* paid = engine_.find("receive", id);
  if (paid == nullptr) co_return envelope(404, "4040", "The order was not found");
  if (paid->status != Status::succeeded) co_return invalid("The order has not been paid");
  const auto body = json_object(request);
  if (!body) co_return invalid("The request body is not valid JSON");
  std::int64_t left = paid->moved.minor;
  for (const auto& [key, other] : engine_.orders()) {
    const bool counts = other.kind == "refund" && other.status != Status::failed;
    if (counts && other.detail_text("order") == id) left -= other.amount.minor;
  }
  const std::string asked = text_any_case(*body, "amount");
  const auto amount = Money::parse(asked.empty() ? Money{left, Currency::ghs()}.to_decimal() : asked, Currency::ghs());
  if (!amount || amount->minor > left) co_return invalid("The amount is more than is left to refund");
  Order order{.kind = "refund",
              .id = engine_.seams().random.text(id_length, Random::hex_digits),
              .client_reference = "refund:" + paid->client_reference,
              .rail_reference = std::to_string(engine_.next_number("hubtel_transaction", first_transaction)),
              .pays_out = true,
              .amount = *amount,
              .customer = paid->customer,
              .merchant = "merchant:collection",
              .callback_url = text_any_case(*body, "callbackUrl")};
  order.set_text("order", id);
  order.set_text("description", "Refund");
  co_return co_await make(std::move(order));
}

}  // namespace

std::vector<SwitchRule> switches() {
  return {
      {"hubtel.api_id", "", "emulated"},
      {"hubtel.api_key", "", "0123456789abcdef0123456789abcdef"},
      {"hubtel.pos_id", "", "11684"},
      {"hubtel.prepaid_id", "", "2017174"},
      {"hubtel.listed_ip", "", ""},  // empty: any
      {"hubtel.unlisted_ip", "403|hang", "403"},
      {"hubtel.status_unknown", "404|null", "404"},
      {"hubtel.payout_status", "document|as_payment", "document"},
      {"hubtel.answer", "0001|0005", "0001"},
      {"hubtel.duplicate", "again|refused", "again"},
      {"hubtel.channels", "", "mtn-gh,vodafone-gh,tigo-gh"},
      {"hubtel.minimum", "", "0.01"},
      {"hubtel.fee_bearer", "merchant|customer", "merchant"},
  };
}

std::unique_ptr<Vendor> make(Engine& engine) { return std::make_unique<Hubtel>(engine); }

}  // namespace epay::emulators::hubtel
