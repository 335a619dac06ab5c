#include "pages/networks.h"

#include "base/check.h"
#include "http/json.h"
#include "rails/networks.h"

namespace epay::pages {
namespace {

// clang-format does not know #embed, and would put a blank into the name.
// clang-format off
constexpr char file[] = {
#embed <networks.json>
};
// clang-format on

std::vector<NetworkChoice> read_file() {
  const auto json = http::Json::parse({file, sizeof file});
  EPAY_CHECK(json.has_value());
  std::vector<NetworkChoice> choices;
  for (const http::Json& item : json->items) {
    NetworkChoice choice{item.find("name")->text, item.find("label")->text, {}};
    for (const http::Json& prefix : item.find("prefixes")->items) choice.prefixes.push_back(prefix.text);
    EPAY_CHECK(rails::find_network(choice.name).has_value());
    choices.push_back(std::move(choice));
  }
  return choices;
}

}  // namespace

std::span<const NetworkChoice> network_choices() {
  static const std::vector<NetworkChoice> choices = read_file();
  return choices;
}

std::string_view guess_network(const PhoneNumber& number) {
  const std::string national = number.national();
  for (const NetworkChoice& choice : network_choices()) {
    for (const std::string& prefix : choice.prefixes) {
      if (national.starts_with(prefix)) return choice.name;
    }
  }
  return "";
}

std::string network_label(std::string_view name) {
  const auto network = rails::find_network(name);
  for (const NetworkChoice& choice : network_choices()) {
    if (choice.name == name || (network && choice.name == network->name)) return choice.label;
  }
  return std::string(name);
}

std::vector<std::string> steps_of(std::string_view key, const Texts& texts) {
  std::vector<std::string> steps;
  std::string_view text = texts.at(key);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    steps.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return steps;
}

std::string spaced_number(std::string_view national) {
  constexpr std::size_t digits = 10;
  if (national.size() != digits) return std::string(national);
  // No-break spaces: a number is never cut at a line's end.
  return std::string(national.substr(0, 3)) + "\u00A0" + std::string(national.substr(3, 3)) + "\u00A0" +
         std::string(national.substr(6));
}

}  // namespace epay::pages
