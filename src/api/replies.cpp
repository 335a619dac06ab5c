#include "api/replies.h"

#include <charconv>

namespace epay::api {
namespace {

struct Shape {
  int status;
  std::string_view error_type;
};

Shape shape_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
    case ErrorCode::unsupported: return {400, "invalid_request_error"};
    case ErrorCode::unsupported_media: return {415, "invalid_request_error"};
    case ErrorCode::too_large: return {413, "invalid_request_error"};
    case ErrorCode::too_many_requests: return {429, "api_error"};
    case ErrorCode::unauthenticated: return {401, "authentication_error"};
    case ErrorCode::insufficient_funds:
    case ErrorCode::refused: return {402, "api_error"};
    case ErrorCode::not_found: return {404, "invalid_request_error"};
    case ErrorCode::conflict:
    case ErrorCode::in_progress: return {409, "invalid_request_error"};
    case ErrorCode::unavailable:
    case ErrorCode::timed_out:
    case ErrorCode::connection_failed:
    case ErrorCode::connection_closed:
    case ErrorCode::malformed_reply:
    case ErrorCode::address_refused: return {503, "api_error"};
  }
  return {500, "api_error"};
}

}  // namespace

std::string error_body(std::string_view error_type, std::string_view message, const std::vector<FieldError>& fields) {
  JsonWriter json;
  json.begin_object().member("success", false).member("error_type", error_type).member("message", message);
  if (!fields.empty()) {
    json.key("errors").begin_array();
    for (const FieldError& field : fields) {
      json.begin_object()
          .member("field", field.field)
          .member("code", field.code)
          .member("message", field.message)
          .end_object();
    }
    json.end_array();
  }
  return json.end_object().take();
}

http::Response error_response(const Error& error) {
  const Shape shape = shape_of(error.code);
  const bool ours = shape.status >= 500;
  const std::string_view message =
      ours ? "Something went wrong on our side. Please try again shortly." : std::string_view(error.message);
  auto response = http::Response::json(shape.status, error_body(shape.error_type, message, error.fields));
  const bool wait = error.code == ErrorCode::in_progress || error.code == ErrorCode::too_many_requests;
  if (ours || wait) response.headers.add("Retry-After", "1");
  if (shape.status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

void write_list_page(JsonWriter& json, const ListPage& page, const std::string& rows_json) {
  const std::int64_t last =
      std::max<std::int64_t>(1, (page.total + payments::rows_per_page - 1) / payments::rows_per_page);
  const auto url = [&](std::int64_t number) { return page.path + "?page=" + std::to_string(number); };
  const auto url_if = [&](bool there, std::int64_t number) {
    return there ? std::optional(url(number)) : std::nullopt;
  };
  const std::int64_t before = (page.number - 1) * payments::rows_per_page;
  const auto row_if = [&](std::int64_t row) { return page.rows > 0 ? std::optional(row) : std::nullopt; };
  json.begin_object().member("current_page", page.number).key("data").raw(rows_json);
  json.member("first_page_url", url(1))
      .member("from", row_if(before + 1))
      .member("last_page", last)
      .member("last_page_url", url(last))
      .member("next_page_url", url_if(page.number < last, page.number + 1))
      .member("path", page.path)
      .member("per_page", payments::rows_per_page)
      .member("prev_page_url", url_if(page.number > 1, page.number - 1))
      .member("to", row_if(before + page.rows))
      .member("total", page.total)
      .end_object();
}

Result<std::int64_t> page_number(const http::Request& request) {
  constexpr std::int64_t page_max = 1'000'000'000;
  const auto text = request.query_parameter("page");
  if (!text) return 1;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 1 || number > page_max) {
    const std::string message = "page must be a whole number from 1";
    return std::unexpected(Error{ErrorCode::invalid, message, {{"page", "invalid", message}}});
  }
  return number;
}

}  // namespace epay::api
