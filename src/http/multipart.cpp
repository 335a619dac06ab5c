#include "http/multipart.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "http/header_text.h"
#include "http/message.h"

namespace epay::http {
namespace {

constexpr std::size_t boundary_bytes_max = 70;  // RFC 2046 §5.1.1
constexpr std::size_t parameters_max = 16;      // of one header

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::invalid, "The body is not a valid multipart form: " + std::string(what));
}

std::unexpected<Error> beyond(std::string_view what) {
  return fail(ErrorCode::too_large, "The form is too large: " + std::string(what));
}

bool has_control_characters(std::string_view text) { return std::ranges::any_of(text, is_control_character); }

// "form-data; name=\"a\"; filename=\"b.png\""
struct Parameters {
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string>> named;

  const std::string* find(std::string_view name) const {
    const auto found = std::ranges::find_if(named, [&](const auto& p) { return equal_ignoring_case(p.first, name); });
    return found == named.end() ? nullptr : &found->second;
  }
};

// Takes the quoted string at the start of `rest`. Browsers write a quote as %22 and leave a backslash alone; older
// clients write \" and \\.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string text;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const bool escapes = rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
    if (escapes) {
      text += rest[++i];
    } else if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return text;
    } else if (rest.substr(i).starts_with("%22")) {
      text += '"';
      i += 2;
    } else {
      text += rest[i];
    }
  }
  return std::nullopt;
}

// Nothing when it is malformed, names a parameter twice or has too many.
std::optional<Parameters> parse_parameters(std::string_view text) {
  Parameters parameters{trim_blanks(text.substr(0, text.find(';'))), {}};
  std::string_view rest = text.substr(std::min(text.find(';'), text.size()));
  while (!rest.empty()) {
    rest = trim_blanks(rest.substr(1));
    if (rest.empty()) break;  // a semicolon at the end
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trim_blanks(rest.substr(0, equals));
    rest = trim_blanks(rest.substr(equals + 1));
    std::optional<std::string> value;
    if (rest.starts_with('"')) {
      value = take_quoted(rest);
      rest = trim_blanks(rest);
    } else {
      const std::string_view token = rest.substr(0, rest.find(';'));
      rest.remove_prefix(token.size());
      if (is_token(trim_blanks(token))) value = trim_blanks(token);
    }
    const bool ends_well = rest.empty() || rest.starts_with(';');
    const bool fits = parameters.named.size() < parameters_max && parameters.find(name) == nullptr;
    if (!is_token(name) || !value || !ends_well || !fits) return std::nullopt;
    parameters.named.emplace_back(name, *std::move(value));
  }
  return parameters;
}

bool is_boundary(std::string_view text) {
  constexpr std::string_view others = "'()+_,-./:=? ";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || others.contains(c);
  };
  return !text.empty() && text.size() <= boundary_bytes_max && text.back() != ' ' && std::ranges::all_of(text, allowed);
}

Result<std::string> boundary_of(std::string_view content_type) {
  const std::string_view type = trim_blanks(content_type.substr(0, content_type.find(';')));
  if (!equal_ignoring_case(type, "multipart/form-data")) {
    return fail(ErrorCode::unsupported_media, "The body must be multipart/form-data");
  }
  const auto parameters = parse_parameters(content_type);
  const std::string* boundary = parameters ? parameters->find("boundary") : nullptr;
  if (boundary == nullptr || !is_boundary(*boundary)) return malformed("Content-Type names no valid boundary");
  return *boundary;
}

Result<> read_disposition(std::string_view value, Part& part, const MultipartLimits& limits) {
  const auto disposition = parse_parameters(value);
  if (!disposition || !equal_ignoring_case(disposition->value, "form-data")) {
    return malformed("the Content-Disposition of a part is not form-data with a name");
  }
  const std::string* name = disposition->find("name");
  if (name == nullptr || name->empty()) return malformed("a part has no name");
  if (name->size() > limits.name_bytes_max) return beyond("the name of a field is too long");
  part.name = *name;
  if (const std::string* filename = disposition->find("filename")) {
    if (filename->size() > limits.filename_bytes_max) return beyond("the name of a file is too long");
    part.filename = *filename;
  }
  if (!is_utf8(part.name) || has_control_characters(part.name)) return malformed("the name of a field is not text");
  if (part.filename && (!is_utf8(*part.filename) || has_control_characters(*part.filename))) {
    return malformed("the name of a file is not text");
  }
  return {};
}

// One "Name: value" of a part.
Result<> read_header(std::string_view line, Part& part, const MultipartLimits& limits) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control_characters(line)) {
    return malformed("a part has a malformed header");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (equal_ignoring_case(name, "Content-Disposition")) {
    if (!part.name.empty()) return malformed("a part has two names");
    return read_disposition(value, part, limits);
  }
  if (equal_ignoring_case(name, "Content-Type")) {
    if (!part.content_type.empty()) return malformed("a part has two types");
    part.content_type = value;
    const bool nested = equal_ignoring_case(value.substr(0, std::string_view("multipart/").size()), "multipart/");
    if (nested) return malformed("a part has parts of its own");
  }
  if (equal_ignoring_case(name, "Content-Transfer-Encoding")) {
    const bool as_it_is = equal_ignoring_case(value, "binary") || equal_ignoring_case(value, "8bit") ||
                          equal_ignoring_case(value, "7bit");
    if (!as_it_is) return malformed("a part has a transfer encoding");
  }
  return {};
}

// Takes the headers of a part, up to and with the empty line that ends them.
Result<Part> take_headers(std::string_view& rest, const MultipartLimits& limits) {
  Part part;
  std::size_t fields = 0;
  std::size_t bytes = 0;
  for (;;) {
    const std::size_t end = rest.substr(0, limits.header_bytes_max - bytes + 2).find("\r\n");
    if (end == std::string_view::npos) {
      if (rest.size() > limits.header_bytes_max - bytes) return beyond("the headers of a part are too long");
      return malformed("it ends within the headers of a part");
    }
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (line.empty()) break;
    bytes += line.size();
    if (++fields > limits.header_fields_max) return beyond("a part has too many headers");
    if (auto read = read_header(line, part, limits); !read) return std::unexpected(read.error());
  }
  if (part.name.empty()) return malformed("a part has no name");
  return part;
}

// What stands after the boundary on its line.
enum class LineEnd { part_follows, last, none };

LineEnd take_line_end(std::string_view& rest) {
  if (rest.starts_with("--")) {
    rest.remove_prefix(2);
    return LineEnd::last;
  }
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (!rest.starts_with("\r\n")) return LineEnd::none;
  rest.remove_prefix(2);
  return LineEnd::part_follows;
}

}  // namespace

Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body,
                                          const MultipartLimits& limits) {
  const auto boundary = boundary_of(content_type);
  if (!boundary) return std::unexpected(boundary.error());
  const std::string delimiter = "\r\n--" + *boundary;
  if (body.starts_with("\r\n")) body.remove_prefix(2);
  if (!body.starts_with(std::string_view(delimiter).substr(2))) return malformed("it does not begin with its boundary");
  body.remove_prefix(delimiter.size() - 2);

  std::vector<Part> parts;
  for (;;) {
    switch (take_line_end(body)) {
      case LineEnd::none: return malformed("a boundary has something behind it");
      case LineEnd::last:
        if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return parts;
        return malformed("something follows its end");
      case LineEnd::part_follows: break;
    }
    if (parts.size() == limits.parts_max) return beyond("it has too many fields");
    auto part = take_headers(body, limits);
    if (!part) return std::unexpected(part.error());
    // A part without content has its delimiter right behind the empty line.
    const std::size_t end = body.find(delimiter);
    if (end == std::string_view::npos) return malformed("it ends within a part");
    part->bytes = body.substr(0, end);
    body.remove_prefix(end + delimiter.size());
    parts.push_back(*std::move(part));
  }
}

}  // namespace epay::http
