// Who a bearer token speaks for. What the store said is remembered for a few seconds, so that a busy merchant's
// requests do not each cost a read; a revoked integration is therefore shut out within that time.
#pragma once

#include <map>
#include <string>

#include "api/rate_limiter.h"
#include "base/crypto.h"
#include "db/database.h"
#include "http/message.h"
#include "merchants/access_token.h"
#include "processes/membership.h"
#include "runtime/clock.h"

namespace epay::api {

class Authenticator {
 public:
  // `rate_limit`: requests a second that one merchant, or one address without a good token, may make; 0: any number.
  Authenticator(Clock& clock, db::Database& database, const Membership& members, std::int64_t rate_limit)
      : clock_(clock), database_(database), members_(members), limiter_(rate_limit) {}
  // Errors: unauthenticated, too_many_requests, unavailable.
  Task<Result<merchants::Grant>> authenticate(const http::Request& request);
  // Whether the token that a request came with is still good, for answers that last.
  Task<bool> still_grants(std::string token);
  // The token of a request; empty when there is none.
  static std::string_view bearer_token(const http::Request& request);
  // For requests that need no token. Error: too_many_requests.
  Result<> admit_stranger(const http::Request& request);

 private:
  struct Known {
    merchants::Grant grant;
    Ticks read_at;
  };
  Task<Result<merchants::Grant>> find(std::string token);
  Result<> admit(const std::string& who);

  Clock& clock_;
  db::Database& database_;
  const Membership& members_;
  RateLimiter limiter_;
  std::map<Sha256, Known> known_;
};

}  // namespace epay::api
