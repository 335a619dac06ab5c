#include "emulators/fault.h"

#include "base/duration.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

constexpr std::size_t huge_bytes = 1'500'000;
constexpr std::size_t piece_bytes = 16;

struct KindName {
  std::string_view name;
  FaultKind kind;
};

constexpr KindName kinds[] = {
    {"none", FaultKind::none},
    {"close", FaultKind::close},
    {"hang", FaultKind::hang},
    {"cut_head", FaultKind::cut_head},
    {"truncate", FaultKind::truncate},
    {"garbage", FaultKind::garbage},
    {"drip", FaultKind::drip},
    {"slow_head", FaultKind::slow_head},
    {"close_after", FaultKind::close_after},
    {"status", FaultKind::status},
    {"empty", FaultKind::empty},
    {"html", FaultKind::html},
    {"malformed", FaultKind::malformed},
    {"utf16", FaultKind::utf16},
    {"duplicate_keys", FaultKind::duplicate_keys},
    {"unknown_fields", FaultKind::unknown_fields},
    {"without_fields", FaultKind::without_fields},
    {"numbers_as_strings", FaultKind::numbers_as_strings},
    {"strings_as_numbers", FaultKind::strings_as_numbers},
    {"huge", FaultKind::huge},
    {"chunked", FaultKind::chunked},
    {"gzip", FaultKind::gzip},
    {"expire_tokens", FaultKind::expire_tokens},
};

Result<FaultKind> read_kind(std::string_view name) {
  std::string names;
  for (const KindName& kind : kinds) {
    if (name == kind.name) return kind.kind;
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return fail(ErrorCode::invalid, "kind takes " + names + ".");
}

}  // namespace

Result<Fault> read_fault(const http::Json& json) {
  const auto kind = read_kind(json.find("kind") == nullptr ? "none" : text_of(json, "kind"));
  if (!kind) return std::unexpected(kind.error());
  const std::string delay_text = text_of(json, "delay");
  const auto delay = parse_duration(delay_text.empty() ? "0" : delay_text);
  if (!delay) return fail(ErrorCode::invalid, "delay: " + delay.error().message);
  const std::int64_t nth = number_of(json, "nth", 1);
  const std::int64_t count = number_of(json, "count", 1);
  if (nth < 1 || count < 0) return fail(ErrorCode::invalid, "nth counts from 1, and count from 0.");
  const std::int64_t bytes_normal = *kind == FaultKind::huge ? huge_bytes : piece_bytes;
  Fault fault{.method = text_of(json, "method"),
              .path = text_of(json, "path"),
              .skip = static_cast<int>(nth - 1),
              .count = static_cast<int>(count),
              .kind = *kind,
              .delay = *delay,
              .is_delayed_first = truth_of(json, "delay_first"),
              .status = static_cast<int>(number_of(json, "status", 500)),
              .body = text_of(json, "body"),
              .bytes = static_cast<std::size_t>(std::max<std::int64_t>(0, number_of(json, "bytes", bytes_normal))),
              .text = to_text(json)};
  if (fault.path.empty()) fault.path = "*";
  if (fault.body.empty()) fault.body = "json";
  // A status of the gateway's own comes as a rule without the request having been carried out.
  const http::Json* processed = json.find("processed");
  fault.processed = processed != nullptr ? processed->truth : *kind != FaultKind::status;
  if (const http::Json* fields = json.find("fields")) {
    for (const http::Json& field : fields->items) fault.fields.push_back(field.text);
  }
  if (json.find("retry_after") != nullptr) fault.retry_after = static_cast<int>(number_of(json, "retry_after", 1));
  return fault;
}

std::int64_t Faults::add(Fault fault) {
  fault.number = ++last_;
  faults_.push_back(std::move(fault));
  return last_;
}

std::optional<Fault> Faults::take(const http::Request& request) {
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (!it->method.empty() && it->method != request.method) continue;
    if (!fits_pattern(it->path, request.path)) continue;
    if (it->skip > 0) {
      --it->skip;
      continue;
    }
    Fault fault = *it;
    if (it->count == 1) {
      faults_.erase(it);
    } else if (it->count > 1) {
      --it->count;
    }
    return fault;
  }
  return std::nullopt;
}

std::string Faults::to_json() const {
  JsonWriter json;
  json.begin_array();
  for (const Fault& fault : faults_) {
    json.begin_object()
        .member("number", fault.number)
        .member("left", fault.count)
        .key("fault")
        .raw(fault.text)
        .end_object();
  }
  return json.end_array().take();
}

bool fits_pattern(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  pattern.remove_prefix(star + 1);
  for (std::size_t at = star; at <= text.size(); ++at) {
    if (fits_pattern(pattern, text.substr(at))) return true;
  }
  return false;
}

}  // namespace epay::emulators
