#include "api/fields.h"

#include <algorithm>

#include "base/email.h"
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
  switch (value.kind) {
    case http::Json::Kind::null: return {name, Field::Kind::text, ""};
    case http::Json::Kind::string: return {name, Field::Kind::text, value.text};
    case http::Json::Kind::number: return {name, Field::Kind::number, value.text};
    case http::Json::Kind::boolean:
    case http::Json::Kind::array:
    case http::Json::Kind::object: return {name, Field::Kind::other, ""};
  }
  return {name, Field::Kind::other, ""};
}

Result<std::vector<Field>> read_json(const std::string& body) {
  const auto document = http::Json::parse(body);
  if (!document) return fail(ErrorCode::invalid, "The body is not valid JSON: " + document.error().message);
  if (document->kind != http::Json::Kind::object) return fail(ErrorCode::invalid, "The body must be a JSON object");
  std::vector<Field> fields;
  for (const auto& [name, value] : document->members) fields.push_back(field_of(name, value));
  return fields;
}

Result<std::vector<Field>> read_form(const std::string& body) {
  auto pairs = http::parse_form(body);
  if (!pairs) return fail(ErrorCode::invalid, "The body is not a valid form");
  std::vector<Field> fields;
  for (auto& [name, value] : *pairs) {
    if (!is_utf8(name) || !is_utf8(value)) return fail(ErrorCode::invalid, "The body is not UTF-8");
    fields.push_back({std::move(name), Field::Kind::text, std::move(value)});
  }
  return fields;
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
    if (field.name == name) return field.kind == Field::Kind::text && field.text.empty() ? nullptr : &field;
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

// The text of a field that is there; wrong when it is no text or too long.
std::optional<std::string> FieldReader::text_of(std::string_view name, std::size_t max) {
  const Field* field = find(name);
  if (field == nullptr) return std::nullopt;
  if (field->kind == Field::Kind::other) {
    malformed(name, "must be a string");
  } else if (utf8_length(field->text) > max) {
    malformed(name, "must have at most " + std::to_string(max) + " characters");
  } else if (std::ranges::any_of(field->text, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    malformed(name, "must not contain control characters");
  } else {
    return field->text;
  }
  return "";
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

}  // namespace epay::api
