#include "http/forwarded.h"

#include <ranges>

#include "http/request_target.h"

namespace epay::http {
namespace {

bool is_trusted(const IpAddress& address, const ServerOptions& options) {
  return std::ranges::any_of(options.trusted_proxies, [&](const Cidr& block) { return block.contains(address); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Some proxies add the port: "1.2.3.4:5678", "[::1]:5678".
std::optional<IpAddress> parse_hop(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[')) return IpAddress::parse(text.substr(1, text.find(']') - 1));
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return IpAddress::parse(text);
}

// The hops are read from ours outwards; the first that is not a proxy of ours is the client, for all before it is
// hearsay.
IpAddress rightmost_untrusted(const Request& request, IpAddress client, const ServerOptions& options) {
  std::string hops;
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, "X-Forwarded-For")) hops += (hops.empty() ? "" : ",") + value;
  }
  std::string_view rest = hops;
  while (!rest.empty() && is_trusted(client, options)) {
    const std::size_t comma = rest.rfind(',');
    const auto hop = parse_hop(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    if (!hop) break;
    client = *hop;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
  }
  return client;
}

}  // namespace

void identify_client(Request& request, const IpAddress& peer, const ServerOptions& options) {
  const bool trusted = is_trusted(peer, options);
  request.client = trusted ? rightmost_untrusted(request, peer, options) : peer;
  if (!options.public_url.empty()) {
    request.origin = options.public_url;
    return;
  }
  std::string_view scheme = options.tls ? "https" : "http";
  std::string_view host = request.headers.get("Host");
  if (trusted) {
    const std::string_view forwarded_scheme = trimmed(request.headers.get("X-Forwarded-Proto"));
    if (forwarded_scheme == "http" || forwarded_scheme == "https") scheme = forwarded_scheme;
    const std::string_view forwarded_host = trimmed(request.headers.get("X-Forwarded-Host"));
    if (is_valid_host(forwarded_host)) host = forwarded_host;
  }
  // HTTP/1.0 knows requests without a Host.
  request.origin = std::string(scheme) + "://" + std::string(host.empty() ? "localhost" : host);
}

}  // namespace epay::http
