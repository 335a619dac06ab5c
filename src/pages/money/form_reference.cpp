#include "pages/money/form_reference.h"

namespace epay::pages::money {
namespace {

constexpr std::size_t reference_letters = 11;
// Without letters and digits that are taken for one another.
constexpr std::string_view reference_alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

}  // namespace

std::string new_reference(std::string_view prefix, Random& random) {
  return std::string(prefix) + random.text(reference_letters, reference_alphabet);
}

bool is_reference(std::string_view prefix, std::string_view text) {
  return text.size() == prefix.size() + reference_letters && text.starts_with(prefix) &&
         text.find_first_not_of(reference_alphabet, prefix.size()) == std::string_view::npos;
}

std::string field_of(const http::Form& form, std::string_view name) {
  std::string text(form.get(name));
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace epay::pages::money
