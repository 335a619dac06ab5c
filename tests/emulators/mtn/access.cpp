#include "emulators/mtn/access.h"

#include <charconv>

#include "base/check.h"
#include "base/crypto.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/replies.h"

namespace epay::emulators::mtn {
namespace {

constexpr std::string_view user_record = "mtn_user";
constexpr std::string_view token_record = "mtn_token";
constexpr std::size_t key_length = 32;
constexpr std::size_t signature_length = 86;
constexpr std::string_view key_header = "Ocp-Apim-Subscription-Key";

seconds lifetime(const Switches& switches) {
  const std::string& text = switches.get("mtn.token.expires_in");
  std::int64_t number = 3'600;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return seconds(number);
}

// A host's name and nothing else.
bool is_host(std::string_view host) { return !host.empty() && host.find_first_of("/:@ ") == std::string_view::npos; }

}  // namespace

http::Response gateway_error(int status, std::string_view message) {
  JsonWriter json;
  json.begin_object().member("statusCode", status).member("message", message);
  return http::Response::json(status, json.end_object().take());
}

http::Response momo_error(int status, std::string_view code, std::string_view message) {
  JsonWriter json;
  json.begin_object().member("code", code).member("message", message);
  return http::Response::json(status, json.end_object().take());
}

Access::Access(Engine& engine) : engine_(engine) {
  for (const auto& [id, text] : engine.state().take(user_record)) {
    const auto json = http::Json::parse(text);
    EPAY_CHECK(json.has_value());
    users_[id] = {text_of(*json, "product"), text_of(*json, "callback_host"), text_of(*json, "key")};
  }
  for (const auto& [token, text] : engine.state().take(token_record)) {
    const auto json = http::Json::parse(text);
    EPAY_CHECK(json.has_value());
    tokens_[token] = {text_of(*json, "user"), text_of(*json, "product"), {number_of(*json, "expires_at", 0)}};
  }
}

std::string Access::product_of_key(std::string_view key) const {
  for (const std::string_view product : {"collection", "disbursement"}) {
    if (engine_.switches().is("mtn." + std::string(product) + ".key", key)) return std::string(product);
  }
  return {};
}

std::optional<http::Response> Access::check_key(const http::Request& request, std::string_view product) const {
  const std::string_view key = request.headers.get(key_header);
  if (key.empty()) {
    return gateway_error(401,
                         "Access denied due to missing subscription key. Make sure to include subscription key "
                         "when making requests to an API.");
  }
  const std::string owner = product_of_key(key);
  if (owner.empty() || (!product.empty() && owner != product)) {
    return gateway_error(401,
                         "Access denied due to invalid subscription key. Make sure to provide a valid key for an "
                         "active subscription.");
  }
  return std::nullopt;
}

void Access::keep(const std::string& id, const User& user) {
  JsonWriter json;
  json.begin_object()
      .member("product", user.product)
      .member("callback_host", user.callback_host)
      .member("key", user.key);
  engine_.state().put(user_record, id, json.end_object().take());
  users_[id] = user;
}

void Access::keep_token(const std::string& token, const Token& of) {
  JsonWriter json;
  json.begin_object().member("user", of.user).member("product", of.product).member("expires_at", of.expires_at.micros);
  engine_.state().put(token_record, token, json.end_object().take());
}

void Access::expire_tokens() {
  for (auto& [token, of] : tokens_) {
    of.expires_at = {};
    keep_token(token, of);
  }
}

Task<http::Response> Access::create_user(http::Request& request) {
  if (auto refusal = check_key(request, "")) co_return *std::move(refusal);
  const std::string id(request.headers.get("X-Reference-Id"));
  const auto body = json_object(request);
  const std::string host = body ? text_of(*body, "providerCallbackHost") : "";
  if (!is_uuid4(id) || !is_host(host)) co_return http::Response{.status = 400};
  if (users_.contains(id)) {
    co_return momo_error(409, "RESOURCE_ALREADY_EXIST", "Duplicated reference id. Creation of resource failed.");
  }
  keep(id, {product_of_key(request.headers.get(key_header)), host, ""});
  co_return http::Response{.status = 201};
}

Task<http::Response> Access::create_key(http::Request& request) {
  if (auto refusal = check_key(request, "")) co_return *std::move(refusal);
  const std::string& id = request.path_parameters.at(0);
  const auto found = users_.find(id);
  if (found == users_.end()) {
    co_return momo_error(404, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
  }
  User user = found->second;
  user.key = engine_.seams().random.text(key_length, Random::hex_digits);
  keep(id, user);
  JsonWriter json;
  co_return http::Response::json(201, json.begin_object().member("apiKey", user.key).end_object().take());
}

Task<http::Response> Access::show_user(http::Request& request) {
  if (auto refusal = check_key(request, "")) co_return *std::move(refusal);
  const auto found = users_.find(request.path_parameters.at(0));
  if (found == users_.end()) {
    co_return momo_error(404, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
  }
  JsonWriter json;
  json.begin_object()
      .member("providerCallbackHost", found->second.callback_host)
      .member("targetEnvironment", engine_.switches().get("mtn.target"));
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Access::create_token(std::string product, const http::Request& request) {
  if (auto refusal = check_key(request, product)) co_return *std::move(refusal);
  if (engine_.switches().is("mtn.token.body", "refused") && !request.body.empty()) {
    co_return http::Response{.status = 400};
  }
  const auto credentials = basic_credentials(request);
  const http::Response refused = http::Response::json(401, "{\"error\":\"login_failed\"}");
  if (!credentials) co_return refused;
  const Switches& switches = engine_.switches();
  const bool is_portal_user =
      switches.is("mtn.user", credentials->first) && switches.is("mtn.user_key", credentials->second);
  const auto user = users_.find(credentials->first);
  const bool is_known = user != users_.end() && !user->second.key.empty() && user->second.key == credentials->second;
  if (!is_portal_user && !is_known) co_return refused;

  const seconds expires_in = lifetime(switches);
  const std::string claims =
      "{\"clientId\":\"" + credentials->first + "\",\"sessionId\":\"" + new_uuid4(engine_.seams().random) + "\"}";
  const std::string token = base64url_encode("{\"typ\":\"JWT\",\"alg\":\"R256\"}") + "." + base64url_encode(claims) +
                            "." + engine_.seams().random.text(signature_length, Random::letters_and_digits);
  tokens_[token] = {credentials->first, product, engine_.now() + expires_in};
  keep_token(token, tokens_[token]);
  JsonWriter json;
  json.begin_object()
      .member("access_token", token)
      .member("token_type", "access_token")
      .member("expires_in", static_cast<std::int64_t>(expires_in.count()));
  co_return http::Response::json(200, json.end_object().take());
}

std::expected<Access::Caller, http::Response> Access::admit(const http::Request& request,
                                                            std::string_view product) const {
  if (auto refusal = check_key(request, product)) return std::unexpected(*std::move(refusal));
  const auto token = tokens_.find(bearer_token(request));
  if (token == tokens_.end() || token->second.product != product || token->second.expires_at <= engine_.now()) {
    return std::unexpected(gateway_error(401, "Unauthorized. Access token is missing, invalid or expired."));
  }
  const Switches& switches = engine_.switches();
  const auto user = users_.find(token->second.user);
  const bool is_foreign = user != users_.end() && user->second.product != product;
  if (is_foreign || !switches.is("mtn.target", request.headers.get("X-Target-Environment"))) {
    return std::unexpected(
        momo_error(500, "NOT_ALLOWED_TARGET_ENVIRONMENT", "Access to target environment is forbidden."));
  }
  return Caller{user == users_.end() ? switches.get("mtn.callback_host") : user->second.callback_host};
}

}  // namespace epay::emulators::mtn
