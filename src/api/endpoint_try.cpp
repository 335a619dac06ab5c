// POST /api/v1/endpoints/{id}/test: an event for this endpoint alone, sent while its owner waits for what comes of it
#include "api/api.h"
#include "api/claim_key.h"
#include "api/event_replies.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"

namespace epay::api {
namespace {

Result<events::EventType> parse_type(const std::vector<Field>& fields) {
  FieldReader reader(fields);
  const auto name = reader.optional_text("type", name_max);
  const auto type = name ? events::find_type(*name) : events::EventType::ping;
  if (name && !name->empty() && !type) {
    reader.malformed("type", "names no type of event; GET /api/v1/event_types lists them");
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  return *type;
}

std::string_view outcome_of(const Result<events::DeliveryAttempt>& attempt) {
  if (!attempt) return "Test event recorded; it is sent in its turn";
  return attempt->delivered() ? "Test event delivered Successfully" : "Test event sent and not accepted";
}

}  // namespace

// Whatever the endpoint's mode, it is an event of test mode: nobody's books or replays of live events may count it.
Task<Result<Reply>> Api::send_test(EndpointId id, Scope scope, events::EventType type, Claim claim) {
  const Timestamp now = clock_.now();
  const std::string payload = make_example(type, now);
  const Scope tests{scope.merchant, Mode::test};
  std::optional<Reply> replayed;
  auto recorded = co_await database_.write([&](db::Transaction& tx) -> Result<events::Recorded> {
    const auto record = claim ? payments::find_key(tx, scope.merchant, *claim, now)
                              : Result<std::optional<payments::KeyRecord>>(std::nullopt);
    if (!record) return std::unexpected(record.error());
    if (*record && !(*record)->answer) {
      return fail(ErrorCode::conflict,
                  "An earlier request with this Idempotency-Key has sent a test, and its answer was lost; see its "
                  "deliveries, or use another key");
    }
    replayed.reset();
    if (*record) {
      replayed = Reply{*(*record)->answer, true};
      return events::Recorded();
    }
    const auto endpoint = find_endpoint(tx, scope, id);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (claim) payments::record_key(tx, scope.merchant, *claim, now);
    return events::record_for(tx, {.scope = tests, .type = type, .payment = {}, .payload = payload, .now = now}, id);
  });
  if (!recorded) co_return std::unexpected(recorded.error());
  if (replayed) co_return *std::move(replayed);

  const events::Delivery delivery = recorded->deliveries.front();
  dispatcher_.publish({scope.merchant, delivery.event, {}});
  const auto attempt = co_await dispatcher_.send_now(delivery);
  if (!attempt) dispatcher_.publish({scope.merchant, delivery.event, {delivery}});
  const auto details = co_await database_.read(
      [&](db::Transaction& tx) { return payments::find_details(tx, tests, {delivery.event, id}); });
  if (!details) co_return std::unexpected(details.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", outcome_of(attempt)).key("delivery");
  write_details(json, *details);
  co_return Reply{{200, json.end_object().take()}};
}

Task<http::Response> Api::test_endpoint(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const auto type = parse_type(*fields);
  if (!type) co_return error_response(type.error());
  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) { return send_test(*id, scope, *type, std::move(claim)); };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
