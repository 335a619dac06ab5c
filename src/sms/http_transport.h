// Text messages through a provider's HTTP interface. Providers differ in the address, the headers and the shape of the
// body only, so these are templates.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/timestamp.h"
#include "http/client.h"
#include "sms/transport.h"

namespace epay::sms {

// In url and body {to} is replaced by the recipient, {text} by the message, {from} by the sender, {id} by the message's
// id: in the URL percent-encoded, in the body as its content type wants it (a JSON string's content, a form's value).
struct HttpOptions {
  std::string url;
  std::string method = "POST";
  std::string content_type = "application/json";
  std::string body;
  std::string from;
  std::vector<std::pair<std::string, Secret>> headers;  // "Authorization": "Bearer …"
  seconds exchange_time_max{15};
};

// Errors: invalid, with what is wrong with which option.
Result<> check_http_options(const HttpOptions& options);

class HttpTransport final : public Transport {
 public:
  // The client must outlive it; the options must be right.
  HttpTransport(http::Client& client, HttpOptions options);

  // Any 2xx is a yes; 400 to 499, but for 401, 403, 408, 425 and 429, is a refusal for good.
  Task<Result<>> send(Envelope envelope) override;

 private:
  http::Client& client_;
  HttpOptions options_;
};

}  // namespace epay::sms
