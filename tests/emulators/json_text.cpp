#include "emulators/json_text.h"

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"

namespace epay::emulators {
namespace {

using http::Json;
using Kind = http::Json::Kind;

// A number as JSON writes it, without an exponent.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, text.find('.'));
  const auto is_digits = [](std::string_view digits) {
    return !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!is_digits(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
  return whole.size() == text.size() || is_digits(text.substr(whole.size() + 1));
}

enum class Change { nothing, numbers_to_texts, texts_to_numbers };

void write(JsonWriter& out, const Json& json, Change change) {
  switch (json.kind) {
    case Kind::null: out.null(); return;
    case Kind::boolean: out.value(json.truth); return;
    case Kind::number:
      if (change == Change::numbers_to_texts) {
        out.value(json.text);
      } else {
        out.raw(json.text);
      }
      return;
    case Kind::string:
      if (change == Change::texts_to_numbers && is_number(json.text)) {
        out.raw(json.text);
      } else {
        out.value(json.text);
      }
      return;
    case Kind::array:
      out.begin_array();
      for (const Json& item : json.items) write(out, item, change);
      out.end_array();
      return;
    case Kind::object:
      out.begin_object();
      for (const auto& [key, value] : json.members) {
        out.key(key);
        write(out, value, change);
      }
      out.end_object();
      return;
  }
}

std::string changed(const Json& document, Change change) {
  JsonWriter out;
  write(out, document, change);
  return out.take();
}

void leave_out(Json& json, const std::vector<std::string>& names) {
  std::erase_if(json.members,
                [&](const auto& member) { return std::ranges::find(names, member.first) != names.end(); });
  for (auto& [key, value] : json.members) leave_out(value, names);
  for (Json& item : json.items) leave_out(item, names);
}

}  // namespace

std::string to_text(const Json& json) { return changed(json, Change::nothing); }

std::string text_of(const Json& object, std::string_view key) {
  const Json* member = object.find(key);
  if (member == nullptr || (member->kind != Kind::string && member->kind != Kind::number)) return {};
  return member->text;
}

const Json* object_of(const Json& object, std::string_view key) {
  const Json* member = object.find(key);
  return member != nullptr && member->kind == Kind::object ? member : nullptr;
}

bool truth_of(const Json& object, std::string_view key) {
  const Json* member = object.find(key);
  return member != nullptr && (member->truth || (member->kind == Kind::string && member->text == "true"));
}

std::int64_t number_of(const Json& object, std::string_view key, std::int64_t otherwise) {
  const std::string text = text_of(object, key);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

std::string with_duplicate_keys(const Json& document) {
  if (document.kind != Kind::object) return to_text(document);
  JsonWriter out;
  out.begin_object();
  for (const auto& [key, value] : document.members) {
    if (value.kind != Kind::object && value.kind != Kind::array) out.member(key, "said twice");
    out.key(key);
    write(out, value, Change::nothing);
  }
  return out.end_object().take();
}

std::string with_unknown_members(const Json& document, std::size_t bytes) {
  if (document.kind != Kind::object) return to_text(document);
  JsonWriter out;
  out.begin_object();
  for (const auto& [key, value] : document.members) {
    out.key(key);
    write(out, value, Change::nothing);
  }
  out.key("x_new").begin_object().key("since").begin_array().value(1).null().value(true).end_array().end_object();
  out.member("", "a member without a name");
  return out.member("x_long", std::string(bytes, 'x')).end_object().take();
}

std::string without_members(Json document, const std::vector<std::string>& names) {
  leave_out(document, names);
  return to_text(document);
}

std::string with_numbers_as_texts(const Json& document) { return changed(document, Change::numbers_to_texts); }
std::string with_texts_as_numbers(const Json& document) { return changed(document, Change::texts_to_numbers); }

std::string in_utf16(std::string_view text) {
  std::string out = "\xFF\xFE";
  for (const char c : text) out += {c, '\0'};
  return out;
}

std::string nested_arrays(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace epay::emulators
