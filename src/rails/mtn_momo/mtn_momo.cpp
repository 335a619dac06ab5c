#include "rails/mtn_momo/mtn_momo.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/json_writer.h"
#include "rails/failure_code.h"
#include "rails/mtn_momo/replies.h"
#include "rails/order_text.h"
#include "rails/rail_http.h"
#include "rails/reply_reader.h"
#include "rails/token_cache.h"

namespace epay::rails::mtn_momo {
namespace {

constexpr std::size_t message_max = 160;
// The status may be asked for ten times a second (RAILS §1.8); half of it leaves room for others with the same keys.
constexpr int queries_per_second_max = 5;
constexpr seconds token_life_least{60};

std::string path_of(OrderKind kind) {
  switch (kind) {
    case OrderKind::collect: return "/collection/v1_0/requesttopay";
    case OrderKind::payout: return "/disbursement/v1_0/transfer";
    case OrderKind::refund: return "/disbursement/v1_0/refund";
  }
  return "";
}

std::string body_of(const Order& order) {
  JsonWriter json;
  json.begin_object().member("amount", order.amount.to_decimal()).member("currency", order.amount.currency.code());
  json.member("externalId", order.reference);
  if (order.kind != OrderKind::refund) {
    json.key(order.kind == OrderKind::payout ? "payee" : "payer").begin_object();
    json.member("partyIdType", "MSISDN").member("partyId", order.wallet ? order.wallet->international() : "");
    json.end_object();
  }
  json.member("payerMessage", plain_text(order.description, message_max))
      .member("payeeNote", plain_text(order.description, message_max));
  if (order.original) json.member("referenceIdToRefund", uuid_of(order.original->reference));
  return json.end_object().take();
}

std::optional<Credentials> read_credentials(std::optional<Settings> settings) {
  if (!settings) return std::nullopt;
  Credentials credentials{.subscription_key = settings->secret("subscription_key"),
                          .api_user = settings->text("api_user"),
                          .api_key = settings->secret("api_key")};
  settings->end();
  return credentials;
}

}  // namespace

Options read_options(Settings& settings) {
  Options options{.mode = settings.mode("mode"), .target_environment = settings.text("target_environment")};
  const bool sandbox = options.target_environment == "sandbox";
  options.url =
      settings.address("url", sandbox ? "https://sandbox.momodeveloper.mtn.com" : "https://proxy.momoapi.mtn.com");
  options.currency = settings.currency("currency", sandbox ? "EUR" : "GHS");
  options.collection = read_credentials(settings.object("collection"));
  options.disbursement = read_credentials(settings.object("disbursement"));
  options.callbacks = settings.flag_or("callbacks", true);
  if (!options.collection && !options.disbursement)
    settings.problem("collection", "is missing, and so is disbursement: one of the two is needed");
  return options;
}

std::string uuid_of(std::string_view reference) {
  Sha256 hash = sha256("MTN X-Reference-Id of " + std::string(reference));
  hash[6] = static_cast<unsigned char>((hash[6] & 0x0F) | 0x40);
  hash[8] = static_cast<unsigned char>((hash[8] & 0x3F) | 0x80);
  const std::string hex = hex_encode(to_bytes(hash).substr(0, 16));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

// One of MTN's products: its keys, its token.
struct MtnMomo::Product {
  Product(const RailTools& tools, const Options& options, std::string product, Credentials with)
      : http(tools.log, tools.client, "mtn", options.url),
        name(std::move(product)),
        credentials(std::move(with)),
        target_environment(options.target_environment),
        tokens(tools.clock, [this] { return fetch_token(); }) {}

  Task<Result<TokenCache::Fresh>> fetch_token() {
    RailRequest request{.path = "/" + name + "/token/", .time_max = query_time_max};
    request.headers.add("Authorization",
                        "Basic " + base64_encode(credentials.api_user + ":" + credentials.api_key.reveal()));
    request.headers.add("Ocp-Apim-Subscription-Key", credentials.subscription_key.reveal());
    const Heard heard = co_await http.send(std::move(request));
    const auto* answer = std::get_if<RailAnswer>(&heard);
    if (answer == nullptr) {
      const auto* not_sent = std::get_if<NotSent>(&heard);
      co_return fail(ErrorCode::unavailable,
                     "no token: " + (not_sent != nullptr ? not_sent->cause : std::get<Unknown>(heard).cause));
    }
    const auto token = text_of(answer->json, "access_token");
    if (answer->status != 200 || !token) co_return fail(ErrorCode::unavailable, "no token: " + in_words(*answer));
    const std::string life = text_of(answer->json, "expires_in").value_or("");
    const bool whole =
        !life.empty() && life.size() < 10 && std::ranges::all_of(life, [](char c) { return c >= '0' && c <= '9'; });
    co_return TokenCache::Fresh{Secret(*token), whole ? seconds(std::stoll(life)) : token_life_least};
  }

  // With a token; a token that is not taken is renewed once, and the same request sent again: a 401 has made nothing.
  Task<Heard> send(RailRequest request) {
    for (int round = 0;; ++round) {
      const auto token = co_await tokens.get();
      if (!token) co_return NotSent{token.error().message};
      RailRequest signed_request = request;
      signed_request.headers.add("Authorization", "Bearer " + token->reveal());
      signed_request.headers.add("Ocp-Apim-Subscription-Key", credentials.subscription_key.reveal());
      signed_request.headers.add("X-Target-Environment", target_environment);
      Heard heard = co_await http.send(std::move(signed_request));
      const auto* answer = std::get_if<RailAnswer>(&heard);
      if (answer == nullptr || answer->status != 401 || round > 0) co_return heard;
      tokens.reject(*token);
    }
  }

  RailHttp http;
  std::string name;
  Credentials credentials;
  std::string target_environment;
  TokenCache tokens;
};

MtnMomo::MtnMomo(const RailTools& tools, Options options) : tools_(tools), options_(std::move(options)) {
  if (options_.collection) collection_ = std::make_unique<Product>(tools, options_, "collection", *options_.collection);
  if (options_.disbursement)
    disbursement_ = std::make_unique<Product>(tools, options_, "disbursement", *options_.disbursement);
}

MtnMomo::~MtnMomo() = default;

Capabilities MtnMomo::capabilities() const {
  return {.idempotent_by_reference = true,
          .refunds = disbursement_ != nullptr,
          .partial_refunds = disbursement_ != nullptr,
          .customer_window = minutes(5),
          .queries_per_second_max = queries_per_second_max};
}

bool MtnMomo::serves_mode(Mode mode) const { return mode == options_.mode; }

bool MtnMomo::serves(const Need& need) const {
  const bool network = need.network.empty() || need.network == "mtn";
  return serves_mode(need.mode) && need.channel == Channel::momo && network && need.currency == options_.currency &&
         product_of(need.kind) != nullptr;
}

MtnMomo::Product* MtnMomo::product_of(OrderKind kind) const {
  return kind == OrderKind::collect ? collection_.get() : disbursement_.get();
}

std::string MtnMomo::callback_address(const Order& order) const {
  return tools_.callbacks.address(order.origin, name(), order.reference);
}

Task<Reply> MtnMomo::create(Order order, std::string body) {
  Product* product = product_of(order.kind);
  if (product == nullptr) co_return NotSent{"the product has no keys in the rails file"};
  RailRequest request{
      .path = path_of(order.kind), .body = std::move(body), .time_max = create_time_max, .about = order.reference};
  request.headers.add("X-Reference-Id", uuid_of(order.reference));
  request.headers.add("Content-Type", "application/json");
  if (options_.callbacks && !order.origin.empty()) request.headers.add("X-Callback-Url", callback_address(order));
  Heard heard = co_await product->send(std::move(request));
  if (auto* not_sent = std::get_if<NotSent>(&heard)) co_return *std::move(not_sent);
  if (auto* unknown = std::get_if<Unknown>(&heard)) co_return *std::move(unknown);
  const auto& answer = std::get<RailAnswer>(heard);
  // The first one arrived: what became of it?
  if (answer.status == 409) {
    Reply reply = co_await query(std::move(order));
    if (std::holds_alternative<NotFound>(reply)) co_return Unknown{"the reference is taken, and is not found"};
    if (auto* not_asked = std::get_if<NotSent>(&reply)) co_return Unknown{std::move(not_asked->cause)};
    co_return reply;
  }
  co_return reply_to_create(answer);
}

Task<Reply> MtnMomo::collect(Order order) {
  std::string body = body_of(order);
  return create(std::move(order), std::move(body));
}
Task<Reply> MtnMomo::pay_out(Order order) {
  std::string body = body_of(order);
  return create(std::move(order), std::move(body));
}
Task<Reply> MtnMomo::refund(Order order) {
  std::string body = body_of(order);
  return create(std::move(order), std::move(body));
}

Task<Reply> MtnMomo::submit_input(Order order, std::string) { return query(std::move(order)); }

Task<Reply> MtnMomo::query(Order order) {
  Product* product = product_of(order.kind);
  if (product == nullptr) co_return Unknown{"the product has no keys in the rails file"};
  RailRequest request{.method = "GET",
                      .path = path_of(order.kind) + "/" + uuid_of(order.reference),
                      .time_max = query_time_max,
                      .about = order.reference};
  Heard heard = co_await product->send(std::move(request));
  if (auto* not_sent = std::get_if<NotSent>(&heard)) co_return Unknown{std::move(not_sent->cause)};
  if (auto* unknown = std::get_if<Unknown>(&heard)) co_return *std::move(unknown);
  co_return reply_to_query(std::get<RailAnswer>(heard), order);
}

Result<News> MtnMomo::read_callback(const http::Request& request, std::string_view reference) const {
  if (reference.empty()) return fail(ErrorCode::not_found, "MTN calls back at an address of each order's own");
  News news{.reference = std::string(reference)};
  // Nothing is signed: it is a reason to ask, whatever stands in it.
  const auto json = http::Json::parse(request.body);
  if (json && text_of(*json, "externalId") == news.reference) news.claim = claim_of(*json);
  return news;
}

Task<Result<Money>> MtnMomo::balance(Currency currency) {
  if (disbursement_ == nullptr || currency != options_.currency)
    co_return fail(ErrorCode::unsupported, "MTN holds nothing to send in this currency");
  const Heard heard = co_await disbursement_->send(
      {.method = "GET", .path = "/disbursement/v1_0/account/balance", .time_max = query_time_max});
  const auto* answer = std::get_if<RailAnswer>(&heard);
  if (answer == nullptr) co_return fail(ErrorCode::unavailable, "MTN did not answer");
  const auto held = text_of(answer->json, "availableBalance");
  if (answer->status != 200 || !held) co_return fail(ErrorCode::unavailable, "MTN said " + in_words(*answer));
  if (held->find_first_not_of("0.") == std::string::npos) co_return Money{0, currency};
  const auto money = major_units(member_of(answer->json, "availableBalance"), currency);
  if (!money) co_return fail(ErrorCode::unavailable, "MTN names a balance that cannot be read");
  co_return *money;
}

Task<Result<AccountHolder>> MtnMomo::look_up(Payee payee) {
  Product* product = disbursement_ != nullptr ? disbursement_.get() : collection_.get();
  if (payee.channel != Channel::momo || !payee.wallet || product == nullptr)
    co_return fail(ErrorCode::unsupported, "MTN knows mobile wallets only");
  const std::string holder = "/" + product->name + "/v1_0/accountholder/msisdn/" + payee.wallet->international();
  const Heard heard = co_await product->send({.method = "GET", .path = holder + "/active", .time_max = query_time_max});
  const auto* active = std::get_if<RailAnswer>(&heard);
  if (active == nullptr) co_return fail(ErrorCode::unavailable, "MTN did not answer");
  if (active->status == 404) co_return fail(ErrorCode::not_found, "MTN does not know this wallet");
  if (active->status != 200) co_return fail(ErrorCode::unavailable, "MTN said " + in_words(*active));
  // {"result": true}, or the bare word.
  const http::Json* result = member_of(active->json, "result");
  AccountHolder found{.active = result != nullptr ? result->truth : active->json.truth};
  const Heard named =
      co_await product->send({.method = "GET", .path = holder + "/basicuserinfo", .time_max = query_time_max});
  if (const auto* info = std::get_if<RailAnswer>(&named); info != nullptr && info->status == 200) {
    const std::string given = text_of(info->json, "given_name").value_or("");
    const std::string family = text_of(info->json, "family_name").value_or("");
    const std::string both = given + (given.empty() || family.empty() ? "" : " ") + family;
    if (!both.empty()) found.name = both;
    if (!found.name) found.name = text_of(info->json, "name");
  }
  co_return found;
}

}  // namespace epay::rails::mtn_momo
