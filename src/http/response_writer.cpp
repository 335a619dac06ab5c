#include "http/response_writer.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "base/check.h"

namespace epay::http {
namespace {

constexpr std::array<std::string_view, 5> servers_own = {"Content-Length", "Connection", "Date", "X-Request-Id",
                                                         "Transfer-Encoding"};

bool is_servers_own(std::string_view name) {
  return std::ranges::any_of(servers_own, [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr);
}

}  // namespace

bool is_header_name(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t'; });
}

std::string_view HttpDate::at(Timestamp now) {
  if (now.unix_seconds() == second_) return text_;
  second_ = now.unix_seconds();
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds moment{seconds(second_)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                   days[std::chrono::weekday(day).c_encoding()], unsigned(date.day()),
                                   months[unsigned(date.month()) - 1], int(date.year()), int(time.hours().count()),
                                   int(time.minutes().count()), int(time.seconds().count()));
  text_.assign(text.data(), static_cast<std::size_t>(length));
  return text_;
}

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::optional<std::string> to_wire(const Response& response, const ResponseFrame& frame) {
  std::string out;
  out.reserve(256 + 64 * response.headers.size() + (frame.to_head ? 0 : response.body.size()));
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\nDate: ";
  out += frame.date;
  out += frame.close ? "\r\nConnection: close" : "\r\nConnection: keep-alive";
  out += "\r\nX-Request-Id: ";
  out += frame.request_id;
  for (const auto& [name, value] : response.headers) {
    if (is_servers_own(name)) continue;
    if (!is_header_name(name) || !is_header_value(value)) return {};
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  const bool has_body = status_has_body(response.status);
  if (has_body) {
    switch (frame.framing) {
      case BodyFraming::length:
        out += "\r\nContent-Length: ";
        append_number(out, response.body.size());
        break;
      case BodyFraming::chunks: out += "\r\nTransfer-Encoding: chunked"; break;
      case BodyFraming::until_close: break;
    }
  }
  out += "\r\n\r\n";
  if (has_body && !frame.to_head) out += response.body;
  return out;
}

std::string to_chunk(std::string_view bytes) {
  EPAY_CHECK(!bytes.empty());
  static constexpr std::size_t frame_bytes = 20;  // 16 hexadecimal digits and two line ends
  std::string out;
  out.reserve(bytes.size() + frame_bytes);
  append_number(out, bytes.size(), 16);
  out.append("\r\n").append(bytes).append("\r\n");
  return out;
}

}  // namespace epay::http
