#include "emulators/order.h"

#include <array>

#include "base/check.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

constexpr std::array statuses = {Status::created,   Status::waiting, Status::pending,
                                 Status::succeeded, Status::failed,  Status::reversed};

void write_time(JsonWriter& json, std::string_view key, const std::optional<Timestamp>& time) {
  json.member(key, time ? std::optional(time->micros) : std::nullopt);
}

std::optional<Timestamp> read_time(const http::Json& json, std::string_view key) {
  const std::int64_t micros = number_of(json, key, 0);
  return micros == 0 ? std::nullopt : std::optional(Timestamp{micros});
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::created: return "created";
    case Status::waiting: return "waiting";
    case Status::pending: return "pending";
    case Status::succeeded: return "succeeded";
    case Status::failed: return "failed";
    case Status::reversed: return "reversed";
  }
  return "";
}

std::optional<Status> read_status(std::string_view name) {
  for (const Status status : statuses) {
    if (name == name_of(status)) return status;
  }
  return std::nullopt;
}

bool is_final(Status status) {
  return status == Status::succeeded || status == Status::failed || status == Status::reversed;
}

std::string Order::detail(const std::string& name) const {
  const auto found = details.find(name);
  return found == details.end() ? "null" : found->second;
}

std::string Order::detail_text(const std::string& name) const {
  const auto json = http::Json::parse(detail(name));
  return json ? json->text : "";
}

void Order::set_text(const std::string& name, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  details[name] = std::move(json);
}

std::string to_json(const Order& order) {
  JsonWriter json;
  json.begin_object()
      .member("kind", order.kind)
      .member("id", order.id)
      .member("client_reference", order.client_reference)
      .member("rail_reference", order.rail_reference)
      .member("pays_out", order.pays_out)
      .member("status", name_of(order.status))
      .member("reason", order.reason)
      .member("amount", order.amount.to_decimal())
      .member("minor", order.amount.minor)
      .member("currency", order.amount.currency.code())
      .member("moved_minor", order.moved.minor)
      .member("moved_currency", order.moved.currency.code())
      .member("fee", order.fee)
      .member("customer_pays_fee", order.customer_pays_fee)
      .member("customer", order.customer)
      .member("merchant", order.merchant)
      .member("created_at", order.created_at.micros);
  write_time(json, "decides_at", order.decides_at);
  write_time(json, "decided_at", order.decided_at);
  json.member("callback_url", order.callback_url).key("scenario").raw(to_json(order.scenario));
  json.key("details").begin_object();
  for (const auto& [name, detail] : order.details) json.key(name).raw(detail);
  return json.end_object().end_object().take();
}

Order read_order(const http::Json& json) {
  const auto currency = Currency::parse(text_of(json, "currency"));
  const auto moved_currency = Currency::parse(text_of(json, "moved_currency"));
  const auto status = read_status(text_of(json, "status"));
  const http::Json* scenario = object_of(json, "scenario");
  EPAY_CHECK(currency && moved_currency && status && scenario != nullptr);
  const auto planned = read_scenario(*scenario);
  EPAY_CHECK(planned.has_value());
  Order order{.kind = text_of(json, "kind"),
              .id = text_of(json, "id"),
              .client_reference = text_of(json, "client_reference"),
              .rail_reference = text_of(json, "rail_reference"),
              .pays_out = truth_of(json, "pays_out"),
              .amount = {number_of(json, "minor", 0), *currency},
              .moved = {number_of(json, "moved_minor", 0), *moved_currency},
              .fee = number_of(json, "fee", 0),
              .customer_pays_fee = truth_of(json, "customer_pays_fee"),
              .customer = text_of(json, "customer"),
              .merchant = text_of(json, "merchant"),
              .status = *status,
              .reason = text_of(json, "reason"),
              .created_at = {number_of(json, "created_at", 0)},
              .decides_at = read_time(json, "decides_at"),
              .decided_at = read_time(json, "decided_at"),
              .callback_url = text_of(json, "callback_url"),
              .scenario = *planned};
  if (const http::Json* details = object_of(json, "details")) {
    for (const auto& [name, detail] : details->members) order.details[name] = to_text(detail);
  }
  return order;
}

}  // namespace epay::emulators
