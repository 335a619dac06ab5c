// What a payment page asks its customer beside the amount, and the answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace epay::payments {

enum class FieldKind : std::int64_t { text = 1, number = 2, choice = 3, checkbox = 4 };

struct PageField {
  std::string label;
  FieldKind kind = FieldKind::text;
  bool required = false;
  std::vector<std::string> choices = {};  // of a choice
  friend bool operator==(const PageField&, const PageField&) = default;
};

inline constexpr std::size_t page_fields_max = 20;
inline constexpr std::size_t field_label_max = 80;
inline constexpr std::size_t field_choices_max = 50;
inline constexpr std::size_t field_choice_max = 80;
inline constexpr std::size_t answer_max = 500;  // characters
inline constexpr std::size_t number_answer_max = 30;

// Everything that is wrong with them. Fields: fields, or fields[0] (of the first), fields[0].choices; codes: required,
// too_long, too_many, duplicate.
std::vector<FieldError> check_fields(const std::vector<PageField>& fields);

struct Answer {
  std::string label, value;
  friend bool operator==(const Answer&, const Answer&) = default;
};

// A checkbox that is ticked.
inline constexpr std::string_view ticked = "yes";
// What a form calls the field of this index: "field_0".
std::string field_name(std::size_t index);

// The answers in the fields' order, without the empty ones; `given` is a form by its fields' names. Error: invalid,
// naming every wrong field as the form calls it; codes: required, too_long, invalid (a number), not_a_choice.
Result<std::vector<Answer>> read_answers(const std::vector<PageField>& fields,
                                         const std::map<std::string, std::string, std::less<>>& given);

std::string to_json(const std::vector<PageField>& fields);
std::vector<PageField> parse_fields(std::string_view json);
std::string to_json(const std::vector<Answer>& answers);
std::vector<Answer> parse_answers(std::string_view json);

}  // namespace epay::payments
