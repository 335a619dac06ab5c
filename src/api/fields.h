// A request's body as named fields, and their checking: every wrong field is found at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "http/message.h"
#include "rails/networks.h"

namespace epay::api {

struct Field {
  enum class Kind { text, number, boolean, list, object };
  std::string name;
  Kind kind = Kind::text;
  std::string text;               // of a number, exactly as it was written; of a boolean, true or false
  std::vector<Field> parts = {};  // of a list (without names) or an object
};

// A field that may be left out (nothing) or be null, or empty, to go back to its default (something empty).
template <class T>
using Given = std::optional<std::optional<T>>;

struct Bounds {
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
};

// The fields of a JSON object or a form, where name[]=… and name[0]=… make a list, and name[key]=… an object. Errors:
// invalid (malformed), unsupported_media.
Result<std::vector<Field>> read_fields(const http::Request& request);

// Takes fields out of a request and remembers what is wrong with them. What it returns for a wrong field is not to be
// used: ask error() first.
class FieldReader {
 public:
  explicit FieldReader(const std::vector<Field>& fields) : fields_(fields) {}

  // A text of 1 to `max` characters without control characters.
  std::string required_text(std::string_view name, std::size_t max);
  std::optional<std::string> optional_text(std::string_view name, std::size_t max);
  std::string required_email(std::string_view name);
  Currency currency_or_ghs(std::string_view name);
  // In major units; `currency` must have been read without an error for the amount to be judged.
  Money required_amount(std::string_view name, const Currency& currency);
  std::optional<PhoneNumber> required_wallet(std::string_view name);
  std::optional<rails::Network> required_network(std::string_view name);
  // One of a few words.
  std::string required_choice(std::string_view name, std::initializer_list<std::string_view> choices);

  // A text that is taken as it is, line breaks and all.
  std::string required_raw_text(std::string_view name, std::size_t max);
  // The wire's form, ISO 8601 or Unix seconds.
  std::optional<Timestamp> required_time(std::string_view name);
  std::optional<Timestamp> optional_time(std::string_view name);
  // Without one, `otherwise`.
  bool boolean_or(std::string_view name, bool otherwise);
  std::int64_t integer_or(std::string_view name, Bounds bounds, std::int64_t otherwise);

  // Of a change, where null says something.
  Given<std::string> given_text(std::string_view name, std::size_t max);
  Given<bool> given_boolean(std::string_view name);
  Given<std::int64_t> given_integer(std::string_view name, Bounds bounds = {});
  // Lists may also be written as one text with commas.
  Given<std::vector<std::string>> given_texts(std::string_view name);
  Given<std::vector<std::int64_t>> given_integers(std::string_view name);
  // An object of texts.
  Given<std::vector<std::pair<std::string, std::string>>> given_object(std::string_view name);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  void missing(std::string_view name);
  void malformed(std::string_view name, std::string reason);
  // What another's rules have found.
  void add(std::vector<FieldError> wrong);

  // Error: invalid, naming every wrong field; the wire's message when one is missing. Nothing when all is well.
  std::optional<Error> error() const;

 private:
  const Field* find(std::string_view name) const;  // absent, null and "" are the same
  std::optional<std::string> text_of(std::string_view name, std::size_t max);
  std::optional<std::string> text_in(const Field& field, std::size_t max);
  std::optional<bool> boolean_in(const Field& field);
  std::optional<std::int64_t> integer_in(const Field& field, Bounds bounds);
  std::optional<Timestamp> time_in(const Field& field);
  std::optional<std::vector<std::string>> texts_in(const Field& field, std::string_view kind);

  const std::vector<Field>& fields_;
  std::vector<FieldError> wrong_;
  bool any_missing_ = false;
  bool currency_wrong_ = false;
};

}  // namespace epay::api
