#include <charconv>

#include "http/client.h"

namespace epay::http {
namespace {

constexpr std::size_t url_length_max = 2'048;
constexpr std::size_t host_length_max = 253;
constexpr std::size_t label_length_max = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

// To browsers and the C library a host that ends in a number ("127.1", "0x7f.1", "2130706433") is an address.
bool ends_in_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (last.starts_with("0x")) {
    return std::ranges::all_of(last.substr(2), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  }
  return !last.empty() && std::ranges::all_of(last, is_digit);
}

Result<std::string> parse_name(std::string_view text) {
  std::string host = lowered(text);
  if (host.ends_with('.')) host.pop_back();
  if (host.empty()) return fail(ErrorCode::invalid, "The URL has no host.");
  if (host.size() > host_length_max) return fail(ErrorCode::invalid, "The URL's host is too long.");
  if (ends_in_number(host)) {
    const auto address = IpAddress::parse(host);
    if (!address)
      return fail(ErrorCode::invalid, "The URL's host must be a name, or an address of four decimal numbers.");
    return address->to_string();
  }
  std::string_view rest = host;
  for (bool more = true; more;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    const bool good = !label.empty() && label.size() <= label_length_max && std::ranges::all_of(label, [](char c) {
      return is_letter(c) || is_digit(c) || c == '-' || c == '_';
    });
    if (!good)
      return fail(ErrorCode::invalid,
                  "The URL's host must be letters, digits, dots and dashes (punycode for other letters).");
    more = dot != std::string_view::npos;
    if (more) rest.remove_prefix(dot + 1);
  }
  return host;
}

Result<std::string> parse_host(std::string_view text) {
  if (!text.starts_with('[')) return parse_name(text);
  text.remove_prefix(1);
  text.remove_suffix(1);
  const auto address = IpAddress::parse(text);
  if (!address || address->is_v4) return fail(ErrorCode::invalid, "The URL's host is not an IPv6 address.");
  return address->to_string();
}

Result<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return fail(ErrorCode::invalid, "The URL's port must be a number from 1 to 65535.");
  }
  return port;
}

// Path and query with what may not stand in them percent-encoded.
std::string to_target(std::string_view text) {
  static constexpr std::string_view unsafe = "\"<>\\^`{|}";
  static constexpr std::string_view hex = "0123456789ABCDEF";
  text = text.substr(0, text.find('#'));
  std::string target = text.starts_with('/') ? "" : "/";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && unsafe.find(c) == std::string_view::npos) {
      target += c;
    } else {
      target += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return target;
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > url_length_max) return fail(ErrorCode::invalid, "The URL is too long.");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f)
      return fail(ErrorCode::invalid, "The URL must not contain blanks or control characters.");
  }
  Url url;
  const std::size_t colon = text.find("://");
  if (colon != std::string_view::npos) url.scheme = lowered(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail(ErrorCode::invalid, "The URL must begin with https:// or http://.");
  }
  text.remove_prefix(colon + 3);
  // A backslash is a slash to browsers: what follows it would be the path there and the host here.
  std::string_view authority = text.substr(0, text.find_first_of("/\\?#"));
  url.target = to_target(text.substr(authority.size()));
  if (text.substr(authority.size()).starts_with('\\'))
    return fail(ErrorCode::invalid, "The URL must not contain a backslash.");
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorCode::invalid, "The URL must not contain a user name or password.");
  }
  const std::size_t bracket = authority.find(']');
  const bool is_v6 = authority.starts_with('[');
  if (is_v6 && bracket == std::string_view::npos)
    return fail(ErrorCode::invalid, "The URL's host is not an IPv6 address.");
  const std::size_t host_end = is_v6 ? bracket + 1 : std::min(authority.find(':'), authority.size());
  auto host = parse_host(authority.substr(0, host_end));
  if (!host) return std::unexpected(host.error());
  url.host = std::move(*host);
  authority.remove_prefix(host_end);
  url.port = default_port(url.scheme);
  if (!authority.empty()) {
    if (!authority.starts_with(':')) return fail(ErrorCode::invalid, "The URL's host is not an IPv6 address.");
    const auto port = authority.size() == 1 ? Result<std::uint16_t>(url.port) : parse_port(authority.substr(1));
    if (!port) return std::unexpected(port.error());
    url.port = *port;
  }
  return url;
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) out += ":" + std::to_string(port);
  return out;
}

}  // namespace epay::http
