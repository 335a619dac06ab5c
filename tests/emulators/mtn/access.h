// Who may ask MTN for what: subscription keys, API users and their keys, access tokens (RAILS §1.1–§1.3).
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "emulators/engine.h"
#include "http/message.h"

namespace epay::emulators::mtn {

// {"statusCode":…,"message":…}: of the gateway before MTN's own machines.
http::Response gateway_error(int status, std::string_view message);
// {"code":…,"message":…}: MTN's own.
http::Response momo_error(int status, std::string_view code, std::string_view message);

class Access {
 public:
  explicit Access(Engine& engine);

  // Of a request under /v1_0/apiuser.
  Task<http::Response> create_user(http::Request& request);
  Task<http::Response> create_key(http::Request& request);
  Task<http::Response> show_user(http::Request& request);
  Task<http::Response> create_token(std::string product, const http::Request& request);
  void expire_tokens();

  struct Caller {
    std::string callback_host;  // empty: any
  };
  // The caller of a product's business call, or why it is refused.
  std::expected<Caller, http::Response> admit(const http::Request& request, std::string_view product) const;

 private:
  struct User {
    std::string product;  // whose key it was made with; empty: any
    std::string callback_host;
    std::string key;
  };
  struct Token {
    std::string user, product;
    Timestamp expires_at;
  };
  // The product that a subscription key belongs to; empty for none.
  std::string product_of_key(std::string_view key) const;
  std::optional<http::Response> check_key(const http::Request& request, std::string_view product) const;
  void keep(const std::string& id, const User& user);
  void keep_token(const std::string& token, const Token& of);

  Engine& engine_;
  std::map<std::string, User, std::less<>> users_;
  std::map<std::string, Token, std::less<>> tokens_;
};

}  // namespace epay::emulators::mtn
