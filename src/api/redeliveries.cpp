// /api/v1/endpoints/{id}/recover, /replay; /api/v1/redeliveries: list, show, cancel, resume
#include "api/api.h"
#include "api/claim_key.h"
#include "api/fields.h"
#include "api/replies.h"

namespace epay::api {
namespace {

using events::Redelivery;

constexpr int redeliveries_shown = 100;

Result<events::NewRedelivery> parse_redelivery(const std::vector<Field>& fields, Redelivery::Kind kind, Timestamp now) {
  FieldReader reader(fields);
  events::NewRedelivery wanted{.lane = {}, .kind = kind, .since = {}, .until = now, .now = now};
  const auto since = reader.required_time("since");
  const auto until = reader.optional_time("until");
  if (since && *since > until.value_or(now)) {
    reader.malformed("since", until ? "must not be after until" : "must not be in the future");
  }
  if (kind == Redelivery::Kind::replay) wanted.delivered_too = reader.boolean_or("delivered_too", false);
  if (const auto error = reader.error()) return std::unexpected(*error);
  wanted.since = *since;
  wanted.until = until.value_or(now);
  return wanted;
}

std::string reply_body(std::string_view message, const Redelivery& redelivery) {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", message).key("redelivery");
  write_redelivery(json, redelivery);
  return json.end_object().take();
}

}  // namespace

Task<http::Response> Api::begin_redelivery(http::Request& request, Redelivery::Kind kind) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  auto wanted = parse_redelivery(*fields, kind, clock_.now());
  if (!wanted) co_return error_response(wanted.error());
  const Scope scope = grant->integration.scope;
  wanted->lane = {scope.merchant, *id};

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    auto recalled = co_await recall(scope.merchant, claim);
    if (!recalled) co_return std::unexpected(recalled.error());
    if (*recalled) co_return **std::move(recalled);
    std::optional<events::RedeliveryKey> begun;
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      begun.reset();
      const auto endpoint = find_endpoint(tx, scope, *id);
      if (!endpoint) return std::unexpected(endpoint.error());
      auto known = claim_key(tx, scope.merchant, claim, wanted->now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      const auto redelivery = events::create_redelivery(tx, *wanted);
      if (!redelivery) return std::unexpected(redelivery.error());
      begun = redelivery->key;
      return Reply{{200, reply_body("Redelivery begun Successfully", *redelivery)}};
    });
    if (reply && begun) redeliverer_.begin(*begun);
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::recover_endpoint(http::Request& request) {
  co_return co_await begin_redelivery(request, Redelivery::Kind::recover);
}

Task<http::Response> Api::replay_endpoint(http::Request& request) {
  co_return co_await begin_redelivery(request, Redelivery::Kind::replay);
}

Task<http::Response> Api::list_redeliveries(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const Scope scope = grant->integration.scope;
  const auto found = co_await database_.read([&](db::Transaction& tx) -> Result<std::vector<Redelivery>> {
    return events::list_redeliveries(tx, scope, redeliveries_shown);
  });
  if (!found) co_return error_response(found.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Redeliveries retrieved Successfully");
  json.key("redeliveries").begin_array();
  for (const Redelivery& redelivery : *found) write_redelivery(json, redelivery);
  co_return http::Response::json(200, json.end_array().end_object().take());
}

Task<http::Response> Api::show_redelivery(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = redelivery_in(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const auto found = co_await database_.read([&](db::Transaction& tx) { return find_redelivery(tx, scope, *id); });
  if (!found) co_return error_response(found.error());
  co_return http::Response::json(200, reply_body("Redelivery retrieved Successfully", *found));
}

Task<http::Response> Api::change_redelivery(http::Request& request, RedeliveryChange change, std::string_view message) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = redelivery_in(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    auto recalled = co_await recall(scope.merchant, claim);
    if (!recalled) co_return std::unexpected(recalled.error());
    if (*recalled) co_return **std::move(recalled);
    const Timestamp now = clock_.now();
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      const auto found = find_redelivery(tx, scope, *id);
      if (!found) return std::unexpected(found.error());
      auto known = claim_key(tx, scope.merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      const auto changed = change(tx, found->key, now);
      if (!changed) return std::unexpected(changed.error());
      return Reply{{200, reply_body(message, *changed)}};
    });
    // One that was cancelled ends of itself.
    if (reply) redeliverer_.begin({scope.merchant, *id});
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::cancel_redelivery(http::Request& request) {
  co_return co_await change_redelivery(request, &events::cancel_redelivery, "Redelivery cancelled Successfully");
}

Task<http::Response> Api::resume_redelivery(http::Request& request) {
  co_return co_await change_redelivery(request, &events::resume_redelivery, "Redelivery resumed Successfully");
}

}  // namespace epay::api
