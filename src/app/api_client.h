// A merchant's own client of an Epay service, for the developer's tools: signs in, renews its token before it expires,
// and says what the service says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "http/client.h"
#include "http/json.h"
#include "http/open_answer.h"
#include "runtime/clock.h"
#include "runtime/network.h"
#include "runtime/random.h"

namespace epay::app {

// As the command line and the environment give it.
struct ApiConfig {
  std::string server = "http://127.0.0.1:8080";
  std::string token;
  std::string merchant_key, app_id, app_secret;
};

// Where and as whom to call. Either a token, good for an hour at most, or credentials, which get new ones.
struct ApiAccess {
  http::Url server;
  Secret token;
  std::string merchant_key, app_id;
  Secret app_secret;

  bool has_credentials() const { return !merchant_key.empty(); }
  // Whose events these are: the integration's app id, or the merchant that the token names.
  std::string account() const;
};
// Error: invalid, naming the flag.
Result<ApiAccess> api_access(const ApiConfig& config);

// The developer's own machine may talk to whatever it likes.
http::AddressGuard any_address();

// Whether trying again later may help: nobody there, gone, busy, or out of order.
bool is_transient(ErrorCode code);

class ApiClient {
 public:
  ApiClient(Clock& clock, Random& random, Network& network, ApiAccess access);
  ~ApiClient();

  // Calls "/api/v1" + target; a POST goes out under an Idempotency-Key of its own. Errors: those of a network, and the
  // service's own message as invalid (400), unauthenticated (401), refused (402, 403), not_found, conflict,
  // too_many_requests, unavailable (5xx), malformed_reply.
  Task<Result<http::Json>> get(std::string target);
  Task<Result<http::Json>> post(std::string target, std::string body);
  // An answer that streams; its head has come. Errors: the same.
  Task<Result<std::unique_ptr<http::OpenAnswer>>> open(std::string target);

  const http::Url& server() const { return access_.server; }
  // When a stream is to be opened anew because its token is about to expire.
  Ticks renew_at() const { return renew_at_; }

 private:
  Task<Result<>> sign_in();
  Task<Result<>> have_token();
  Task<Result<http::Json>> call(std::string method, std::string target, std::string body);
  http::Exchange exchange_of(std::string method, const std::string& target) const;
  bool may_sign_in_again(Error& error);

  Clock& clock_;
  Random& random_;
  ApiAccess access_;
  std::unique_ptr<http::Client> client_;
  Secret token_;
  Ticks renew_at_ = Ticks::never();
};

}  // namespace epay::app
