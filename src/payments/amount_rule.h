// What a payment page asks for: an open amount within bounds, a fixed one, or one of a few suggestions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/result.h"

namespace epay::payments {

enum class AmountKind : std::int64_t { open = 1, fixed = 2, choices = 3 };

// Amounts are in minor units of the page's currency.
struct AmountRule {
  AmountKind kind = AmountKind::open;
  std::optional<std::int64_t> fixed;        // fixed
  std::vector<std::int64_t> choices;        // choices, as they are shown
  bool other = false;                       // choices: another amount may be typed as well
  std::optional<std::int64_t> least, most;  // of what is typed: open, and choices with other
  bool may_be_typed() const { return kind == AmountKind::open || (kind == AmountKind::choices && other); }
  friend bool operator==(const AmountRule&, const AmountRule&) = default;
};

inline constexpr std::size_t amount_choices_max = 8;

// Everything that is wrong with a rule. Fields: amount (the fixed one), choices, least, most; codes: required, invalid,
// too_large, too_many, duplicate, order (least above most).
std::vector<FieldError> check_rule(const AmountRule& rule, const Currency& currency);

// What a customer has put in: one of the suggestions as its decimal text, or, where `other`, what was typed.
struct AmountGiven {
  std::string_view choice;  // "" for none
  std::string_view typed;
};
inline constexpr std::string_view other_choice = "other";

// The amount to be paid. Error: invalid, with the one field "amount" and a code: required, invalid, too_small,
// too_large, not_a_choice. What is typed may have blanks and separators of thousands ("1,250.50", "1 250,5"): see
// plain_decimal().
Result<Money> choose_amount(const AmountRule& rule, const Currency& currency, const AmountGiven& given);

// An amount as people in English and French write it, as Money::parse takes it. What is neither stays as it is.
std::string plain_decimal(std::string_view typed);

std::string to_json(const AmountRule& rule);
// Of to_json().
AmountRule parse_amount_rule(std::string_view json);

}  // namespace epay::payments
