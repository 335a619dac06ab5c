// /api/v1/events: list, show
#include "api/api.h"
#include "api/event_replies.h"
#include "api/limits.h"
#include "api/query.h"
#include "api/replies.h"

namespace epay::api {
namespace {

struct Wanted {
  events::EventQuery query;
  bool newest_first = false;
  EventId after;
  std::optional<EventId> before;
};

Result<Wanted> parse_list(const http::Request& request, Scope scope) {
  QueryReader reader(request);
  const auto after = reader.id<EventId>("after");
  const auto before = reader.id<EventId>("before");
  const auto order = reader.choice("order", {"oldest", "newest"});
  const auto types = reader.types("type");
  const int limit = reader.limit();
  const bool newest_first = before.has_value() || order == "newest";
  if (newest_first && after)
    reader.malformed("after", "goes forwards, and cannot be combined with before or order=newest");
  if (before && order == "oldest")
    reader.malformed("before", "goes backwards, and cannot be combined with order=oldest");
  if (const auto error = reader.error()) return std::unexpected(*error);
  return Wanted{{scope, types, limit}, newest_first, after.value_or(EventId{}), before};
}

struct Shown {
  events::LoggedEvent event;
  std::vector<ShownDelivery> deliveries;
};

Result<Shown> find_shown(db::Transaction& tx, Scope scope, EventId id) {
  auto event = events::find_event(tx, scope, id);
  if (!event) return std::unexpected(event.error());
  return Shown{*std::move(event), payments::with_references(tx, events::deliveries_of(tx, scope.merchant, id))};
}

}  // namespace

Task<http::Response> Api::list_events(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto wanted = parse_list(request, grant->integration.scope);
  if (!wanted) co_return error_response(wanted.error());
  const auto page = co_await database_.read([&](db::Transaction& tx) -> Result<events::EventPage> {
    return wanted->newest_first ? events::events_before(tx, wanted->query, wanted->before)
                                : events::events_after(tx, wanted->query, wanted->after);
  });
  if (!page) co_return error_response(page.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Events retrieved Successfully");
  json.key("events").begin_object().key("data").begin_array();
  for (const events::LoggedEvent& event : page->events) write_event(json, event);
  json.end_array().member("next_cursor", page->cursor.value).member("has_more", page->has_more);
  co_return http::Response::json(200, json.end_object().end_object().take());
}

Task<http::Response> Api::show_event(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const std::string& text = request.path_parameters.at(0);
  const auto id = parse_id(text);
  if (!id) co_return error_response({ErrorCode::not_found, "There is no event " + text.substr(0, reference_max)});
  const Scope scope = grant->integration.scope;
  const auto shown = co_await database_.read([&](db::Transaction& tx) { return find_shown(tx, scope, EventId{*id}); });
  if (!shown) co_return error_response(shown.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Event retrieved Successfully").key("event");
  write_event(json, shown->event, shown->deliveries);
  co_return http::Response::json(200, json.end_object().take());
}

}  // namespace epay::api
