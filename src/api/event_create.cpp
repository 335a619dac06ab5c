// POST /api/v1/events: an example event, for whoever builds a receiver.
#include "api/api.h"
#include "api/claim_key.h"
#include "api/event_replies.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"
#include "events/example.h"

namespace epay::api {
namespace {

constexpr std::size_t reference_chance = 11;
constexpr std::int64_t example_ids = 1'000'000'000;

Result<events::EventType> parse_type(const std::vector<Field>& fields, Mode mode) {
  FieldReader reader(fields);
  const std::string name = reader.required_text("type", name_max);
  const auto type = events::find_type(name);
  if (!name.empty() && !type) reader.malformed("type", "names no type of event; GET /api/v1/event_types lists them");
  if (const auto error = reader.error()) return std::unexpected(*error);
  if (mode != Mode::test) return fail(ErrorCode::invalid, "Example events can be made in test mode only");
  return *type;
}

}  // namespace

std::string Api::make_example(events::EventType type, Timestamp now) {
  return events::make_example(type, {.reference = "EP-" + random_.text(reference_chance, Random::letters_and_digits),
                                     .first_id = 1 + std::int64_t(random_.below(example_ids)),
                                     .now = now});
}

Task<http::Response> Api::create_event(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const Scope scope = grant->integration.scope;
  const auto type = parse_type(*fields, scope.mode);
  if (!type) co_return error_response(type.error());

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    const Timestamp now = clock_.now();
    const std::string payload = make_example(*type, now);
    events::Recorded recorded;
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      auto known = claim_key(tx, scope.merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      recorded = events::record(tx, {.scope = scope, .type = *type, .payload = payload, .now = now, .asked_for = true});
      const auto event = events::find_event(tx, scope, *recorded.event);
      if (!event) return std::unexpected(event.error());
      JsonWriter json;
      json.begin_object().member("success", true).member("message", "Event created Successfully").key("event");
      write_event(json, *event);
      return Reply{{200, json.end_object().take()}};
    });
    if (reply) dispatcher_.publish(std::move(recorded));
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
