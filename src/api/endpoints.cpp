// /api/v1/endpoints: list, create, show, update, delete
#include "api/api.h"
#include "api/claim_key.h"
#include "api/event_replies.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"
#include "webhooks/endpoint_changes.h"

namespace epay::api {
namespace {

using events::SignatureScheme;
using webhooks::Sealing;

// The rules for each text are webhooks/endpoint_settings.h's.
constexpr std::size_t any_length = 100'000;

struct Wanted {
  webhooks::EndpointChanges changes;
  std::optional<bool> enabled;
  std::optional<SignatureScheme> signature;
};

std::optional<std::string> read_url(FieldReader& reader, bool is_new) {
  const auto url = reader.given_text("url", any_length);
  if (url && *url) return *url;
  if (is_new) {
    reader.missing("url");
  } else if (url && !reader.has("url")) {
    reader.malformed("url", "must not be empty");
  }
  return std::nullopt;
}

// A token makes endpoints that it sees.
webhooks::Change<std::string> read_mode(FieldReader& reader, Mode own, bool is_new) {
  auto mode = reader.given_text("mode", name_max);
  std::string own_name(wire_name(own));
  if (!mode && !is_new) return std::nullopt;
  if (!mode || !*mode) return own_name;
  const bool of_other = (**mode == "test" || **mode == "live") && **mode != own_name;
  if (of_other) {
    reader.malformed("mode", "must be " + own_name + " or all: this access token is of " + own_name + " mode");
  }
  return mode;
}

webhooks::Change<webhooks::Credentials> read_credentials(FieldReader& reader) {
  const auto given = reader.given_object("credentials");
  if (!given) return std::nullopt;
  webhooks::Change<webhooks::Credentials> change(std::in_place);
  if (!*given) return change;
  webhooks::Credentials& credentials = change->emplace();
  for (const auto& [name, text] : **given) {
    if (name == "type") credentials.type = text;
    if (name == "username") credentials.username = text;
    if (name == "password") credentials.password = text;
    if (name == "token") credentials.token = text;
  }
  return change;
}

// Everything that is asked for, or everything that is wrong with it.
Result<Wanted> parse_endpoint(const std::vector<Field>& fields, Mode own, bool is_new) {
  FieldReader reader(fields);
  Wanted wanted{.changes = {.url = read_url(reader, is_new),
                            .description = reader.given_text("description", any_length),
                            .mode = read_mode(reader, own, is_new),
                            .events = reader.given_texts("events"),
                            .rate_limit = reader.given_integer("rate_limit"),
                            .in_flight_max = reader.given_integer("in_flight_max"),
                            .timeout = reader.given_integer("timeout"),
                            .retry_schedule = reader.given_integers("retry_schedule"),
                            .headers = reader.given_object("headers"),
                            .credentials = read_credentials(reader)},
                .enabled = {},
                .signature = {}};
  if (const auto enabled = reader.given_boolean("enabled")) wanted.enabled = enabled->value_or(true);
  if (reader.has("signature")) wanted.signature = find_scheme(reader.required_choice("signature", {"v1", "v1a"}));
  reader.add(webhooks::check_changes(wanted.changes));
  if (const auto error = reader.error()) return std::unexpected(*error);
  return wanted;
}

Result<> check_signature_stays(const Wanted& wanted, const Sealing& sealing, db::Transaction& tx, events::LaneKey key) {
  if (!wanted.signature) return {};
  const auto secrets = events::signing_secrets(tx, key, sealing.vault, sealing.now);
  if (!secrets) return std::unexpected(secrets.error());
  if (secrets->empty() || secrets->front().scheme == *wanted.signature) return {};
  const std::string message = "signature is changed with a new secret: POST /api/v1/endpoints/" +
                              std::to_string(key.endpoint.value) + "/rotate";
  return std::unexpected(Error{ErrorCode::invalid, message, {{"signature", "invalid", message}}});
}

JsonWriter begin_reply(std::string_view message) {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", message);
  return json;
}

}  // namespace

Task<http::Response> Api::list_endpoints(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const Scope scope = grant->integration.scope;
  const EndpointReplies replies = endpoint_replies();
  const auto body = co_await database_.read([&](db::Transaction& tx) -> Result<std::string> {
    JsonWriter json = begin_reply("Endpoints retrieved Successfully");
    json.key("endpoints").begin_array();
    for (const events::Endpoint& endpoint : events::list_endpoints(tx, scope.merchant)) {
      if (!is_visible(endpoint, scope)) continue;
      const auto written = replies.write_endpoint(json, tx, endpoint);
      if (!written) return std::unexpected(written.error());
    }
    return json.end_array().end_object().take();
  });
  if (!body) co_return error_response(body.error());
  co_return http::Response::json(200, *body);
}

Task<http::Response> Api::create_endpoint(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const Scope scope = grant->integration.scope;
  const auto wanted = parse_endpoint(*fields, scope.mode, true);
  if (!wanted) co_return error_response(wanted.error());

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    auto recalled = co_await recall(scope.merchant, claim);
    if (!recalled) co_return std::unexpected(recalled.error());
    if (*recalled) co_return **std::move(recalled);
    const auto leads_somewhere = co_await webhooks::check_destination(client_, *wanted->changes.url);
    if (!leads_somewhere) co_return std::unexpected(leads_somewhere.error());
    const events::NewSecret secret = webhooks::make_secret(random_, wanted->signature.value_or(SignatureScheme::v1));
    const Sealing sealing{vault_, random_.array<Vault::nonce_bytes>(), clock_.now()};
    const EndpointReplies replies = endpoint_replies();
    co_return co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      auto known = claim_key(tx, scope.merchant, claim, sealing.now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      const auto opened =
          webhooks::open_endpoint(tx, scope.merchant, wanted->changes, wanted->enabled.value_or(true), secret, sealing);
      if (!opened) return std::unexpected(opened.error());
      if (const auto may = check_may_change(tx, scope, opened->settings.mode); !may)
        return std::unexpected(may.error());
      JsonWriter json = begin_reply("Endpoint created Successfully");
      json.key("endpoint");
      const auto written = replies.write_endpoint(json, tx, *opened);
      if (!written) return std::unexpected(written.error());
      json.member("secret", events::show_verifier({.scheme = secret.scheme, .bytes = secret.bytes}));
      return Reply{{200, json.end_object().take()}};
    });
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::sealed, work);
}

Task<http::Response> Api::show_endpoint(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const EndpointReplies replies = endpoint_replies();
  const auto body = co_await database_.read([&](db::Transaction& tx) -> Result<std::string> {
    const auto endpoint = find_endpoint(tx, scope, *id);
    if (!endpoint) return std::unexpected(endpoint.error());
    JsonWriter json = begin_reply("Endpoint retrieved Successfully");
    json.key("endpoint");
    const auto written = replies.write_endpoint(json, tx, *endpoint);
    if (!written) return std::unexpected(written.error());
    return json.end_object().take();
  });
  if (!body) co_return error_response(body.error());
  co_return http::Response::json(200, *body);
}

Task<http::Response> Api::update_endpoint(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const Scope scope = grant->integration.scope;
  const auto wanted = parse_endpoint(*fields, scope.mode, false);
  if (!wanted) co_return error_response(wanted.error());
  if (wanted->changes.url) {
    const auto leads_somewhere = co_await webhooks::check_destination(client_, *wanted->changes.url);
    if (!leads_somewhere) co_return error_response(leads_somewhere.error());
  }
  const Sealing sealing{vault_, random_.array<Vault::nonce_bytes>(), clock_.now()};
  const EndpointReplies replies = endpoint_replies();
  const auto body = co_await database_.write([&](db::Transaction& tx) -> Result<std::string> {
    const auto endpoint = find_endpoint_to_change(tx, scope, *id);
    if (!endpoint) return std::unexpected(endpoint.error());
    const events::LaneKey key = endpoint->key;
    if (const auto stays = check_signature_stays(*wanted, sealing, tx, key); !stays)
      return std::unexpected(stays.error());
    const auto changed = webhooks::change_endpoint(tx, *endpoint, wanted->changes, wanted->enabled, sealing);
    if (!changed) return std::unexpected(changed.error());
    // Nor may it be made to hear of them.
    const auto may = check_may_change(tx, scope, events::find_endpoint(tx, key)->settings.mode);
    if (!may) return std::unexpected(may.error());
    JsonWriter json = begin_reply("Endpoint updated Successfully");
    json.key("endpoint");
    const auto written = replies.write_endpoint(json, tx, *events::find_endpoint(tx, key));
    if (!written) return std::unexpected(written.error());
    return json.end_object().take();
  });
  if (!body) co_return error_response(body.error());
  dispatcher_.endpoint_changed({scope.merchant, *id});
  co_return http::Response::json(200, *body);
}

Task<http::Response> Api::delete_endpoint(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const auto deleted = co_await database_.write([&, now = clock_.now()](db::Transaction& tx) -> Result<> {
    const auto endpoint = find_endpoint_to_change(tx, scope, *id);
    if (!endpoint) return std::unexpected(endpoint.error());
    return events::delete_endpoint(tx, endpoint->key, now);
  });
  if (!deleted) co_return error_response(deleted.error());
  dispatcher_.endpoint_changed({scope.merchant, *id});
  co_return http::Response::json(200, begin_reply("Endpoint deleted Successfully").end_object().take());
}

}  // namespace epay::api
