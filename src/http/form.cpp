#include "http/form.h"

#include <algorithm>

#include "base/utf8.h"
#include "http/header_text.h"
#include "http/multipart.h"

namespace epay::http {
namespace {

std::unexpected<Error> not_utf8() { return fail(ErrorCode::invalid, "The form is not UTF-8"); }

Result<Form> read_urlencoded(const Request& request) {
  auto fields = parse_form(request.body);
  if (!fields) return fail(ErrorCode::invalid, "The body is not a valid form");
  for (const auto& [name, value] : *fields) {
    if (!is_utf8(name) || !is_utf8(value)) return not_utf8();
  }
  return Form{*std::move(fields), {}};
}

Result<Form> read_multipart(const Request& request) {
  auto parts = parse_multipart(request.headers.get("Content-Type"), request.body);
  if (!parts) return std::unexpected(parts.error());
  Form form;
  for (Part& part : *parts) {
    if (!part.filename) {
      if (!is_utf8(part.bytes)) return not_utf8();
      form.fields.emplace_back(std::move(part.name), part.bytes);
    } else if (!part.filename->empty() || !part.bytes.empty()) {
      form.files.push_back(
          {std::move(part.name), *std::move(part.filename), std::move(part.content_type), std::string(part.bytes)});
    }
  }
  return form;
}

}  // namespace

const std::string* Form::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return found == fields.end() ? nullptr : &found->second;
}

const FormFile* Form::find_file(std::string_view field) const {
  const auto found = std::ranges::find(files, field, &FormFile::field);
  return found == files.end() ? nullptr : &*found;
}

std::string_view Form::get(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

Result<Form> read_form(const Request& request) {
  if (request.body.empty()) return Form();
  const std::string_view declared = request.headers.get("Content-Type");
  const std::string_view type = trim_blanks(declared.substr(0, declared.find(';')));
  if (equal_ignoring_case(type, "application/x-www-form-urlencoded")) return read_urlencoded(request);
  if (equal_ignoring_case(type, "multipart/form-data")) return read_multipart(request);
  return fail(ErrorCode::unsupported_media,
              "The body must be a form, and Content-Type says " +
                  (type.empty() ? std::string("nothing") : "\"" + std::string(type.substr(0, 80)) + "\""));
}

}  // namespace epay::http
