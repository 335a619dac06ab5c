#include "http/request_target.h"

#include "http/message.h"

namespace epay::http {
namespace {

bool is_acceptable_segment(std::string_view segment) {
  if (segment.find('%') == std::string_view::npos) return segment != "." && segment != "..";
  const auto decoded = percent_decode(segment, false);
  return decoded && decoded->find('\0') == std::string::npos && *decoded != "." && *decoded != "..";
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
}

}  // namespace

std::optional<RequestTarget> parse_request_target(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    text.remove_prefix(std::min(text.find_first_of("/?"), text.size()));
    if (!text.starts_with('/')) return text.empty() ? std::optional<RequestTarget>({"/", ""}) : std::nullopt;
  }
  if (!text.starts_with('/') || text.find('#') != std::string_view::npos) return {};
  RequestTarget target;
  const std::size_t question = text.find('?');
  if (question != std::string_view::npos) target.query = text.substr(question + 1);
  std::string_view rest = text.substr(0, question);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    if (segment.empty()) continue;
    if (!is_acceptable_segment(segment)) return {};
    target.path += '/';
    target.path += segment;
  }
  if (target.path.empty()) target.path = "/";
  return target;
}

bool is_valid_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || !IpAddress::parse(text.substr(1, bracket - 1))) return false;
    text.remove_prefix(bracket + 1);
  } else {
    const std::string_view name = text.substr(0, text.find(':'));
    if (name.empty() || name.size() > 255 || !std::ranges::all_of(name, is_host_character)) return false;
    text.remove_prefix(name.size());
  }
  if (text.empty()) return true;
  text.remove_prefix(1);
  return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace epay::http
