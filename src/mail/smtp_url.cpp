#include <algorithm>
#include <charconv>

#include "mail/smtp_transport.h"

namespace epay::mail {

Result<> check_smtp_url(std::string_view url) {
  const auto wrong = [] {
    return fail(ErrorCode::invalid, "must be smtp://HOST:PORT, or smtps://HOST:PORT for TLS from the first byte on");
  };
  if (url.starts_with("smtp://")) {
    url.remove_prefix(7);
  } else if (url.starts_with("smtps://")) {
    url.remove_prefix(8);
  } else {
    return wrong();
  }
  if (url.contains('@'))
    return fail(ErrorCode::invalid, "must not have a user or password in it: they have flags of their own");
  if (url.ends_with('/')) url.remove_suffix(1);
  const bool bracketed = url.starts_with('[');  // an IPv6 address
  const std::size_t host_end = bracketed ? url.find(']') + 1 : std::min(url.find(':'), url.size());
  if (host_end == 0) return wrong();
  const std::string_view host = url.substr(bracketed, host_end - 2 * std::size_t(bracketed));
  const auto allowed = [bracketed](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == (bracketed ? ':' : '-');
  };
  if (host.empty() || !std::ranges::all_of(host, allowed)) return wrong();
  const std::string_view rest = url.substr(host_end);
  if (rest.empty()) return {};
  unsigned port = 0;
  const char* const end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data() + 1, end, port);
  if (rest.front() != ':' || parsed.ec != std::errc() || parsed.ptr != end || port < 1 || port > 65'535) return wrong();
  return {};
}

}  // namespace epay::mail
