#include "rails/banks.h"

#include <algorithm>

#include "base/check.h"
#include "http/json.h"

namespace epay::rails {
namespace {

constexpr std::size_t code_min = 2, code_max = 20, name_max = 100, rail_code_max = 40, banks_max = 1'000;

// clang-format does not know #embed, and would put a blank into the name.
// clang-format off
constexpr char file[] = {
#embed <banks.json>
};
// clang-format on

bool is_code(std::string_view text) {
  return text.size() >= code_min && text.size() <= code_max &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

// Error: what is wrong with it.
Result<Bank> read_bank(const http::Json& json) {
  Bank bank;
  if (json.kind != http::Json::Kind::object) return fail(ErrorCode::invalid, "is no object");
  for (const auto& [name, value] : json.members) {
    if (value.kind != http::Json::Kind::string || value.text.empty()) {
      return fail(ErrorCode::invalid, "has a " + name + " that is no text");
    }
    if (name == "code") {
      bank.code = value.text;
    } else if (name == "name") {
      bank.name = value.text;
    } else if (value.text.size() <= rail_code_max) {
      bank.at_rails[name] = value.text;
    } else {
      return fail(ErrorCode::invalid, "has a " + name + " that is too long");
    }
  }
  if (!is_code(bank.code)) return fail(ErrorCode::invalid, "has no code of 2 to 20 lower-case letters and digits");
  if (bank.name.empty() || bank.name.size() > name_max) return fail(ErrorCode::invalid, "has no name");
  return bank;
}

}  // namespace

Banks Banks::embedded() {
  auto banks = parse({file, sizeof file});
  EPAY_CHECK(banks.has_value());
  return *std::move(banks);
}

Result<Banks> Banks::parse(std::string_view text) {
  const auto json = http::Json::parse(text);
  if (!json) return fail(ErrorCode::invalid, "it is no JSON: " + json.error().message);
  if (json->kind != http::Json::Kind::array) return fail(ErrorCode::invalid, "it is no array");
  if (json->items.size() > banks_max) return fail(ErrorCode::invalid, "it has too many banks");
  Banks banks;
  for (std::size_t i = 0; i < json->items.size(); ++i) {
    const std::string place = "bank " + std::to_string(i + 1) + " ";
    auto bank = read_bank(json->items[i]);
    if (!bank) return fail(ErrorCode::invalid, place + bank.error().message);
    if (banks.find(bank->code) != nullptr) return fail(ErrorCode::invalid, place + "has a code that another has");
    banks.banks_.push_back(*std::move(bank));
  }
  std::ranges::sort(banks.banks_, {}, &Bank::name);
  return banks;
}

const Bank* Banks::find(std::string_view code) const {
  const auto found = std::ranges::find(banks_, code, &Bank::code);
  return found == banks_.end() ? nullptr : &*found;
}

std::optional<std::string> Banks::code_at(std::string_view code, std::string_view rail) const {
  const Bank* bank = find(code);
  if (bank == nullptr) return std::nullopt;
  if (rail == "simulator") return bank->code;
  const auto found = bank->at_rails.find(rail);
  return found == bank->at_rails.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace epay::rails
