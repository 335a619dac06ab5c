// GET /api/v1/event_types: the catalogue.
#include "api/api.h"
#include "api/replies.h"
#include "events/catalogue.h"

namespace epay::api {
namespace {

std::string_view wire_name(events::Kept kept) {
  switch (kept) {
    case events::Kept::always: return "always";
    case events::Kept::when_asked_for: return "when_asked_for";
  }
  return "";
}

std::string catalogue_body() {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Event types retrieved Successfully");
  json.key("event_types").begin_array();
  for (const events::EventKind& kind : events::catalogue()) {
    json.begin_object().member("type", kind.name).member("description", kind.description);
    json.member("kept", wire_name(kind.kept)).key("schema").raw(kind.schema).key("example").raw(kind.example);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace

Task<http::Response> Api::list_event_types(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  co_return http::Response::json(200, catalogue_body());
}

}  // namespace epay::api
