// A request's query parameters, and their checking: every wrong one is found at once. One that is there but empty is
// as good as absent.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "events/event.h"
#include "http/message.h"

namespace epay::api {

inline constexpr int list_limit_default = 20, list_limit_max = 100;

// An id of a path or a parameter: a whole number from 0. Nothing for any other text.
std::optional<std::int64_t> parse_id(std::string_view text);

// What it returns for a wrong parameter is not to be used: ask error() first.
class QueryReader {
 public:
  explicit QueryReader(const http::Request& request) : request_(request) {}

  std::optional<std::string> text(std::string_view name, std::size_t max);
  // A whole number from 0.
  std::optional<std::int64_t> number(std::string_view name);
  template <class IdType>
  std::optional<IdType> id(std::string_view name) {
    const auto value = number(name);
    return value ? std::optional(IdType{*value}) : std::nullopt;
  }
  // One of a few words.
  std::optional<std::string> choice(std::string_view name, std::initializer_list<std::string_view> choices);
  std::optional<Timestamp> time(std::string_view name);
  // Names of event types, comma-separated.
  std::optional<events::EventTypes> types(std::string_view name);
  // Of a list: from 1 to list_limit_max.
  int limit();

  void malformed(std::string_view name, std::string reason);
  // Error: invalid, naming every wrong parameter. Nothing when all is well.
  std::optional<Error> error() const;

 private:
  const http::Request& request_;
  std::vector<FieldError> wrong_;
};

}  // namespace epay::api
