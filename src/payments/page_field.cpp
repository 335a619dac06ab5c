#include "payments/page_field.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "http/json.h"

namespace epay::payments {
namespace {

std::string place(std::size_t index) { return "fields[" + std::to_string(index) + "]"; }

bool is_one_line(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void check_text(std::vector<FieldError>& wrong, const std::string& field, std::string_view text, std::size_t max) {
  if (text.find_first_not_of(' ') == std::string_view::npos) {
    wrong.push_back({field, "required", field + " must not be empty"});
  } else if (!is_one_line(text)) {
    wrong.push_back({field, "invalid", field + " must be one line of UTF-8 text"});
  } else if (utf8_length(text) > max) {
    wrong.push_back({field, "too_long", field + " must have at most " + std::to_string(max) + " characters"});
  }
}

void check_choices(std::vector<FieldError>& wrong, const std::string& field, const std::vector<std::string>& choices) {
  const std::string name = field + ".choices";
  if (choices.empty()) wrong.push_back({name, "required", name + " needs at least one"});
  if (choices.size() > field_choices_max)
    wrong.push_back({name, "too_many", name + " may have at most " + std::to_string(field_choices_max)});
  std::vector<FieldError> found;
  for (const std::string& choice : choices) check_text(found, name, choice, field_choice_max);
  if (!found.empty()) wrong.push_back(found.front());
  std::vector<std::string> sorted = choices;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    wrong.push_back({name, "duplicate", name + " has the same one twice"});
}

// Digits with one decimal mark and perhaps a sign, as people type numbers.
bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto mark = std::ranges::find_if_not(text, is_digit);
  const auto before = mark - text.begin();
  if (mark == text.end()) return before > 0;
  return before > 0 && (*mark == '.' || *mark == ',') && mark + 1 != text.end() &&
         std::all_of(mark + 1, text.end(), is_digit);
}

std::string_view wrong_with(const PageField& field, const std::string& value) {
  if (value.empty()) return field.required ? "required" : "";
  switch (field.kind) {
    case FieldKind::text:
      if (!is_one_line(value)) return "invalid";
      return utf8_length(value) > answer_max ? "too_long" : "";
    case FieldKind::number: return value.size() <= number_answer_max && is_number(value) ? "" : "invalid";
    case FieldKind::choice: return std::ranges::find(field.choices, value) != field.choices.end() ? "" : "not_a_choice";
    case FieldKind::checkbox: return value == ticked ? "" : "invalid";
  }
  return "";
}

http::Json parsed(std::string_view text) {
  auto json = http::Json::parse(text);
  EPAY_CHECK(json.has_value());
  return *std::move(json);
}

std::string text_of(const http::Json& json, std::string_view name) {
  const http::Json* found = json.find(name);
  return found == nullptr ? "" : found->text;
}

}  // namespace

std::vector<FieldError> check_fields(const std::vector<PageField>& fields) {
  std::vector<FieldError> wrong;
  if (fields.size() > page_fields_max) {
    wrong.push_back({"fields", "too_many", "a page may have at most " + std::to_string(page_fields_max) + " fields"});
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    check_text(wrong, place(i), fields[i].label, field_label_max);
    if (fields[i].kind == FieldKind::choice) check_choices(wrong, place(i), fields[i].choices);
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (fields[earlier].label != fields[i].label) continue;
      wrong.push_back({place(i), "duplicate", place(i) + " has the label of another field"});
      break;
    }
  }
  return wrong;
}

std::string field_name(std::size_t index) { return "field_" + std::to_string(index); }

Result<std::vector<Answer>> read_answers(const std::vector<PageField>& fields,
                                         const std::map<std::string, std::string, std::less<>>& given) {
  std::vector<Answer> answers;
  std::vector<FieldError> wrong;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string name = field_name(i);
    const auto found = given.find(name);
    const std::string value = found == given.end() ? "" : found->second;
    const std::string_view code = wrong_with(fields[i], value);
    if (!code.empty()) wrong.push_back({name, std::string(code), fields[i].label + " is not right"});
    if (code.empty() && !value.empty()) answers.push_back({fields[i].label, value});
  }
  if (!wrong.empty()) return std::unexpected(Error{ErrorCode::invalid, wrong.front().message, wrong});
  return answers;
}

std::string to_json(const std::vector<PageField>& fields) {
  JsonWriter json;
  json.begin_array();
  for (const PageField& field : fields) {
    json.begin_object().member("label", field.label).member("kind", static_cast<std::int64_t>(field.kind));
    json.member("required", field.required).key("choices").begin_array();
    for (const std::string& choice : field.choices) json.value(choice);
    json.end_array().end_object();
  }
  return json.end_array().take();
}

std::vector<PageField> parse_fields(std::string_view text) {
  std::vector<PageField> fields;
  for (const http::Json& item : parsed(text).items) {
    const std::string kind = text_of(item, "kind");
    std::int64_t number = 0;
    EPAY_CHECK(std::from_chars(kind.data(), kind.data() + kind.size(), number).ec == std::errc());
    PageField field{.label = text_of(item, "label"), .kind = static_cast<FieldKind>(number)};
    if (const http::Json* required = item.find("required")) field.required = required->truth;
    if (const http::Json* choices = item.find("choices")) {
      for (const http::Json& choice : choices->items) field.choices.push_back(choice.text);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

std::string to_json(const std::vector<Answer>& answers) {
  JsonWriter json;
  json.begin_array();
  for (const Answer& answer : answers) {
    json.begin_object().member("label", answer.label).member("value", answer.value).end_object();
  }
  return json.end_array().take();
}

std::vector<Answer> parse_answers(std::string_view text) {
  std::vector<Answer> answers;
  for (const http::Json& item : parsed(text).items) answers.push_back({text_of(item, "label"), text_of(item, "value")});
  return answers;
}

}  // namespace epay::payments
