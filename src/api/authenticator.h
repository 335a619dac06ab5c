// Who a bearer token speaks for. What the store said is remembered for a few seconds, so that a busy merchant's
// requests do not each cost a read; a revoked integration is therefore shut out within that time.
#pragma once

#include <map>
#include <string>

#include "base/crypto.h"
#include "db/database.h"
#include "http/message.h"
#include "merchants/access_token.h"
#include "runtime/clock.h"

namespace epay::api {

class Authenticator {
 public:
  Authenticator(Clock& clock, db::Database& database) : clock_(clock), database_(database) {}
  // Errors: unauthenticated, unavailable.
  Task<Result<merchants::Grant>> authenticate(const http::Request& request);

 private:
  struct Known {
    merchants::Grant grant;
    Ticks read_at;
  };
  Clock& clock_;
  db::Database& database_;
  std::map<Sha256, Known> known_;
};

}  // namespace epay::api
