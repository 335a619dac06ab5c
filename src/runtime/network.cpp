#include "runtime/network.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace epay::runtime {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<IpAddress> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return {};
      text.remove_prefix(1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    const auto digits = static_cast<std::size_t>(end - text.data());
    // "010" is ten to some readers and eight to others, so it is nobody's.
    if (error != std::errc() || digits > 3 || (digits > 1 && text.front() == '0')) return {};
    text.remove_prefix(digits);
  }
  if (!text.empty()) return {};
  return IpAddress::v4(parts[0], parts[1], parts[2], parts[3]);
}

}  // namespace

IpAddress IpAddress::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  IpAddress address;
  std::copy(v4_mapped_prefix.begin(), v4_mapped_prefix.end(), address.bytes.begin());
  address.bytes[12] = a;
  address.bytes[13] = b;
  address.bytes[14] = c;
  address.bytes[15] = d;
  address.is_v4 = true;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 45) return {};
  if (text.find(':') == std::string_view::npos) return parse_v4(text);
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return {};
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return {};
  return address;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (is_v4) {
    inet_ntop(AF_INET, bytes.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  }
  return text;
}

std::string SocketAddress::to_string() const {
  const std::string host = ip.is_v4 ? ip.to_string() : "[" + ip.to_string() + "]";
  return host + ":" + std::to_string(port);
}

}  // namespace epay::runtime
