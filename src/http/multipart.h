// multipart/form-data (RFC 7578): what a form with a file sends. Strict: what two readers could understand differently
// is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace epay::http {

struct MultipartLimits {
  std::size_t parts_max = 200;
  std::size_t header_bytes_max = 4'096;  // of one part
  std::size_t header_fields_max = 16;    // of one part
  std::size_t name_bytes_max = 200;
  std::size_t filename_bytes_max = 1'024;
};

struct Part {
  std::string name;  // not empty, UTF-8, without control characters, as the filename
  // As the client says: never a path of ours, nor a proof of what is in the file. Empty where no file was chosen.
  std::optional<std::string> filename;
  std::string content_type;  // as the client says; empty when it says nothing
  std::string_view bytes;    // within the body
};

// The parts of a body whose Content-Type is `content_type`. It copies no content and takes time linear in the body.
// Errors: unsupported_media (the type is not multipart/form-data), invalid (no boundary, malformed, truncated, parts
// within parts), too_large (a limit).
Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body,
                                          const MultipartLimits& limits = {});

}  // namespace epay::http
