#include "app/api_client.h"

#include "base/json_writer.h"
#include "base/time_text.h"
#include "merchants/access_token.h"

namespace epay::app {
namespace {

constexpr seconds call_time_max{30};
constexpr std::size_t answer_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t error_bytes_max = 64 * 1024;
constexpr std::size_t idempotency_key_length = 32;
// What a service says of a token's life is believed within these, whatever its clock and ours say.
constexpr microseconds token_life_least = minutes(1);
constexpr microseconds token_life_most = merchants::access_token_life;

// With its member where it has one; an empty text otherwise.
std::string text_at(const http::Json& json, std::initializer_list<std::string_view> path) {
  const http::Json* at = &json;
  for (const std::string_view key : path) {
    at = at->find(key);
    if (at == nullptr) return "";
  }
  return at->text;
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401: return ErrorCode::unauthenticated;
    case 402:
    case 403: return ErrorCode::refused;
    case 404: return ErrorCode::not_found;
    case 409: return ErrorCode::conflict;
    case 429: return ErrorCode::too_many_requests;
    default: return status >= 500 ? ErrorCode::unavailable : ErrorCode::invalid;
  }
}

Error error_of(int status, const http::Headers& headers, const std::string& body) {
  if (status >= 300 && status < 400) {
    return {ErrorCode::invalid, "the server redirects to " + std::string(headers.get("location")) +
                                    "; give the address that it means as --server"};
  }
  const auto json = http::Json::parse(body);
  std::string message = json ? text_at(*json, {"message"}) : "";
  while (message.ends_with(' ')) message.pop_back();
  if (message.empty()) message = "the server answers with status " + std::to_string(status);
  Error error{code_of(status), std::move(message)};
  const http::Json* fields = json ? json->find("errors") : nullptr;
  if (fields == nullptr) return error;
  for (const http::Json& field : fields->items) {
    error.fields.push_back({text_at(field, {"field"}), text_at(field, {"code"}), text_at(field, {"message"})});
  }
  return error;
}

std::unexpected<Error> bad_flag(const std::string& flag, const std::string& why) {
  return fail(ErrorCode::invalid, flag + ": " + why);
}

http::ClientLimits limits() {
  http::ClientLimits limits;
  limits.body_bytes_kept = limits.body_bytes_max = answer_bytes_max;
  return limits;
}

}  // namespace

std::string ApiAccess::account() const {
  if (has_credentials()) return "app " + app_id;
  const auto merchant = merchants::merchant_of_token(token.reveal());
  return merchant ? "merchant " + std::to_string(merchant->value) : "";
}

Result<ApiAccess> api_access(const ApiConfig& config) {
  ApiAccess access{.token = Secret(config.token),
                   .merchant_key = config.merchant_key,
                   .app_id = config.app_id,
                   .app_secret = Secret(config.app_secret)};
  auto server = http::Url::parse(config.server);
  if (!server) return bad_flag("--server", server.error().message);
  if (server->target != "/") return bad_flag("--server", "must be a scheme and a host, without a path");
  access.server = *std::move(server);
  const int given = !config.merchant_key.empty() + !config.app_id.empty() + !config.app_secret.empty();
  if (given != 0 && given != 3) return bad_flag("--merchant-key", "needs --app-id and --app-secret beside it");
  if (given == 0 && config.token.empty()) {
    return bad_flag("--merchant-key", "who are you? Give --merchant-key, --app-id and --app-secret, or a --token");
  }
  return access;
}

http::AddressGuard any_address() { return http::AddressGuard({*http::Cidr::parse("::/0")}); }

bool is_transient(ErrorCode code) {
  switch (code) {
    case ErrorCode::in_progress:
    case ErrorCode::unavailable:
    case ErrorCode::timed_out:
    case ErrorCode::connection_failed:
    case ErrorCode::connection_closed:
    case ErrorCode::malformed_reply:
    case ErrorCode::too_many_requests: return true;
    case ErrorCode::invalid:
    case ErrorCode::unsupported_media:
    case ErrorCode::unauthenticated:
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::refused:
    case ErrorCode::insufficient_funds:
    case ErrorCode::unsupported:
    case ErrorCode::address_refused:
    case ErrorCode::too_large: return false;
  }
  return false;
}

ApiClient::ApiClient(Clock& clock, Random& random, Network& network, ApiAccess access)
    : clock_(clock),
      random_(random),
      access_(std::move(access)),
      client_(std::make_unique<http::Client>(clock, network, any_address(), limits())),
      token_(access_.has_credentials() ? Secret() : access_.token) {}

ApiClient::~ApiClient() = default;

http::Exchange ApiClient::exchange_of(std::string method, const std::string& target) const {
  http::Exchange exchange{.url = access_.server, .method = std::move(method), .time_max = call_time_max};
  exchange.url.target = "/api/v1" + target;
  exchange.headers.add("accept", "application/json");
  if (!token_.empty()) exchange.headers.add("authorization", "Bearer " + token_.reveal());
  return exchange;
}

Task<Result<>> ApiClient::sign_in() {
  token_ = Secret();
  http::Exchange exchange = exchange_of("POST", "/token");
  JsonWriter json;
  json.begin_object().member("merchant_key", access_.merchant_key).member("app_id", access_.app_id);
  exchange.body = json.member("app_secret", access_.app_secret.reveal()).end_object().take();
  exchange.headers.add("content-type", "application/json");
  const auto report = co_await client_->exchange(std::move(exchange));
  if (!report.answer) co_return std::unexpected(report.answer.error());
  if (report.answer->status != 200) {
    co_return std::unexpected(error_of(report.answer->status, report.answer->headers, report.answer->body));
  }
  const auto answer = http::Json::parse(report.answer->body);
  const std::string token = answer ? text_at(*answer, {"data", "access_token"}) : "";
  if (token.empty()) co_return fail(ErrorCode::malformed_reply, "the server's answer to the credentials has no token");
  const auto expires_at = parse_time(text_at(*answer, {"data", "expires_at"}));
  const microseconds life = expires_at ? *expires_at - clock_.now() : token_life_most;
  token_ = Secret(token);
  renew_at_ = clock_.ticks() + std::clamp(life, token_life_least, token_life_most) * 9 / 10;
  co_return Result<>();
}

Task<Result<>> ApiClient::have_token() {
  if (!access_.has_credentials()) co_return Result<>();
  if (!token_.empty() && clock_.ticks() < renew_at_) co_return Result<>();
  co_return co_await sign_in();
}

// A token that is refused before its time (the service's store was put back, its clock was set) is replaced once.
bool ApiClient::may_sign_in_again(Error& error) {
  if (error.code != ErrorCode::unauthenticated) return false;
  if (!access_.has_credentials()) {
    error.message =
        "the token is not accepted: one is good for an hour. Give --merchant-key, --app-id and --app-secret "
        "instead, and epay renews it itself";
    return false;
  }
  token_ = Secret();
  return true;
}

Task<Result<http::Json>> ApiClient::call(std::string method, std::string target, std::string body) {
  const std::string key = random_.text(idempotency_key_length, Random::letters_and_digits);
  Result<http::Json> answer = fail(ErrorCode::unauthenticated, "");
  for (int round = 0; round < 2; ++round) {
    if (const auto ready = co_await have_token(); !ready) co_return std::unexpected(ready.error());
    http::Exchange exchange = exchange_of(method, target);
    if (method == "POST") {
      exchange.body = body;
      exchange.headers.add("content-type", "application/json");
      exchange.headers.add("idempotency-key", key);
    }
    auto report = co_await client_->exchange(std::move(exchange));
    if (!report.answer) co_return std::unexpected(report.answer.error());
    const int status = report.answer->status;
    if (status >= 200 && status < 300) {
      answer = http::Json::parse(report.answer->body);
      if (!answer) answer = fail(ErrorCode::malformed_reply, "the server's answer is no JSON");
      co_return answer;
    }
    answer = std::unexpected(error_of(status, report.answer->headers, report.answer->body));
    if (!may_sign_in_again(answer.error())) break;
  }
  co_return answer;
}

Task<Result<http::Json>> ApiClient::get(std::string target) { return call("GET", std::move(target), ""); }

Task<Result<http::Json>> ApiClient::post(std::string target, std::string body) {
  return call("POST", std::move(target), std::move(body));
}

Task<Result<std::unique_ptr<http::OpenAnswer>>> ApiClient::open(std::string target) {
  Error last{ErrorCode::unauthenticated, ""};
  for (int round = 0; round < 2; ++round) {
    if (const auto ready = co_await have_token(); !ready) co_return std::unexpected(ready.error());
    http::Exchange exchange = exchange_of("GET", target);
    auto answer = co_await client_->open(std::move(exchange));
    if (!answer) co_return std::unexpected(answer.error());
    if ((*answer)->status() == 200) co_return std::move(*answer);
    std::string body;
    while (body.size() < error_bytes_max) {
      const auto piece = co_await (*answer)->read_some(clock_.ticks() + call_time_max);
      if (!piece || piece->empty()) break;
      body += *piece;
    }
    last = error_of((*answer)->status(), (*answer)->headers(), body);
    if (!may_sign_in_again(last)) break;
  }
  co_return std::unexpected(last);
}

}  // namespace epay::app
