#include "events/endpoint.h"

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"
#include "events/event_store.h"
#include "http/json.h"
#include "http/message.h"

namespace epay::events {
namespace {

std::optional<std::string> schedule_text(const std::optional<std::vector<seconds>>& schedule) {
  if (!schedule) return std::nullopt;
  std::string text;
  for (const seconds wait : *schedule) text += (text.empty() ? "" : ",") + std::to_string(wait.count());
  return text;
}

std::vector<seconds> parse_schedule(std::string_view text) {
  std::vector<seconds> waits;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    waits.emplace_back(count);
    text.remove_prefix(std::min(text.size(), std::size_t(parsed.ptr - text.data()) + 1));
  }
  return waits;
}

template <class T>
std::optional<T> optional_of(const db::Row& row, int column, T content) {
  return row.is_null(column) ? std::nullopt : std::optional<T>(std::move(content));
}

Endpoint read_endpoint(const db::Row& row) {
  const auto integer = [&](int column) { return row.is_null(column) ? 0 : row.integer(column); };
  Endpoint endpoint{.key = {row.id<MerchantId>(0), row.id<EndpointId>(1)}};
  endpoint.settings = {.url = row.string(2),
                       .mode = optional_of(row, 3, static_cast<Mode>(integer(3))),
                       .description = row.optional_string(4),
                       .types = {row.integer(5)},
                       .rate_limit = optional_of(row, 6, int(integer(6))),
                       .in_flight_max = int(row.integer(7)),
                       .timeout = optional_of(row, 8, seconds(integer(8)))};
  if (!row.is_null(9)) endpoint.settings.schedule = parse_schedule(row.text(9));
  if (!row.is_null(10)) endpoint.extras_box = row.string(10);
  endpoint.enabled = row.integer(11) != 0;
  endpoint.disabled_reason = optional_of(row, 12, static_cast<DisabledReason>(integer(12)));
  endpoint.disabled_at = optional_of(row, 13, Timestamp{integer(13)});
  endpoint.deleted = !row.is_null(14);
  endpoint.version = row.integer(15);
  endpoint.created_at = row.time(16);
  endpoint.updated_at = row.time(17);
  return endpoint;
}

std::unexpected<Error> no_endpoint(LaneKey key) {
  return fail(ErrorCode::not_found, "There is no endpoint " + std::to_string(key.endpoint.value));
}

}  // namespace

std::string_view name_of(DisabledReason reason) {
  switch (reason) {
    case DisabledReason::merchant: return "merchant";
    case DisabledReason::gone: return "gone";
    case DisabledReason::failing: return "failing";
  }
  return "";
}

bool is_reserved_header(std::string_view name) {
  static constexpr std::string_view names[] = {
      "accept-encoding",   "authorization",    "connection", "content-encoding",
      "content-length",    "content-type",     "expect",     "host",
      "keep-alive",        "proxy-connection", "te",         "trailer",
      "transfer-encoding", "upgrade",          "user-agent", "proxy-authorization"};
  static constexpr std::string_view prefixes[] = {"webhook-", "epay-"};
  return std::ranges::any_of(names, [&](std::string_view own) { return http::equal_ignoring_case(own, name); }) ||
         std::ranges::any_of(prefixes, [&](std::string_view own) {
           return http::equal_ignoring_case(own, name.substr(0, own.size()));
         });
}

Result<EndpointId> create_endpoint(db::Transaction& tx, MerchantId merchant, const EndpointSettings& settings,
                                   Timestamp now) {
  if (list_endpoints(tx, merchant).size() >= endpoints_max) {
    return fail(ErrorCode::conflict, "There are " + std::to_string(endpoints_max) +
                                         " endpoints already, as many as an account may have; delete one first");
  }
  const EndpointId id{tx.next_id(db::Sequence::endpoint)};
  tx.execute(store::insert_endpoint, merchant, id, settings.url, settings.mode, settings.description,
             settings.types.bits, settings.rate_limit, settings.in_flight_max,
             settings.timeout ? std::optional(settings.timeout->count()) : std::nullopt,
             schedule_text(settings.schedule), now);
  tx.execute(store::insert_endpoint_url, merchant, id, 1, settings.url);
  return id;
}

Result<> update_endpoint(db::Transaction& tx, LaneKey key, const EndpointSettings& settings, Timestamp now) {
  const auto before = find_endpoint(tx, key);
  if (!before) return std::unexpected(before.error());
  tx.execute(store::update_endpoint, key.merchant, key.endpoint, settings.url, settings.mode, settings.description,
             settings.types.bits, settings.rate_limit, settings.in_flight_max,
             settings.timeout ? std::optional(settings.timeout->count()) : std::nullopt,
             schedule_text(settings.schedule), now);
  if (settings.url != before->settings.url) {
    tx.execute(store::insert_endpoint_url, key.merchant, key.endpoint, before->version + 1, settings.url);
    // How the old address behaved says nothing of the new one.
    tx.execute(store::delete_health, key.merchant, key.endpoint);
  }
  return {};
}

Result<> set_endpoint_url(db::Transaction& tx, LaneKey key, const std::string& url, Timestamp now) {
  auto endpoint = find_endpoint(tx, key);
  if (!endpoint) return std::unexpected(endpoint.error());
  endpoint->settings.url = url;
  return update_endpoint(tx, key, endpoint->settings, now);
}

Result<> enable_endpoint(db::Transaction& tx, LaneKey key, Timestamp now) {
  if (tx.execute(store::enable_endpoint, key.merchant, key.endpoint, now) == 0) return no_endpoint(key);
  tx.execute(store::delete_health, key.merchant, key.endpoint);
  return {};
}

Result<> disable_endpoint(db::Transaction& tx, LaneKey key, DisabledReason reason, Timestamp now) {
  if (tx.execute(store::disable_endpoint, key.merchant, key.endpoint, reason, now) == 0) return no_endpoint(key);
  return {};
}

Result<> delete_endpoint(db::Transaction& tx, LaneKey key, Timestamp now) {
  if (tx.execute(store::delete_endpoint, key.merchant, key.endpoint, now) == 0) return no_endpoint(key);
  return {};
}

std::optional<Endpoint> find_any_endpoint(db::Transaction& tx, LaneKey key) {
  return tx.query_one(store::select_endpoint, read_endpoint, key.merchant, key.endpoint);
}

Result<Endpoint> find_endpoint(db::Transaction& tx, LaneKey key) {
  auto found = find_any_endpoint(tx, key);
  if (!found || found->deleted) return no_endpoint(key);
  return *std::move(found);
}

std::vector<Endpoint> list_endpoints(db::Transaction& tx, MerchantId merchant) {
  return tx.query_all(store::select_endpoints, read_endpoint, merchant);
}

std::optional<std::string> endpoint_url_at(db::Transaction& tx, LaneKey key, std::int64_t version) {
  return tx.query_one(
      store::select_endpoint_url, [](const db::Row& row) { return row.string(0); }, key.merchant, key.endpoint,
      version);
}

std::string extras_context(LaneKey key) {
  return "endpoint extras:" + std::to_string(key.merchant.value) + ":" + std::to_string(key.endpoint.value);
}

void set_extras(db::Transaction& tx, LaneKey key, const RequestExtras& extras, const Vault& vault, const Nonce& nonce) {
  if (extras.empty()) {
    tx.execute(store::update_extras, key.merchant, key.endpoint, nullptr);
    return;
  }
  JsonWriter json;
  json.begin_object().member("authorization", extras.authorization).key("headers").begin_object();
  for (const auto& [name, value] : extras.headers) json.member(name, value);
  const std::string box = vault.seal(Secret(json.end_object().end_object().take()), extras_context(key), nonce);
  tx.execute(store::update_extras, key.merchant, key.endpoint, db::Bytes{box});
}

Result<RequestExtras> open_extras(const Endpoint& endpoint, const Vault& vault) {
  RequestExtras extras;
  if (endpoint.extras_box.empty()) return extras;
  const auto opened = vault.open(endpoint.extras_box, extras_context(endpoint.key));
  const auto json = opened ? http::Json::parse(opened->reveal()) : Result<http::Json>(fail(ErrorCode::invalid, ""));
  if (!json) {
    return fail(ErrorCode::unavailable, "the headers of endpoint " + std::to_string(endpoint.key.endpoint.value) +
                                            " do not open: the master key is not the one they were sealed with");
  }
  extras.authorization = json->find("authorization")->text;
  for (const auto& [name, value] : json->find("headers")->members) extras.headers.emplace_back(name, value.text);
  return extras;
}

}  // namespace epay::events
