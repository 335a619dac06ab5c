// /api/v1/deliveries: list, show, resend
#include <algorithm>

#include "api/api.h"
#include "api/claim_key.h"
#include "api/event_replies.h"
#include "api/limits.h"
#include "api/query.h"
#include "api/replies.h"
#include "payments/event_reference.h"

namespace epay::api {
namespace {

using events::DeliveryStatus;

constexpr std::size_t webhook_id_max = 60;

struct Wanted {
  events::DeliveryQuery query;
  std::optional<EventId> event;
  std::optional<std::string> reference;
  std::optional<events::DeliveryName> before;
};

std::optional<DeliveryStatus> find_status(std::string_view name) {
  for (const auto status : {DeliveryStatus::waiting, DeliveryStatus::delivered, DeliveryStatus::given_up,
                            DeliveryStatus::blocked, DeliveryStatus::cancelled}) {
    if (name == events::name_of(status)) return status;
  }
  return std::nullopt;
}

std::optional<events::DeliveryName> parse_name(std::string_view text) {
  const auto name = events::parse_webhook_id(text);
  return name && name->event.value > 0 && name->endpoint.value >= 0 ? name : std::nullopt;
}

Result<Wanted> parse_list(const http::Request& request, Scope scope) {
  QueryReader reader(request);
  Wanted wanted{.query = {.scope = scope, .endpoint = reader.id<EndpointId>("endpoint")},
                .event = reader.id<EventId>("event"),
                .reference = reader.text("reference", reference_max)};
  const auto status = reader.choice("status", {"waiting", "delivered", "failed", "blocked", "cancelled"});
  if (status) wanted.query.status = find_status(*status);
  wanted.query.types = reader.types("type");
  wanted.query.since = reader.time("since");
  wanted.query.until = reader.time("until");
  wanted.query.limit = reader.limit();
  if (const auto before = reader.text("before", webhook_id_max)) {
    wanted.before = parse_name(*before);
    if (!wanted.before) reader.malformed("before", "must be the next_cursor of an earlier page");
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  return wanted;
}

struct Shown {
  std::vector<ShownDelivery> deliveries;
  std::optional<std::string> cursor;
};

Shown list(db::Transaction& tx, Wanted wanted) {
  if (wanted.reference) {
    wanted.query.events = payments::events_of_reference(tx, wanted.query.scope, *wanted.reference);
    if (wanted.event) std::erase_if(*wanted.query.events, [&](EventId event) { return event != *wanted.event; });
  } else if (wanted.event) {
    wanted.query.events = {*wanted.event};
  }
  auto page = events::list_deliveries(tx, wanted.query, wanted.before);
  Shown shown{payments::with_references(tx, std::move(page.deliveries)), {}};
  if (page.cursor) shown.cursor = events::webhook_id(page.cursor->event, page.cursor->endpoint);
  return shown;
}

Error no_delivery(std::string_view text) {
  return {ErrorCode::not_found, "There is no delivery " + std::string(text.substr(0, webhook_id_max))};
}

}  // namespace

Task<http::Response> Api::list_deliveries(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto wanted = parse_list(request, grant->integration.scope);
  if (!wanted) co_return error_response(wanted.error());
  const auto shown = co_await database_.read([&](db::Transaction& tx) -> Result<Shown> { return list(tx, *wanted); });
  if (!shown) co_return error_response(shown.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Deliveries retrieved Successfully");
  json.key("deliveries").begin_object().key("data").begin_array();
  for (const ShownDelivery& delivery : shown->deliveries) write_delivery(json, delivery);
  json.end_array().member("next_cursor", shown->cursor).member("has_more", shown->cursor.has_value());
  co_return http::Response::json(200, json.end_object().end_object().take());
}

Task<http::Response> Api::show_delivery(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto name = parse_name(request.path_parameters.at(0));
  if (!name) co_return error_response(no_delivery(request.path_parameters.at(0)));
  const Scope scope = grant->integration.scope;
  const auto details =
      co_await database_.read([&](db::Transaction& tx) { return payments::find_details(tx, scope, *name); });
  if (!details) co_return error_response(details.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Delivery retrieved Successfully").key("delivery");
  write_details(json, *details);
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Api::resend_delivery(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto name = parse_name(request.path_parameters.at(0));
  if (!name) co_return error_response(no_delivery(request.path_parameters.at(0)));
  const Scope scope = grant->integration.scope;

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    const Timestamp now = clock_.now();
    events::Recorded due;
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      auto known = claim_key(tx, scope.merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      if (const auto found = events::find_delivery(tx, scope, *name); !found) return std::unexpected(found.error());
      auto delivery = events::resend(tx, {scope.merchant, name->endpoint}, name->event, {}, now);
      if (!delivery) return std::unexpected(delivery.error());
      due.deliveries = {*std::move(delivery)};
      JsonWriter json;
      json.begin_object().member("success", true).member("message", "Delivery sent again Successfully");
      json.key("delivery");
      write_delivery(json, payments::with_references(tx, {*events::find_delivery(tx, scope, *name)}).front());
      return Reply{{200, json.end_object().take()}};
    });
    if (reply) dispatcher_.publish(std::move(due));
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
