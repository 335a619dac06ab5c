#include "api/query.h"

#include <algorithm>
#include <charconv>

#include "base/time_text.h"
#include "base/utf8.h"

namespace epay::api {
namespace {

constexpr std::size_t parameter_max = 1'000;
constexpr std::size_t shown_max = 80;

}  // namespace

std::optional<std::int64_t> parse_id(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

void QueryReader::malformed(std::string_view name, std::string reason) {
  wrong_.push_back({std::string(name), "invalid", std::string(name) + " " + std::move(reason)});
}

std::optional<Error> QueryReader::error() const {
  if (wrong_.empty()) return std::nullopt;
  return Error{ErrorCode::invalid, wrong_.front().message, wrong_};
}

std::optional<std::string> QueryReader::text(std::string_view name, std::size_t max) {
  auto found = request_.query_parameter(name);
  if (!found || found->empty()) return std::nullopt;
  if (is_utf8(*found) && utf8_length(*found) <= max) return found;
  malformed(name, is_utf8(*found) ? "must have at most " + std::to_string(max) + " characters" : "must be UTF-8");
  return std::nullopt;
}

std::optional<std::int64_t> QueryReader::number(std::string_view name) {
  const auto found = text(name, parameter_max);
  if (!found) return std::nullopt;
  const auto value = parse_id(*found);
  if (!value) malformed(name, "must be a whole number");
  return value;
}

std::optional<std::string> QueryReader::choice(std::string_view name, std::initializer_list<std::string_view> choices) {
  auto found = text(name, parameter_max);
  if (!found || std::ranges::find(choices, *found) != choices.end()) return found;
  std::string listed;
  for (const std::string_view choice : choices) {
    if (!listed.empty()) listed += ", ";
    listed += choice;
  }
  malformed(name, "must be one of " + listed);
  return std::nullopt;
}

std::optional<Timestamp> QueryReader::time(std::string_view name) {
  const auto found = text(name, parameter_max);
  if (!found) return std::nullopt;
  const auto parsed = parse_time(*found);
  if (!parsed) malformed(name, std::string(time_forms));
  return parsed;
}

std::optional<events::EventTypes> QueryReader::types(std::string_view name) {
  const auto found = text(name, parameter_max);
  if (!found) return std::nullopt;
  events::EventTypes types;
  std::string_view rest = *found;
  for (bool more = true; more;) {
    const std::string_view one = rest.substr(0, rest.find(','));
    more = one.size() < rest.size();
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const auto type = events::find_type(one);
    if (!type) {
      malformed(name, "names no type of event: \"" + std::string(one.substr(0, shown_max)) +
                          "\"; GET /api/v1/event_types lists them");
      return std::nullopt;
    }
    types.add(*type);
  }
  return types;
}

int QueryReader::limit() {
  const auto value = number("limit");
  if (!value) return list_limit_default;
  if (*value >= 1 && *value <= list_limit_max) return int(*value);
  malformed("limit", "must be from 1 to " + std::to_string(list_limit_max));
  return list_limit_default;
}

}  // namespace epay::api
