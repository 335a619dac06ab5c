// POST /api/v1/token
#include "api/api.h"
#include "api/claim_key.h"
#include "api/fields.h"
#include "api/replies.h"

namespace epay::api {
namespace {

constexpr std::size_t credential_max = 200;
constexpr std::size_t token_chance = 40;

std::string body_of(const std::string& token, const merchants::Grant& grant) {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Verification Successful").key("data").begin_object();
  json.member("access_token", token).member("expires_at", grant.expires_at.to_wire());
  return json.end_object().end_object().take();
}

}  // namespace

Task<http::Response> Api::create_token(http::Request& request) {
  if (const auto admitted = authenticator_.admit_stranger(request); !admitted)
    co_return error_response(admitted.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  FieldReader reader(*fields);
  const merchants::Credentials credentials{reader.required_text("merchant_key", credential_max),
                                           reader.required_text("app_id", credential_max),
                                           reader.required_text("app_secret", credential_max)};
  if (const auto error = reader.error()) co_return error_response(*error);
  const auto integration = co_await database_.read(
      [&credentials](db::Transaction& tx) { return merchants::find_integration(tx, credentials); });
  if (!integration) co_return error_response(integration.error());

  const MerchantId merchant = integration->scope.merchant;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    const std::string token =
        merchants::make_access_token(merchant, random_.text(token_chance, Random::letters_and_digits));
    const Timestamp now = clock_.now();
    co_return co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      auto known = claim_key(tx, merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      return Reply{{200, body_of(token, merchants::grant_token(tx, *integration, token, now))}};
    });
  };
  co_return co_await answer_once(request, merchant, AtRest::sealed, work);
}

}  // namespace epay::api
