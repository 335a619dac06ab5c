// /api/v1/endpoints/{id}/secret, /rotate: what its receiver verifies with
#include "api/api.h"
#include "api/claim_key.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"

namespace epay::api {
namespace {

using events::SignatureScheme;

// Standard Webhooks 1.0.0.
constexpr std::size_t own_secret_bytes_least = 24, own_secret_bytes_most = 64;

struct Rotation {
  hours old_life{0};
  std::optional<SignatureScheme> scheme;
  std::optional<Secret> own;  // the merchant's
};

std::optional<Secret> read_own_secret(FieldReader& reader) {
  const auto text = reader.optional_text("secret", name_max);
  if (!text) return std::nullopt;
  auto secret = events::parse_shown_secret(*text);
  const std::size_t size = secret ? secret->reveal().size() : 0;
  if (size < own_secret_bytes_least || size > own_secret_bytes_most) {
    reader.malformed("secret", "must be whsec_ and 24 to 64 bytes in base64");
  }
  return secret;
}

Result<Rotation> parse_rotation(const std::vector<Field>& fields) {
  FieldReader reader(fields);
  Rotation rotation;
  const std::int64_t most = events::old_secret_life_most.count();
  rotation.old_life =
      hours(reader.integer_or("old_secret_hours", {.least = 0, .most = most}, events::old_secret_life.count()));
  if (reader.has("signature")) rotation.scheme = find_scheme(reader.required_choice("signature", {"v1", "v1a"}));
  rotation.own = read_own_secret(reader);
  if (rotation.own && rotation.scheme.value_or(SignatureScheme::v1) != SignatureScheme::v1) {
    reader.malformed("secret", "can be your own with signature v1 only; the key pair of v1a is made here");
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  if (rotation.own) rotation.scheme = SignatureScheme::v1;
  return rotation;
}

}  // namespace

Task<http::Response> Api::show_secret(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const EndpointReplies replies = endpoint_replies();
  const auto body = co_await database_.read([&](db::Transaction& tx) -> Result<std::string> {
    const auto endpoint = find_endpoint_to_change(tx, scope, *id);
    if (!endpoint) return std::unexpected(endpoint.error());
    JsonWriter json;
    json.begin_object().member("success", true).member("message", "Secret retrieved Successfully");
    const auto written = replies.write_secrets(json, tx, endpoint->key);
    if (!written) return std::unexpected(written.error());
    return json.end_object().take();
  });
  if (!body) co_return error_response(body.error());
  co_return http::Response::json(200, *body);
}

Task<http::Response> Api::rotate_secret(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = endpoint_in(request);
  if (!id) co_return error_response(id.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const auto rotation = parse_rotation(*fields);
  if (!rotation) co_return error_response(rotation.error());

  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    auto recalled = co_await recall(scope.merchant, claim);
    if (!recalled) co_return std::unexpected(recalled.error());
    if (*recalled) co_return **std::move(recalled);
    events::NewSecret secret{
        .bytes = rotation->own ? *rotation->own : Secret(random_.bytes(events::signing_secret_bytes)),
        .nonce = random_.array<Vault::nonce_bytes>()};
    const Timestamp now = clock_.now();
    const EndpointReplies replies = endpoint_replies();
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      const auto endpoint = find_endpoint_to_change(tx, scope, *id);
      if (!endpoint) return std::unexpected(endpoint.error());
      const auto present = events::signing_secrets(tx, endpoint->key, vault_, now);
      if (!present) return std::unexpected(present.error());
      auto known = claim_key(tx, scope.merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      secret.scheme = rotation->scheme.value_or(present->empty() ? SignatureScheme::v1 : present->front().scheme);
      events::add_secret(tx, endpoint->key, secret, vault_, rotation->old_life, now);
      JsonWriter json;
      json.begin_object().member("success", true).member("message", "Secret rotated Successfully");
      const auto written = replies.write_secrets(json, tx, endpoint->key);
      if (!written) return std::unexpected(written.error());
      return Reply{{200, json.end_object().take()}};
    });
    if (reply) dispatcher_.endpoint_changed({scope.merchant, *id});
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::sealed, work);
}

}  // namespace epay::api
