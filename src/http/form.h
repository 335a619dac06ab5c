// What an HTML form sends, however it is encoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace epay::http {

struct FormFile {
  std::string field;
  std::string filename;      // as the client says: never a path of ours
  std::string content_type;  // as the client says
  std::string bytes;
};

// In order of arrival. Texts are UTF-8 and may have line breaks; a name may come more than once.
struct Form {
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<FormFile> files;  // without those fields in which no file was chosen

  // The first of that name; null when there is none.
  const std::string* find(std::string_view name) const;
  const FormFile* find_file(std::string_view field) const;
  // The same, where absent and empty mean the same.
  std::string_view get(std::string_view name) const;
};

// The fields of a body that is application/x-www-form-urlencoded or multipart/form-data; none of an empty body. Errors:
// invalid (malformed, or not UTF-8), unsupported_media, too_large (http/multipart.h's limits).
Result<Form> read_form(const Request& request);

}  // namespace epay::http
