#include "rails/rail_http.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/json_writer.h"
#include "base/phone_number.h"
#include "rails/reply_reader.h"

namespace epay::rails {
namespace {

constexpr std::size_t logged_max = 2'000;

// Names of members, in lower case, whose values are nobody's to read in a log.
constexpr std::array secret_names = {
    "access_token", "apikey",   "api_key",          "otp",        "pin",          "voucher",
    "voucher_code", "password", "successindicator", "cardnumber", "securitycode", "authorization_code"};
// Those that name a person's account.
constexpr std::array number_names = {"partyid",
                                     "phone",
                                     "msisdn",
                                     "customermsisdn",
                                     "recipientmsisdn",
                                     "account_number",
                                     "bankaccountnumber",
                                     "accountnumber",
                                     "recipientphonenumber",
                                     "customernumber",
                                     "mobile_money_number",
                                     "international_format_phone"};

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : char(c); });
  return lower;
}

void write_hidden(JsonWriter& out, const http::Json& json, std::string_view name) {
  using Kind = http::Json::Kind;
  const bool plain = json.kind == Kind::string || json.kind == Kind::number;
  if (plain && std::ranges::find(secret_names, name) != secret_names.end()) {
    out.value("***");
    return;
  }
  if (plain && std::ranges::find(number_names, name) != number_names.end()) {
    out.value(mask_number(json.text));
    return;
  }
  switch (json.kind) {
    case Kind::null: out.null(); return;
    case Kind::boolean: out.value(json.truth); return;
    case Kind::number: out.raw(json.text); return;
    case Kind::string: out.value(json.text); return;
    case Kind::array:
      out.begin_array();
      for (const http::Json& item : json.items) write_hidden(out, item, name);
      out.end_array();
      return;
    case Kind::object:
      out.begin_object();
      for (const auto& [key, member] : json.members) {
        out.key(key);
        write_hidden(out, member, in_lower_case(key));
      }
      out.end_object();
      return;
  }
}

// A part of a path that is so many digits is the number of a wallet or a bank account.
constexpr std::size_t number_digits_least = 8;

// Without its query, and with numbers of people hidden.
std::string shown_path(std::string_view path) {
  std::string shown;
  for (const auto part : std::views::split(path.substr(0, path.find('?')), '/')) {
    const std::string_view text(part);
    const bool number =
        text.size() >= number_digits_least && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (text.data() != path.data()) shown += '/';
    shown += number ? mask_number(text) : std::string(text);
  }
  return shown;
}

}  // namespace

std::optional<Reply> reply_without_answer(Heard& heard) {
  if (auto* not_sent = std::get_if<NotSent>(&heard)) return Reply(*std::move(not_sent));
  if (auto* unknown = std::get_if<Unknown>(&heard)) return Reply(*std::move(unknown));
  return std::nullopt;
}

std::string hidden(const http::Json& json) {
  JsonWriter out;
  write_hidden(out, json, "");
  std::string text = out.take();
  if (text.size() > logged_max) text = text.substr(0, logged_max) + "…";
  return text;
}

std::string in_words(const RailAnswer& answer) {
  std::string words = "HTTP " + std::to_string(answer.status);
  for (const std::string_view name : {"code", "responseCode", "ResponseCode", "message", "Message"}) {
    const auto text = text_of(answer.json, name);
    if (!text) continue;
    words += " " + text->substr(0, 200);
    break;
  }
  return words;
}

RailHttp::RailHttp(Log& log, http::Client& client, std::string_view rail, std::string base)
    : log_(log), client_(client), rail_(rail), base_(std::move(base)) {}

Task<Heard> RailHttp::send(RailRequest request) {
  auto url = http::Url::parse(base_ + request.path);
  if (!url) co_return NotSent{"its address is wrong: " + url.error().message};
  if (under_way_ >= requests_at_once_max) co_return NotSent{"too many requests to the rail are under way"};
  if (const auto sent = http::Json::parse(request.body)) {
    log_.debug("rail_request", {{"rail", rail_},
                                {"reference", request.about},
                                {"method", request.method},
                                {"path", shown_path(request.path)},
                                {"body", hidden(*sent)}});
  }
  ++under_way_;
  const auto report = co_await client_.exchange({.url = *std::move(url),
                                                 .method = request.method,
                                                 .headers = std::move(request.headers),
                                                 .body = std::move(request.body),
                                                 .time_max = request.time_max,
                                                 .once = request.once});
  --under_way_;
  if (!report.answer) {
    const Error& error = report.answer.error();
    log_.warning("rail_failed", {{"rail", rail_},
                                 {"reference", request.about},
                                 {"method", request.method},
                                 {"path", shown_path(request.path)},
                                 {"error", error.message},
                                 {"took_us", report.timings.total.count()}});
    const bool nothing_sent = error.code == ErrorCode::connection_failed || error.code == ErrorCode::address_refused ||
                              error.code == ErrorCode::invalid;
    if (nothing_sent) co_return NotSent{error.message};
    co_return Unknown{error.message};
  }
  RailAnswer answer{.status = report.answer->status};
  if (!report.answer->body_cut) {
    if (auto json = http::Json::parse(report.answer->body)) {
      answer.json = *std::move(json);
      answer.is_json = true;
    }
  }
  log_.debug("rail_answer", {{"rail", rail_},
                             {"reference", request.about},
                             {"method", request.method},
                             {"path", shown_path(request.path)},
                             {"status", answer.status},
                             {"body", answer.is_json ? hidden(answer.json) : std::string("(no JSON)")},
                             {"took_us", report.timings.total.count()}});
  co_return answer;
}

}  // namespace epay::rails
