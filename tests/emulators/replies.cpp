#include "emulators/replies.h"

#include "base/crypto.h"

namespace epay::emulators {
namespace {

constexpr std::string_view given_names[] = {"Ama", "Kofi", "Akosua", "Kwame", "Abena", "Yaw", "Efua", "Kojo"};
constexpr std::string_view family_names[] = {"Mensah", "Owusu", "Boateng", "Asante", "Osei", "Addo", "Appiah"};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// What follows a scheme in Authorization.
std::string_view credentials_of(const http::Request& request, std::string_view scheme) {
  const std::string_view value = request.headers.get("Authorization");
  if (!http::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return {};
  return value.substr(scheme.size());
}

}  // namespace

std::optional<http::Json> json_object(const http::Request& request) {
  auto json = http::Json::parse(request.body);
  if (!json || json->kind != http::Json::Kind::object) return std::nullopt;
  return *std::move(json);
}

std::optional<std::pair<std::string, std::string>> basic_credentials(const http::Request& request) {
  const auto text = base64_decode(credentials_of(request, "Basic "));
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return std::pair(text->substr(0, colon), text->substr(colon + 1));
}

std::string_view bearer_token(const http::Request& request) { return credentials_of(request, "Bearer "); }

bool is_uuid4(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash_here = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash_here ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return text[14] == '4' && std::string_view("89abAB").find(text[19]) != std::string_view::npos;
}

std::string new_uuid4(Random& random) {
  std::string text = random.text(36, Random::hex_digits);
  for (const std::size_t dash : {8, 13, 18, 23}) text[dash] = '-';
  text[14] = '4';
  text[19] = "89ab"[random.below(4)];
  return text;
}

std::string name_of_number(std::string_view number) {
  const auto hash = static_cast<std::size_t>(short_hash(number));
  return std::string(given_names[hash % std::size(given_names)]) + " " +
         std::string(family_names[hash / std::size(given_names) % std::size(family_names)]);
}

}  // namespace epay::emulators
