#include "emulators/paystack/bodies.h"

#include <charconv>

#include "base/crypto.h"
#include "base/json_writer.h"

namespace epay::emulators::paystack {
namespace {

constexpr std::int64_t integration = 100'043;
constexpr std::size_t list_page = 50;

std::int64_t to_number(std::string_view digits) {
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// A code that is always the same for what it names: "CUS_…".
std::string code_of(std::string_view prefix, std::string_view of) {
  return std::string(prefix) + hex_encode(to_bytes(sha256(of))).substr(0, 15);
}

void write_null(JsonWriter& json, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) json.key(key).null();
}

void write_time(Engine& engine, JsonWriter& json, std::string_view key, const std::optional<Timestamp>& time) {
  if (time) {
    json.member(key, time_text(engine, *time));
  } else {
    json.key(key).null();
  }
}

void write_customer(JsonWriter& json, const Order& order) {
  const std::string email = order.detail_text("email");
  json.key("customer").begin_object().member("id", std::int64_t(short_hash(email) % 1'000'000'000));
  write_null(json, {"first_name", "last_name"});
  json.member("email", email).member("customer_code", code_of("CUS_", email));
  write_null(json, {"phone", "metadata"});
  json.member("risk_action", "default").key("international_format_phone").null().end_object();
}

void write_wallet(JsonWriter& json, const Order& order) {
  const std::string phone = order.detail_text("phone");
  const std::string provider = order.detail_text("provider");
  const bool is_mtn = provider == "mtn", is_telecel = provider == "vod";
  json.member("bin", phone.substr(0, 3) + "XXX")
      .member("last4", phone.size() < 3 ? "" : "X" + phone.substr(phone.size() - 3))
      .member("exp_month", "12")
      .member("exp_year", "9999")
      .member("channel", "mobile_money")
      .member("card_type", "")
      .member("bank", is_mtn       ? "MTN Mobile Money"
                      : is_telecel ? "Vodafone Cash"
                                   : "AirtelTigo Money")
      .member("country_code", "GH")
      .member("brand", is_mtn       ? "Mtn mobile money"
                       : is_telecel ? "Vodafone cash"
                                    : "Airteltigo money")
      .member("reusable", false);
  write_null(json, {"signature", "account_name"});
}

void write_card(JsonWriter& json, const Order& order) {
  const std::string number = order.detail_text("card");
  json.member("bin", number.substr(0, 6))
      .member("last4", number.substr(number.size() < 4 ? 0 : number.size() - 4))
      .member("exp_month", "12")
      .member("exp_year", "2030")
      .member("channel", "card")
      .member("card_type", "visa ")
      .member("bank", "TEST BANK")
      .member("country_code", "GH")
      .member("brand", "visa")
      .member("reusable", true)
      .member("signature", code_of("SIG_", number))
      .key("account_name")
      .null();
}

void write_authorization(JsonWriter& json, const Order& order) {
  json.key("authorization").begin_object();
  if (order.status == Status::succeeded || order.status == Status::reversed) {
    json.member("authorization_code", code_of("AUTH_", order.id));
    if (order.detail_text("channel") == "card") {
      write_card(json, order);
    } else {
      write_wallet(json, order);
    }
  }
  json.end_object();
}

}  // namespace

http::Response success(int status, std::string_view message, std::string_view data) {
  JsonWriter json;
  json.begin_object().member("status", true).member("message", message).key("data").raw(data);
  return http::Response::json(status, json.end_object().take());
}

http::Response success_list(std::string_view message, std::string_view data, std::size_t total) {
  JsonWriter json;
  json.begin_object().member("status", true).member("message", message).key("data").raw(data);
  json.key("meta")
      .begin_object()
      .member("total", static_cast<std::int64_t>(total))
      .member("skipped", 0)
      .member("perPage", static_cast<std::int64_t>(list_page))
      .member("page", 1)
      .member("pageCount", static_cast<std::int64_t>((total + list_page - 1) / list_page))
      .end_object();
  return http::Response::json(200, json.end_object().take());
}

http::Response refuse(const Refusal& refusal) {
  JsonWriter json;
  json.begin_object()
      .member("status", false)
      .member("message", refusal.message)
      .key("meta")
      .begin_object()
      .member("nextStep", "Try again later")
      .end_object()
      .member("type", refusal.type)
      .member("code", refusal.code);
  return http::Response::json(refusal.status, json.end_object().take());
}

std::string_view charge_word(const Order& order) {
  switch (order.status) {
    case Status::created:
    case Status::pending: return "pending";
    case Status::waiting: return "send_otp";
    case Status::succeeded: return "success";
    case Status::failed: return "failed";
    case Status::reversed: return "reversed";
  }
  return "";
}

std::string_view verify_word(const Order& order) {
  switch (order.status) {
    case Status::created:
    case Status::pending: return "ongoing";
    case Status::waiting: return order.details.contains("access_code") ? "abandoned" : "ongoing";
    case Status::succeeded: return "success";
    case Status::failed: return "failed";
    case Status::reversed: return "reversed";
  }
  return "";
}

std::string_view transfer_word(const Order& order) {
  switch (order.status) {
    case Status::created: return "received";
    case Status::pending: return "pending";
    case Status::waiting: return "otp";
    case Status::succeeded: return "success";
    case Status::failed:
      if (order.reason == "EXPIRED" && order.details.contains("otp")) return "abandoned";
      if (order.reason == "BLOCKED") return "blocked";
      if (order.reason == "REJECTED") return "rejected";
      return "failed";
    case Status::reversed: return "reversed";
  }
  return "";
}

std::string_view refund_word(const Order& order) {
  switch (order.status) {
    case Status::created:
    case Status::waiting:
    case Status::pending: return "pending";
    case Status::succeeded: return "processed";
    case Status::failed: return order.reason == "NEEDS_ATTENTION" ? "needs-attention" : "failed";
    case Status::reversed: return "failed";
  }
  return "";
}

std::string_view gateway_text(const Order& order) {
  struct Text {
    std::string_view reason, text;
  };
  static constexpr Text texts[] = {
      {"NOT_ENOUGH_FUNDS", "LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED"},
      {"PAYER_LIMIT_REACHED", "LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED"},
      {"APPROVAL_REJECTED", "Transaction was declined by the customer"},
      {"EXPIRED", "Transaction timed out"},
      {"COULD_NOT_PERFORM_TRANSACTION", "Transaction timed out"},
      {"PAYER_NOT_FOUND", "Mobile money account holder not found"},
      {"PAYEE_NOT_FOUND", "Mobile money account holder not found"},
      {"DECLINED", "Declined"},
      {"INSUFFICIENT_FUNDS", "Insufficient Funds"},
  };
  if (order.status == Status::succeeded || order.status == Status::reversed) return "Approved";
  if (order.status != Status::failed) return "";
  for (const Text& row : texts) {
    if (row.reason == order.reason) return row.text;
  }
  return order.reason;
}

std::string prompt_body(const Order& order) {
  JsonWriter json;
  const bool wants_otp = order.status == Status::waiting;
  json.begin_object()
      .member("reference", order.id)
      .member("status", wants_otp ? "send_otp" : "pay_offline")
      .member("display_text", wants_otp ? "Please dial *110# to generate a voucher code. Then input the voucher"
                                        : "Please complete authorization process on your mobile phone");
  return json.end_object().take();
}

std::string charge_body(Engine& engine, const Order& order, std::string_view word) {
  const bool is_paid = order.status == Status::succeeded || order.status == Status::reversed;
  const auto paid_at = is_paid ? order.decided_at : std::nullopt;
  JsonWriter json;
  json.begin_object()
      .member("id", to_number(order.rail_reference))
      .member("domain", domain_of(engine))
      .member("status", word)
      .member("reference", order.id)
      .key("receipt_number")
      .null()
      .member("amount", order.moved.minor);
  if (is_paid) {
    json.member("message", order.detail_text("channel") == "card" ? "Successful" : "madePayment");
  } else {
    json.key("message").null();
  }
  json.member("gateway_response", gateway_text(order));
  write_time(engine, json, "paid_at", paid_at);
  json.member("created_at", time_text(engine, order.created_at))
      .key("channel")
      .raw(order.detail("channel"))
      .member("currency", order.moved.currency.code())
      .member("ip_address", "127.0.0.1");
  json.key("metadata").raw(order.details.contains("metadata") ? order.detail("metadata") : "\"\"");
  json.key("log").null();
  if (is_paid) {
    json.member("fees", order.fee);
  } else {
    json.key("fees").null();
  }
  json.key("fees_split").null();
  write_authorization(json, order);
  write_customer(json, order);
  json.key("plan").null().key("split").begin_object().end_object().key("order_id").null();
  write_time(engine, json, "paidAt", paid_at);
  json.member("createdAt", time_text(engine, order.created_at))
      .member("requested_amount", order.amount.minor)
      .key("pos_transaction_data")
      .null();
  json.key("source").null().key("fees_breakdown").null().key("connect").null();
  json.member("transaction_date", time_text(engine, order.created_at));
  json.key("plan_object").begin_object().end_object().key("subaccount").begin_object().end_object();
  return json.end_object().take();
}

std::string transfer_body(Engine& engine, const Order& order, bool with_recipient) {
  JsonWriter json;
  json.begin_object()
      .member("amount", order.moved.minor)
      .member("currency", order.moved.currency.code())
      .member("domain", domain_of(engine))
      .key("failures")
      .null()
      .member("id", to_number(order.rail_reference))
      .key("integration");
  if (with_recipient) {
    json.begin_object()
        .member("id", integration)
        .member("is_live", domain_of(engine) == "live")
        .member("business_name", "Epay")
        .end_object();
  } else {
    json.value(integration);
  }
  json.key("reason").raw(order.detail("reason"));
  json.member("reference", order.id).member("source", "balance").key("source_details").null();
  json.member("status", transfer_word(order)).key("titan_code").null();
  json.key("transfer_code").raw(order.detail("transfer_code"));
  json.key("request").null();
  write_time(engine, json, "transferred_at", order.status == Status::succeeded ? order.decided_at : std::nullopt);
  json.key("recipient").raw(order.detail(with_recipient ? "recipient" : "recipient_id"));
  json.key("session").begin_object().key("provider").null().key("id").null().end_object();
  json.member("fee_charged", 0).key("fees_breakdown").null();
  json.member("gateway_response", gateway_text(order));
  json.member("createdAt", time_text(engine, order.created_at))
      .member("updatedAt", time_text(engine, order.decided_at.value_or(order.created_at)));
  return json.end_object().take();
}

std::string refund_body(Engine& engine, const Order& order) {
  JsonWriter json;
  json.begin_object()
      .member("id", to_number(order.id))
      .member("integration", integration)
      .member("domain", domain_of(engine))
      .key("transaction")
      .raw(order.detail("transaction"))
      .key("transaction_reference")
      .raw(order.detail("transaction_reference"))
      .key("dispute")
      .null()
      .key("settlement")
      .null()
      .member("amount", order.moved.minor)
      .member("deducted_amount", order.status == Status::succeeded ? order.moved.minor : 0)
      .member("currency", order.moved.currency.code())
      .key("channel")
      .raw(order.detail("channel"))
      .member("fully_deducted", order.status == Status::succeeded)
      .member("status", refund_word(order))
      .member("refunded_by", "merchant@example.com");
  write_time(engine, json, "refunded_at", order.status == Status::succeeded ? order.decided_at : std::nullopt);
  json.member("expected_at", time_text(engine, order.created_at + hours(24)))
      .key("customer_note")
      .raw(order.detail("customer_note"))
      .key("merchant_note")
      .raw(order.detail("merchant_note"))
      .member("createdAt", time_text(engine, order.created_at))
      .member("updatedAt", time_text(engine, order.decided_at.value_or(order.created_at)));
  return json.end_object().take();
}

std::string refund_message(Engine& engine, const Order& order, bool amount_as_text) {
  JsonWriter json;
  json.begin_object()
      .member("status", refund_word(order))
      .key("transaction_reference")
      .raw(order.detail("transaction_reference"));
  if (order.status == Status::succeeded) {
    json.member("refund_reference", order.id);
  } else {
    json.key("refund_reference").null();
  }
  if (amount_as_text) {
    json.member("amount", std::to_string(order.moved.minor));
  } else {
    json.member("amount", order.moved.minor);
  }
  json.member("currency", order.moved.currency.code()).member("processor", "mobile_money_mtn").key("customer");
  json.begin_object()
      .key("first_name")
      .null()
      .key("last_name")
      .null()
      .key("email")
      .raw(order.detail("email"))
      .end_object();
  json.member("integration", integration).member("domain", domain_of(engine));
  return json.end_object().take();
}

std::string time_text(Engine& engine, Timestamp time) {
  // Milliseconds, as JavaScript has them.
  return engine.shown(time).to_iso8601().substr(0, 23) + "Z";
}

std::string_view domain_of(Engine& engine) {
  return engine.switches().get("paystack.secret_key").starts_with("sk_live_") ? "live" : "test";
}

}  // namespace epay::emulators::paystack
