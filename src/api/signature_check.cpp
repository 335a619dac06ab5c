// POST /api/v1/webhooks/verify: whether a signature fits, and if not, why
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"
#include "webhooks/signer.h"

namespace epay::api {
namespace {

constexpr std::size_t header_max = 4'000;
constexpr std::size_t body_max = 1'000'000;

struct Received {
  std::optional<EndpointId> endpoint;  // whose secrets to try; or
  std::optional<Secret> secret;
  std::string webhook_id, timestamp, signature, body;
};

std::optional<Secret> read_secret(FieldReader& reader) {
  const auto text = reader.optional_text("secret", name_max);
  if (!text || text->empty()) return std::nullopt;
  auto secret = events::parse_shown_secret(*text);
  if (text->starts_with("whpk_")) {
    reader.malformed("secret", "must be a whsec_ secret; for signatures of v1a give the endpoint_id");
  } else if (!secret) {
    reader.malformed("secret", "must be whsec_ and base64, as it is shown");
  }
  return secret;
}

Result<Received> parse_received(const std::vector<Field>& fields) {
  FieldReader reader(fields);
  Received received;
  if (reader.has("endpoint_id")) received.endpoint = EndpointId{reader.integer_or("endpoint_id", {.least = 1}, 1)};
  received.secret = read_secret(reader);
  if (received.endpoint && reader.has("secret")) {
    reader.malformed("secret", "cannot be given together with endpoint_id");
  } else if (!received.endpoint && !reader.has("secret")) {
    reader.missing("endpoint_id");
  }
  // A header that did not arrive is an answer too: it is left to the check.
  received.webhook_id = reader.optional_text("webhook_id", header_max).value_or("");
  received.timestamp = reader.optional_text("webhook_timestamp", header_max).value_or("");
  received.signature = reader.optional_text("webhook_signature", header_max).value_or("");
  received.body = reader.required_raw_text("body", body_max);
  if (const auto error = reader.error()) return std::unexpected(*error);
  return received;
}

}  // namespace

Task<http::Response> Api::check_signature(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const auto received = parse_received(*fields);
  if (!received) co_return error_response(received.error());

  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    auto known = co_await recall(scope.merchant, claim);
    if (!known) co_return std::unexpected(known.error());
    if (*known) co_return **std::move(known);
    const Timestamp now = clock_.now();
    std::vector<events::SigningSecret> secrets;
    if (received->endpoint) {
      auto found = co_await database_.read([&](db::Transaction& tx) -> Result<std::vector<events::SigningSecret>> {
        const auto endpoint = find_endpoint(tx, scope, *received->endpoint);
        if (!endpoint) return std::unexpected(endpoint.error());
        return events::signing_secrets(tx, endpoint->key, vault_, now);
      });
      if (!found) co_return std::unexpected(found.error());
      secrets = *std::move(found);
    } else {
      secrets.push_back({.bytes = *received->secret});
    }
    const auto verified = webhooks::verify(
        secrets, {received->webhook_id, received->timestamp, received->signature, received->body}, now);
    JsonWriter json;
    json.begin_object().member("success", true).member("message", "Signature checked Successfully");
    json.member("valid", verified.has_value())
        .member("reason", verified ? std::nullopt : std::optional(verified.error().message));
    co_return Reply{{200, json.end_object().take()}};
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
