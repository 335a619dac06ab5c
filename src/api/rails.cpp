// GET /api/v1/rails: what money can come and go by, and how each way does just now.
#include "api/api.h"
#include "api/replies.h"
#include "rails/networks.h"

namespace epay::api {
namespace {

using rails::Rails;

struct Way {
  std::string_view method;
  rails::Channel channel;
  std::string_view network;
};
constexpr Way ways[] = {{"momo", rails::Channel::momo, "mtn"},
                        {"momo", rails::Channel::momo, "telecel"},
                        {"momo", rails::Channel::momo, "airteltigo"},
                        {"card", rails::Channel::card, ""},
                        {"bank", rails::Channel::bank, ""}};

// "0.97": with too few ends nothing is said.
std::string share(std::int64_t part, std::int64_t whole) {
  const std::int64_t percent = (part * 100 + whole / 2) / whole;
  return percent == 100 ? "1" : std::string("0.") + (percent < 10 ? "0" : "") + std::to_string(percent);
}

void write_condition(JsonWriter& json, std::string_view name, const std::optional<Rails::Condition>& condition) {
  json.key(name);
  if (!condition) {
    json.null();
    return;
  }
  const rails::Health::Figures& figures = condition->figures;
  json.begin_object().member("status", rails::wire_name(condition->standing)).key("success_rate");
  const std::int64_t ends = figures.succeeded + figures.failed;
  if (ends >= rails::Health::sample_min) {
    json.raw(share(figures.succeeded, ends));
  } else {
    json.null();
  }
  json.key("answers_in_ms");
  if (figures.mean) {
    json.value(std::int64_t(figures.mean->count() / 1'000));
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

Task<http::Response> Api::list_rails(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const std::string code = request.query_parameter("currency").value_or("GHS");
  const auto currency = Currency::parse(code);
  if (!currency) {
    co_return error_response({ErrorCode::invalid,
                              "currency: must be an ISO 4217 code such as GHS",
                              {{"currency", "invalid", "must be an ISO 4217 code such as GHS"}}});
  }
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Rails retrieved Successfully");
  json.key("rails").begin_array();
  for (const Way& way : ways) {
    rails::Need need{.merchant = grant->integration.scope.merchant,
                     .mode = grant->integration.scope.mode,
                     .channel = way.channel,
                     .currency = *currency,
                     .network = way.network};
    const auto payments =
        way.channel == rails::Channel::bank ? std::optional<Rails::Condition>() : processor_.condition(need);
    need.kind = rails::OrderKind::payout;
    const auto payouts =
        way.channel == rails::Channel::card ? std::optional<Rails::Condition>() : processor_.condition(need);
    if (!payments && !payouts) continue;
    json.begin_object().member("method", way.method).key("network");
    if (way.network.empty()) {
      json.null();
    } else {
      json.value(way.network);
    }
    json.member("currency", currency->code());
    write_condition(json, "payments", payments);
    write_condition(json, "payouts", payouts);
    json.end_object();
  }
  co_return http::Response::json(200, json.end_array().end_object().take());
}

}  // namespace epay::api
