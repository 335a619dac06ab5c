#include "api/fields.h"

#include <algorithm>
#include <charconv>

#include "base/email.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "http/json.h"

namespace epay::api {
namespace {

constexpr std::string_view missing_message = "Not a valid API request with missing parameters";
constexpr std::size_t amount_text_max = 40;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Field field_of(const std::string& name, const http::Json& value) {
  Field field{name, Field::Kind::text, value.text};
  switch (value.kind) {
    case http::Json::Kind::null:
    case http::Json::Kind::string: break;
    case http::Json::Kind::number: field.kind = Field::Kind::number; break;
    case http::Json::Kind::boolean:
      field.kind = Field::Kind::boolean;
      field.text = value.truth ? "true" : "false";
      break;
    case http::Json::Kind::array:
      field.kind = Field::Kind::list;
      for (const http::Json& item : value.items) field.parts.push_back(field_of("", item));
      break;
    case http::Json::Kind::object:
      field.kind = Field::Kind::object;
      for (const auto& [key, member] : value.members) field.parts.push_back(field_of(key, member));
      break;
  }
  return field;
}

Result<std::vector<Field>> read_json(const std::string& body) {
  const auto document = http::Json::parse(body);
  if (!document) return fail(ErrorCode::invalid, "The body is not valid JSON: " + document.error().message);
  if (document->kind != http::Json::Kind::object) return fail(ErrorCode::invalid, "The body must be a JSON object");
  std::vector<Field> fields;
  for (const auto& [name, value] : document->members) fields.push_back(field_of(name, value));
  return fields;
}

// "headers[X-Shop]" is a part of "headers", with the key "X-Shop".
struct PartName {
  std::string_view whole, key;
};

std::optional<PartName> part_name(std::string_view name) {
  const std::size_t open = name.find('[');
  if (open == 0 || open == std::string_view::npos || !name.ends_with(']')) return std::nullopt;
  const std::string_view key = name.substr(open + 1, name.size() - open - 2);
  if (key.contains('[') || key.contains(']')) return std::nullopt;
  return PartName{name.substr(0, open), key};
}

void add_part(std::vector<Field>& fields, PartName name, std::string text) {
  const bool numbered = std::ranges::all_of(name.key, [](char c) { return c >= '0' && c <= '9'; });
  const Field::Kind kind = numbered ? Field::Kind::list : Field::Kind::object;
  auto whole = std::ranges::find(fields, name.whole, &Field::name);
  if (whole == fields.end()) whole = fields.insert(whole, Field{std::string(name.whole), kind, ""});
  // One that is there as something else stays what it was first.
  if (whole->kind != kind) return;
  whole->parts.push_back({numbered ? "" : std::string(name.key), Field::Kind::text, std::move(text)});
}

Result<std::vector<Field>> read_form(const std::string& body) {
  auto pairs = http::parse_form(body);
  if (!pairs) return fail(ErrorCode::invalid, "The body is not a valid form");
  std::vector<Field> fields;
  for (auto& [name, value] : *pairs) {
    if (!is_utf8(name) || !is_utf8(value)) return fail(ErrorCode::invalid, "The body is not UTF-8");
    if (const auto part = part_name(name)) {
      add_part(fields, *part, std::move(value));
    } else {
      fields.push_back({std::move(name), Field::Kind::text, std::move(value)});
    }
  }
  return fields;
}

// null, "" and what is not there mean the same.
bool is_empty(const Field& field) { return field.kind == Field::Kind::text && field.text.empty(); }

// Numbers may be given as texts, and texts as numbers.
bool is_text(const Field& field) { return field.kind == Field::Kind::text || field.kind == Field::Kind::number; }

template <class T, class Read>
Given<T> read_given(const std::vector<Field>& fields, std::string_view name, Read read) {
  const auto field = std::ranges::find(fields, name, &Field::name);
  if (field == fields.end()) return std::nullopt;
  if (is_empty(*field)) return Given<T>(std::in_place);
  return Given<T>(std::in_place, read(*field));
}

std::string describe(Bounds bounds) {
  std::string text = "must be a whole number";
  if (bounds.least != INT64_MIN) text += " from " + std::to_string(bounds.least);
  if (bounds.most != INT64_MAX) text += " to " + std::to_string(bounds.most);
  return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<std::vector<Field>> read_fields(const http::Request& request) {
  if (request.body.empty()) return std::vector<Field>();
  const std::string_view declared = request.headers.get("content-type");
  const std::string_view type = trim(declared.substr(0, declared.find(';')));
  if (http::equal_ignoring_case(type, "application/json")) return read_json(request.body);
  if (http::equal_ignoring_case(type, "application/x-www-form-urlencoded")) return read_form(request.body);
  return fail(ErrorCode::unsupported_media,
              "The body must be application/json or application/x-www-form-urlencoded, and Content-Type says " +
                  (type.empty() ? std::string("nothing") : "\"" + std::string(type.substr(0, 80)) + "\""));
}

const Field* FieldReader::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return is_empty(field) ? nullptr : &field;
  }
  return nullptr;
}

void FieldReader::missing(std::string_view name) {
  any_missing_ = true;
  wrong_.push_back({std::string(name), "required", std::string(name) + " is required"});
}

void FieldReader::malformed(std::string_view name, std::string reason) {
  wrong_.push_back({std::string(name), "invalid", std::string(name) + " " + std::move(reason)});
}

std::optional<Error> FieldReader::error() const {
  if (wrong_.empty()) return std::nullopt;
  return Error{ErrorCode::invalid, any_missing_ ? std::string(missing_message) : wrong_.front().message, wrong_};
}

void FieldReader::add(std::vector<FieldError> wrong) { std::ranges::move(wrong, std::back_inserter(wrong_)); }

// The text of a field that is there; "" when it is wrong.
std::optional<std::string> FieldReader::text_of(std::string_view name, std::size_t max) {
  const Field* field = find(name);
  if (field == nullptr) return std::nullopt;
  return text_in(*field, max).value_or("");
}

// Nothing when it is no text or too long.
std::optional<std::string> FieldReader::text_in(const Field& field, std::size_t max) {
  if (!is_text(field)) {
    malformed(field.name, "must be a string");
  } else if (utf8_length(field.text) > max) {
    malformed(field.name, "must have at most " + std::to_string(max) + " characters");
  } else if (std::ranges::any_of(field.text, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    malformed(field.name, "must not contain control characters");
  } else {
    return field.text;
  }
  return std::nullopt;
}

// Forms and careless programs have texts for it.
std::optional<bool> FieldReader::boolean_in(const Field& field) {
  if (field.text == "true" || field.text == "1") return true;
  if (field.text == "false" || field.text == "0") return false;
  malformed(field.name, "must be true or false");
  return std::nullopt;
}

std::optional<std::int64_t> FieldReader::integer_in(const Field& field, Bounds bounds) {
  const auto number = is_text(field) ? parse_integer(field.text) : std::nullopt;
  if (number && *number >= bounds.least && *number <= bounds.most) return number;
  malformed(field.name, describe(bounds));
  return std::nullopt;
}

std::optional<Timestamp> FieldReader::time_in(const Field& field) {
  const auto time = is_text(field) ? parse_time(field.text) : std::nullopt;
  if (!time) {
    malformed(field.name, std::string(time_forms));
  }
  return time;
}

std::optional<std::vector<std::string>> FieldReader::texts_in(const Field& field, std::string_view kind) {
  std::vector<std::string> texts;
  if (is_text(field)) {
    for (std::string_view rest = field.text;;) {
      const std::size_t comma = rest.find(',');
      texts.emplace_back(trim(rest.substr(0, comma)));
      if (comma == std::string_view::npos) return texts;
      rest.remove_prefix(comma + 1);
    }
  }
  if (field.kind != Field::Kind::list || !std::ranges::all_of(field.parts, is_text)) {
    malformed(field.name, "must be a list of " + std::string(kind));
    return std::nullopt;
  }
  for (const Field& part : field.parts) texts.push_back(part.text);
  return texts;
}

std::string FieldReader::required_text(std::string_view name, std::size_t max) {
  auto text = text_of(name, max);
  if (!text) missing(name);
  return std::move(text).value_or("");
}

std::optional<std::string> FieldReader::optional_text(std::string_view name, std::size_t max) {
  return text_of(name, max);
}

std::string FieldReader::required_email(std::string_view name) {
  std::string email = required_text(name, email_max);
  if (!email.empty() && !is_email(email)) malformed(name, "must be an email address");
  return email;
}

Currency FieldReader::currency_or_ghs(std::string_view name) {
  auto code = text_of(name, 3);
  if (!code) return Currency::ghs();
  std::ranges::transform(*code, code->begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  const auto currency = Currency::parse(*code);
  if (currency) return *currency;
  if (!code->empty()) malformed(name, "must be an active ISO 4217 code such as GHS");
  currency_wrong_ = true;
  return Currency::ghs();
}

Money FieldReader::required_amount(std::string_view name, const Currency& currency) {
  const auto text = text_of(name, amount_text_max);
  if (!text) {
    missing(name);
  } else if (!text->empty() && !currency_wrong_) {
    const auto amount = Money::parse(*text, currency);
    if (amount) return *amount;
    malformed(name, amount.error().message);
  }
  return {0, currency};
}

std::optional<PhoneNumber> FieldReader::required_wallet(std::string_view name) {
  constexpr std::size_t number_text_max = 32;
  const std::string text = required_text(name, number_text_max);
  if (text.empty()) return std::nullopt;
  const auto number = PhoneNumber::parse(text);
  if (!number) {
    malformed(name, number.error().message);
    return std::nullopt;
  }
  return *number;
}

std::optional<rails::Network> FieldReader::required_network(std::string_view name) {
  const std::string text = required_choice(name, {"mtn", "vodafone", "airtel", "tigo", "telecel", "airteltigo"});
  return rails::find_network(text);
}

std::string FieldReader::required_choice(std::string_view name, std::initializer_list<std::string_view> choices) {
  constexpr std::size_t choice_max = 40;
  const std::string text = required_text(name, choice_max);
  if (text.empty() || std::ranges::find(choices, text) != choices.end()) return text;
  std::string listed;
  for (std::string_view choice : choices) {
    if (!listed.empty()) listed += ", ";
    listed += choice;
  }
  malformed(name, "must be one of " + listed);
  return "";
}

std::string FieldReader::required_raw_text(std::string_view name, std::size_t max) {
  const Field* field = find(name);
  if (field == nullptr) {
    missing(name);
  } else if (field->kind != Field::Kind::text) {
    malformed(name, "must be a string");
  } else if (utf8_length(field->text) > max) {
    malformed(name, "must have at most " + std::to_string(max) + " characters");
  } else {
    return field->text;
  }
  return "";
}

std::optional<Timestamp> FieldReader::required_time(std::string_view name) {
  if (!has(name)) missing(name);
  return optional_time(name);
}

std::optional<Timestamp> FieldReader::optional_time(std::string_view name) {
  const Field* field = find(name);
  return field == nullptr ? std::nullopt : time_in(*field);
}

bool FieldReader::boolean_or(std::string_view name, bool otherwise) {
  const Field* field = find(name);
  return field == nullptr ? otherwise : boolean_in(*field).value_or(otherwise);
}

std::int64_t FieldReader::integer_or(std::string_view name, Bounds bounds, std::int64_t otherwise) {
  const Field* field = find(name);
  return field == nullptr ? otherwise : integer_in(*field, bounds).value_or(otherwise);
}

Given<std::string> FieldReader::given_text(std::string_view name, std::size_t max) {
  return read_given<std::string>(fields_, name, [&](const Field& field) { return text_in(field, max); });
}

Given<bool> FieldReader::given_boolean(std::string_view name) {
  return read_given<bool>(fields_, name, [&](const Field& field) { return boolean_in(field); });
}

Given<std::int64_t> FieldReader::given_integer(std::string_view name, Bounds bounds) {
  return read_given<std::int64_t>(fields_, name, [&](const Field& field) { return integer_in(field, bounds); });
}

Given<std::vector<std::string>> FieldReader::given_texts(std::string_view name) {
  return read_given<std::vector<std::string>>(fields_, name,
                                              [&](const Field& field) { return texts_in(field, "texts"); });
}

Given<std::vector<std::int64_t>> FieldReader::given_integers(std::string_view name) {
  using Numbers = std::vector<std::int64_t>;
  return read_given<Numbers>(fields_, name, [&](const Field& field) -> std::optional<Numbers> {
    const auto texts = texts_in(field, "whole numbers");
    if (!texts) return std::nullopt;
    Numbers numbers;
    for (const std::string& text : *texts) {
      const auto number = parse_integer(text);
      if (!number) {
        malformed(field.name, "must be a list of whole numbers");
        return std::nullopt;
      }
      numbers.push_back(*number);
    }
    return numbers;
  });
}

Given<std::vector<std::pair<std::string, std::string>>> FieldReader::given_object(std::string_view name) {
  using Members = std::vector<std::pair<std::string, std::string>>;
  return read_given<Members>(fields_, name, [&](const Field& field) -> std::optional<Members> {
    if (field.kind != Field::Kind::object || !std::ranges::all_of(field.parts, is_text)) {
      malformed(field.name, "must be an object of texts");
      return std::nullopt;
    }
    Members members;
    for (const Field& part : field.parts) members.emplace_back(part.name, part.text);
    return members;
  });
}

}  // namespace epay::api
