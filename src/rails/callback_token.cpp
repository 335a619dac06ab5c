#include "rails/callback_token.h"

namespace epay::rails {
namespace {

constexpr std::size_t mac_bytes = 16;

}  // namespace

std::string CallbackTokens::mac(std::string_view rail, std::string_view reference) const {
  const Sha256 whole = vault_.mac("rail callback", std::string(rail) + "/" + std::string(reference));
  return hex_encode(to_bytes(whole).substr(0, mac_bytes));
}

std::string CallbackTokens::address(std::string_view origin, std::string_view rail, std::string_view reference) const {
  return std::string(origin) + "/cb/" + std::string(rail) + "/" + std::string(reference) + "." + mac(rail, reference);
}

std::optional<std::string> CallbackTokens::reference_in(std::string_view rail, std::string_view token) const {
  const std::size_t dot = token.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view reference = token.substr(0, dot);
  if (!Secret(mac(rail, reference)).equals(token.substr(dot + 1))) return std::nullopt;
  return std::string(reference);
}

}  // namespace epay::rails
