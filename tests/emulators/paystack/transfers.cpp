#include <algorithm>

#include "base/crypto.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/paystack/banks.h"
#include "emulators/paystack/service.h"
#include "emulators/replies.h"

namespace epay::emulators::paystack {
namespace {

constexpr std::string_view recipient_record = "paystack_recipient";
constexpr std::int64_t first_transfer = 700'000'001;
constexpr std::int64_t first_recipient = 20'000'001;
constexpr std::size_t code_length = 15;
constexpr std::size_t reference_min = 16, reference_max = 50;
constexpr std::size_t bulk_max = 100;
constexpr std::size_t list_max = 50;

bool is_reference(std::string_view text) {
  return text.size() >= reference_min && text.size() <= reference_max && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
         });
}

http::Response missing(std::string_view message) {
  return refuse({400, message, "validation_error", "missing_params"});
}

// The ledger's account of a recipient: a wallet or a bank account.
std::string account_of(const http::Json& recipient) {
  const http::Json* details = object_of(recipient, "details");
  const std::string number = details == nullptr ? "" : text_of(*details, "account_number");
  const std::string bank = details == nullptr ? "" : text_of(*details, "bank_code");
  if (text_of(recipient, "type") == "mobile_money") return "wallet:" + international(number);
  return "bank:" + bank + ":" + number;
}

// The money moves when it is decided; until then it is spoken for.
bool is_under_way(const Order& order) { return order.pays_out && !is_final(order.status); }

}  // namespace

Paystack::Answer Paystack::list_banks(http::Request& request) {
  co_return success(200, "Banks retrieved", bank_list(request.query_parameter("type").value_or("")));
}

// Numbers that end in 450 belong to nobody.
Paystack::Answer Paystack::resolve_account(http::Request& request) {
  const std::string number = request.query_parameter("account_number").value_or("");
  const Bank* bank = find_bank(request.query_parameter("bank_code").value_or(""));
  if (number.empty()) co_return missing("Account number is required");
  if (bank == nullptr || suffix_of(number) == 450) {
    co_return refuse({422, "Could not resolve account name. Check parameters or try again.", "validation_error",
                      "invalid_bank_code"});
  }
  JsonWriter json;
  json.begin_object()
      .member("account_number", number)
      .member("account_name", name_of_number(international(number)))
      .member("bank_id", bank->id);
  co_return success(200, "Account number resolved", json.end_object().take());
}

Paystack::Answer Paystack::create_recipient(http::Request& request) {
  const auto body = json_object(request);
  if (!body) co_return missing("Invalid JSON");
  const std::string type = text_of(*body, "type"), name = text_of(*body, "name");
  const std::string number = text_of(*body, "account_number"), bank_code = text_of(*body, "bank_code");
  if (name.empty() || number.empty()) co_return missing("Name and account number are required");
  if (type != "mobile_money" && type != "ghipss") {
    co_return refuse({400, "Recipient type is not supported", "validation_error", "invalid_params"});
  }
  const Bank* bank = find_bank(bank_code);
  if (bank == nullptr || bank->type != type) {
    co_return refuse({400, "Account details are invalid: Bank is invalid", "validation_error", "invalid_bank_code"});
  }
  for (const auto& [code, text] : recipients_) {
    const auto recipient = http::Json::parse(text);
    const http::Json* details = object_of(*recipient, "details");
    const bool is_same = text_of(*recipient, "name") == name && text_of(*details, "account_number") == number &&
                         text_of(*details, "bank_code") == bank->code;
    if (is_same) co_return success(201, "Transfer recipient created successfully", text);
  }
  const std::string code = "RCP_" + engine_.seams().random.text(code_length, Random::hex_digits);
  const std::string now = time_text(engine_, engine_.now());
  JsonWriter json;
  json.begin_object()
      .member("active", true)
      .member("createdAt", now)
      .member("currency", "GHS")
      .member("description", "")
      .member("domain", domain_of(engine_))
      .key("email")
      .null()
      .member("id", engine_.next_number("paystack_recipient", first_recipient))
      .member("integration", 100'043)
      .key("metadata")
      .null()
      .member("name", name)
      .member("recipient_code", code)
      .member("type", type)
      .member("updatedAt", now)
      .member("is_deleted", false)
      .key("details")
      .begin_object()
      .key("authorization_code")
      .null()
      .member("account_number", number)
      .member("account_name", name_of_number(international(number)))
      .member("bank_code", bank->code)
      .member("bank_name", bank->name)
      .end_object();
  recipients_[code] = json.end_object().take();
  engine_.state().put(recipient_record, code, recipients_[code]);
  co_return success(201, "Transfer recipient created successfully", recipients_[code]);
}

Paystack::Answer Paystack::list_recipients(http::Request&) {
  JsonWriter json;
  json.begin_array();
  std::size_t total = 0;
  for (const auto& [code, text] : recipients_) {
    if (++total <= list_max) json.raw(text);
  }
  co_return success_list("Recipients retrieved", json.end_array().take(), total);
}

Paystack::Answer Paystack::show_recipient(http::Request& request) {
  const auto found = recipients_.find(request.path_parameters.at(0));
  if (found == recipients_.end()) {
    co_return refuse({404, "Recipient not found", "validation_error", "recipient_not_found"});
  }
  co_return success(200, "Recipient retrieved", found->second);
}

std::int64_t Paystack::available() {
  std::int64_t minor = engine_.ledger().balance(balance_account, Currency::ghs()).minor;
  for (const auto& [key, order] : engine_.orders()) {
    if (is_under_way(order)) minor -= order.amount.minor;
  }
  return minor;
}

// `batch` holds what a bulk's transfers share; for a single one it is the same document.
std::expected<Order, http::Response> Paystack::read_transfer(const http::Json& body, const http::Json& batch) {
  const auto refused = [](std::string_view message, std::string_view code) {
    return std::unexpected(refuse({400, message, "validation_error", code}));
  };
  if (text_of(batch, "source") != "balance") return refused("Invalid source", "invalid_params");
  const std::int64_t amount = number_of(body, "amount", 0);
  if (amount <= 0) return refused("Amount is required", "missing_params");
  const std::string currency = text_of(batch, "currency");
  if (!currency.empty() && currency != "GHS") return refused("Currency not supported", "unsupported_currency");
  const auto recipient_text = recipients_.find(text_of(body, "recipient"));
  if (recipient_text == recipients_.end())
    return refused("Recipient specified is invalid", "invalid_transfer_recipient");
  std::string reference = text_of(body, "reference");
  if (body.find("reference") == nullptr) reference = engine_.seams().random.text(reference_min, Random::hex_digits);
  if (!is_reference(reference)) {
    return refused("Transfer reference must be 16 to 50 lower-case letters, digits, - or _", "invalid_params");
  }
  if (engine_.find_any("transfer", reference) != nullptr) {
    return refused("Please provide a unique reference. Reference already exists on a transfer", "duplicate_reference");
  }
  if (available() < amount) {
    return refused("Your balance is not enough to fulfil this request", "insufficient_balance");
  }
  const auto recipient = http::Json::parse(recipient_text->second);
  Order order{.kind = "transfer",
              .id = reference,
              .client_reference = reference,
              .rail_reference = std::to_string(engine_.next_number("paystack_transfer", first_transfer)),
              .pays_out = true,
              .amount = {amount, Currency::ghs()},
              .customer = account_of(*recipient),
              .merchant = std::string(balance_account)};
  order.details["recipient"] = recipient_text->second;
  order.details["recipient_id"] = text_of(*recipient, "id");
  order.set_text("reason", text_of(body, "reason"));
  order.set_text("transfer_code", "TRF_" + engine_.seams().random.text(code_length, Random::hex_digits));
  return order;
}

Paystack::Answer Paystack::transfer(http::Request& request) {
  const auto body = json_object(request);
  if (!body) co_return missing("Invalid JSON");
  // A client of years ago finalizes at the same address.
  if (body->find("transfer_code") != nullptr) co_return co_await finalize_transfer(request);
  auto order = read_transfer(*body, *body);
  if (!order) co_return order.error();
  const bool wants_otp = engine_.switches().is("paystack.transfer.otp", "on");
  if (wants_otp) {
    order->status = Status::waiting;
    order->details["otp"] = "true";
  }
  const std::string key = order->key();
  const Wire wire = co_await engine_.create(*std::move(order));
  const Order* made = engine_.by_key(key);
  if (made == nullptr) co_return Engine::answer(wire, error(504, "Gateway Timeout"));
  co_return about(
      key,
      Engine::answer(wire, success(200, wants_otp ? "Transfer requires OTP to continue" : "Transfer has been queued",
                                   transfer_body(engine_, *made, false))));
}

Paystack::Answer Paystack::bulk_transfer(http::Request& request) {
  const auto body = json_object(request);
  const http::Json* transfers = body ? body->find("transfers") : nullptr;
  if (transfers == nullptr || transfers->items.empty()) co_return missing("Transfers are required");
  if (transfers->items.size() > bulk_max) {
    co_return refuse({400, "A batch has at most 100 transfers", "validation_error", "invalid_params"});
  }
  JsonWriter json;
  json.begin_array();
  std::size_t queued = 0;
  for (const http::Json& item : transfers->items) {
    auto order = read_transfer(item, *body);
    // The first that is wrong refuses those after it; what stands before it is queued already.
    if (!order) {
      if (queued == 0) co_return order.error();
      break;
    }
    const std::string key = order->key();
    (void)co_await engine_.create(*std::move(order));
    const Order* made = engine_.by_key(key);
    if (made == nullptr) continue;
    ++queued;
    json.begin_object()
        .member("reference", made->id)
        .key("recipient")
        .value(text_of(item, "recipient"))
        .member("amount", made->amount.minor)
        .key("transfer_code")
        .raw(made->detail("transfer_code"))
        .member("currency", "GHS")
        .member("status", transfer_word(*made))
        .end_object();
  }
  co_return success(200, std::to_string(queued) + " transfers queued.", json.end_array().take());
}

Paystack::Answer Paystack::finalize_transfer(http::Request& request) {
  const auto body = json_object(request);
  const std::string code = body ? text_of(*body, "transfer_code") : "";
  const Order* found = find_transfer(code);
  if (found == nullptr) co_return refuse({404, "Transfer not found", "validation_error", "transfer_not_found"});
  Order& order = *engine_.by_key(found->key());
  if (order.status != Status::waiting) {
    co_return refuse({400, "Transfer is not currently awaiting OTP", "validation_error", "invalid_state"});
  }
  if (!engine_.switches().is("paystack.otp", text_of(*body, "otp"))) {
    co_return refuse({400, "OTP is invalid", "validation_error", "invalid_otp"});
  }
  engine_.go_on(order);
  co_return about(order.key(), success(200, "Transfer has been queued", transfer_body(engine_, order, false)));
}

Paystack::Answer Paystack::resend_otp(http::Request& request) {
  const auto body = json_object(request);
  const Order* found = find_transfer(body ? text_of(*body, "transfer_code") : "");
  if (found == nullptr) co_return refuse({404, "Transfer not found", "validation_error", "transfer_not_found"});
  co_return success(200, "OTP has been resent", "null");
}

const Order* Paystack::find_transfer(std::string_view id_or_code) const {
  if (id_or_code.empty()) return nullptr;
  return engine_.find_if([&](const Order& order) {
    return order.kind == "transfer" &&
           (order.rail_reference == id_or_code || order.detail_text("transfer_code") == id_or_code);
  });
}

Paystack::Answer Paystack::verify_transfer(http::Request& request) {
  const Order* order = engine_.find("transfer", request.path_parameters.at(0));
  if (order == nullptr) co_return refuse({404, "Transfer not found", "validation_error", "transfer_not_found"});
  co_return about(order->key(), success(200, "Transfer retrieved", transfer_body(engine_, *order, true)));
}

Paystack::Answer Paystack::show_transfer(http::Request& request) {
  const Order* order = find_transfer(request.path_parameters.at(0));
  if (order == nullptr) co_return refuse({404, "Transfer not found", "validation_error", "transfer_not_found"});
  co_return about(order->key(), success(200, "Transfer retrieved", transfer_body(engine_, *order, true)));
}

Paystack::Answer Paystack::list_transfers(http::Request&) {
  JsonWriter json;
  json.begin_array();
  std::size_t total = 0;
  for (const auto& [key, order] : engine_.orders()) {
    if (order.kind == "transfer" && ++total <= list_max) json.raw(transfer_body(engine_, order, true));
  }
  co_return success_list("Transfers retrieved", json.end_array().take(), total);
}

Paystack::Answer Paystack::show_balance(http::Request&) {
  JsonWriter json;
  json.begin_array().begin_object().member("currency", "GHS").member("balance", available());
  co_return success(200, "Balances retrieved", json.end_object().end_array().take());
}

Paystack::Answer Paystack::show_balance_ledger(http::Request&) {
  JsonWriter json;
  json.begin_array();
  std::size_t total = 0;
  std::int64_t balance = 0;
  for (const Movement& movement : engine_.ledger().movements()) {
    const bool comes = movement.to == balance_account;
    if (!comes && movement.from != balance_account) continue;
    balance += comes ? movement.amount.minor : -movement.amount.minor;
    if (++total > list_max) continue;
    json.begin_object()
        .member("domain", domain_of(engine_))
        .member("balance", balance)
        .member("currency", movement.amount.currency.code())
        .member("difference", comes ? movement.amount.minor : -movement.amount.minor)
        .member("reason", movement.kind)
        .member("model_responsible", movement.kind)
        .member("id", movement.id)
        .member("createdAt", time_text(engine_, movement.at))
        .end_object();
  }
  co_return success_list("Balance ledger retrieved", json.end_array().take(), total);
}

}  // namespace epay::emulators::paystack
