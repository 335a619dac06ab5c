#include "sms/http_transport.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"

namespace epay::sms {
namespace {

constexpr std::size_t answer_shown_max = 200;

enum class Shape { plain, json, form };

Shape shape_of(std::string_view content_type) {
  if (content_type.starts_with("application/json")) return Shape::json;
  if (content_type.starts_with("application/x-www-form-urlencoded")) return Shape::form;
  return Shape::plain;
}

std::string shaped(std::string_view text, Shape shape) {
  switch (shape) {
    case Shape::plain: return std::string(text);
    case Shape::form: return http::percent_encode(text);
    case Shape::json: {
      std::string quoted;
      append_json_string(quoted, text);
      return quoted.substr(1, quoted.size() - 2);
    }
  }
  return "";
}

// What a template says, with each placeholder replaced once: what stands for one is never looked at again.
std::string filled(std::string_view text, const Envelope& envelope, std::string_view from, Shape shape) {
  const std::array<std::pair<std::string_view, std::string_view>, 4> known = {
      {{"{to}", envelope.recipient}, {"{text}", envelope.text}, {"{from}", from}, {"{id}", envelope.id}}};
  std::string out;
  while (!text.empty()) {
    const auto found = std::ranges::find_if(known, [&](const auto& one) { return text.starts_with(one.first); });
    if (found == known.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += shaped(found->second, shape);
      text.remove_prefix(found->first.size());
    }
  }
  return out;
}

bool another_try_may_help(int status) {
  constexpr std::array helpful = {401, 403, 408, 425, 429};
  return status < 400 || status >= 500 || std::ranges::find(helpful, status) != helpful.end();
}

// Some providers repeat what they were given: neither a number nor a code belongs into a log.
void hide_long_numbers(std::string& text) {
  constexpr std::ptrdiff_t shown_max = 4;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_digit);
    at = std::find_if_not(begin, text.end(), is_digit);
    if (at - begin > shown_max) std::fill(begin, at, '*');
  }
}

std::unexpected<Error> refusal(const http::Answer& answer) {
  std::string said = answer.body.substr(0, answer_shown_max);
  std::ranges::replace_if(said, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, ' ');
  hide_long_numbers(said);
  const std::string message = "the provider answered " + std::to_string(answer.status) + ": " + said;
  return fail(another_try_may_help(answer.status) ? ErrorCode::unavailable : ErrorCode::refused, message);
}

}  // namespace

Result<> check_http_options(const HttpOptions& options) {
  const Envelope example{"epay.1.1", "233240000000", "text"};
  if (const auto url = http::Url::parse(filled(options.url, example, options.from, Shape::form)); !url)
    return fail(ErrorCode::invalid, "url: " + url.error().message);
  const std::string both = options.url + options.body;
  for (const std::string_view needed : {"{to}", "{text}"}) {
    if (!both.contains(needed))
      return fail(ErrorCode::invalid, "body: must have " + std::string(needed) + " in it (or the url)");
  }
  if (options.method != "POST" && options.method != "GET" && options.method != "PUT")
    return fail(ErrorCode::invalid, "method: must be POST, GET or PUT");
  return {};
}

HttpTransport::HttpTransport(http::Client& client, HttpOptions options)
    : client_(client), options_(std::move(options)) {}

Task<Result<>> HttpTransport::send(Envelope envelope) {
  auto url = http::Url::parse(filled(options_.url, envelope, options_.from, Shape::form));
  if (!url) co_return std::unexpected(url.error());
  http::Exchange exchange{.url = *std::move(url), .method = options_.method, .time_max = options_.exchange_time_max};
  exchange.body = filled(options_.body, envelope, options_.from, shape_of(options_.content_type));
  if (!exchange.body.empty()) exchange.headers.add("Content-Type", options_.content_type);
  for (const auto& [name, value] : options_.headers) exchange.headers.add(name, value.reveal());
  const auto report = co_await client_.exchange(std::move(exchange));
  if (!report.answer) co_return std::unexpected(report.answer.error());
  if (report.answer->status / 100 != 2) co_return refusal(*report.answer);
  co_return Result<>();
}

}  // namespace epay::sms
