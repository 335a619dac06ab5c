// A request's body as named fields, and their checking: every wrong field is found at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "http/message.h"
#include "rails/networks.h"

namespace epay::api {

struct Field {
  enum class Kind { text, number, other };  // other: true, false, an array, an object
  std::string name;
  Kind kind = Kind::text;
  std::string text;  // of a number, exactly as it was written
};

// The fields of a JSON object or a form. Errors: invalid (malformed), unsupported_media.
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

  bool has(std::string_view name) const { return find(name) != nullptr; }
  void missing(std::string_view name);
  void malformed(std::string_view name, std::string reason);

  // Error: invalid, naming every wrong field; the wire's message when one is missing. Nothing when all is well.
  std::optional<Error> error() const;

 private:
  const Field* find(std::string_view name) const;  // absent, null and "" are the same
  std::optional<std::string> text_of(std::string_view name, std::size_t max);

  const std::vector<Field>& fields_;
  std::vector<FieldError> wrong_;
  bool any_missing_ = false;
  bool currency_wrong_ = false;
};

}  // namespace epay::api
