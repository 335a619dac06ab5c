#include "http/client.h"

namespace epay::http {
namespace {

struct Block {
  std::string_view text;
  Cidr cidr = *Cidr::parse(text);
};

bool is_in_any(const IpAddress& address, std::span<const Block> blocks) {
  return std::ranges::any_of(blocks, [&](const Block& block) { return block.cidr.contains(address); });
}

// IANA's special-purpose registries (RFC 6890 and what came after), multicast and class E.
bool is_global_v4(const IpAddress& address) {
  static const Block special[] = {
      {"0.0.0.0/8"},     {"10.0.0.0/8"},      {"100.64.0.0/10"},  {"127.0.0.0/8"},    {"169.254.0.0/16"},
      {"172.16.0.0/12"}, {"192.0.0.0/24"},    {"192.0.2.0/24"},   {"192.88.99.0/24"}, {"192.168.0.0/16"},
      {"198.18.0.0/15"}, {"198.51.100.0/24"}, {"203.0.113.0/24"}, {"224.0.0.0/4"},    {"240.0.0.0/4"},
  };
  return !is_in_any(address, special);
}

IpAddress embedded_v4(const IpAddress& address, std::size_t at) {
  return IpAddress::v4(address.bytes[at], address.bytes[at + 1], address.bytes[at + 2], address.bytes[at + 3]);
}

}  // namespace

bool is_global_unicast(const IpAddress& address) {
  static const Block v4_mapped{"::ffff:0:0/96"}, nat64{"64:ff9b::/96"}, six_to_four{"2002::/16"}, global{"2000::/3"};
  // Protocol assignments (Teredo, benchmarking and ORCHID among them), and documentation twice.
  static const Block special[] = {{"2001::/23"}, {"2001:db8::/32"}, {"3fff::/20"}};
  if (address.is_v4) return is_global_v4(address);
  // These carry an IPv4 address, and a translator on the way may deliver to it.
  if (v4_mapped.cidr.contains(address) || nat64.cidr.contains(address)) return is_global_v4(embedded_v4(address, 12));
  if (six_to_four.cidr.contains(address)) return is_global_v4(embedded_v4(address, 2));
  return global.cidr.contains(address) && !is_in_any(address, special);
}

bool AddressGuard::permits(const IpAddress& address) const {
  if (is_global_unicast(address)) return true;
  return std::ranges::any_of(allowed_, [&](const Cidr& block) { return block.contains(address); });
}

}  // namespace epay::http
