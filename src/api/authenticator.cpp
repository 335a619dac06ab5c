#include "api/authenticator.h"

namespace epay::api {
namespace {

constexpr seconds remembered_for{5};
constexpr std::size_t remembered_max = 10'000;
constexpr std::size_t token_length_max = 200;

}  // namespace

std::string_view Authenticator::bearer_token(const http::Request& request) {
  constexpr std::string_view scheme = "bearer ";
  std::string_view header = request.headers.get("authorization");
  if (header.size() < scheme.size() || !http::equal_ignoring_case(header.substr(0, scheme.size()), scheme)) return {};
  header.remove_prefix(scheme.size());
  while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  while (!header.empty() && header.back() == ' ') header.remove_suffix(1);
  return header.size() <= token_length_max ? header : std::string_view();
}

Result<> Authenticator::admit(const std::string& who) {
  if (!limiter_.take(who, clock_.ticks(), members_.living())) return {};
  return fail(ErrorCode::too_many_requests, "Too many requests; wait a moment and try again");
}

Result<> Authenticator::admit_stranger(const http::Request& request) { return admit(request.client.to_string()); }

Task<Result<merchants::Grant>> Authenticator::authenticate(const http::Request& request) {
  auto grant = co_await find(std::string(bearer_token(request)));
  const bool stranger = !grant && grant.error().code == ErrorCode::unauthenticated;
  if (!grant && !stranger) co_return grant;
  const auto admitted =
      stranger ? admit_stranger(request) : admit("merchant " + std::to_string(grant->integration.scope.merchant.value));
  if (!admitted) co_return std::unexpected(admitted.error());
  co_return grant;
}

Task<bool> Authenticator::still_grants(std::string token) { co_return (co_await find(std::move(token))).has_value(); }

Task<Result<merchants::Grant>> Authenticator::find(std::string token) {
  const Timestamp now = clock_.now();
  const Sha256 hash = sha256(token);
  if (const auto known = known_.find(hash); known != known_.end()) {
    const bool fresh = clock_.ticks() < known->second.read_at + remembered_for;
    if (fresh && now < known->second.grant.expires_at) co_return known->second.grant;
    known_.erase(known);
  }
  if (token.empty()) co_return fail(ErrorCode::unauthenticated, "Authorization Failed! ");
  auto grant = co_await database_.read([&](db::Transaction& tx) { return merchants::find_grant(tx, token, now); });
  if (!grant) co_return std::unexpected(grant.error());
  if (known_.size() >= remembered_max) known_.clear();
  known_.insert_or_assign(hash, Known{*grant, clock_.ticks()});
  co_return *grant;
}

}  // namespace epay::api
