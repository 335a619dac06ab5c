#include "webhooks/endpoint_settings.h"

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "events/catalogue.h"
#include "http/client.h"
#include "http/response_writer.h"

namespace epay::webhooks {
namespace {

constexpr std::size_t credential_max = 500;  // characters of a user name, a password, a token
constexpr std::size_t text_shown_max = 60;   // of what was sent, in a message about it

struct NamedMode {
  std::string_view name;
  std::optional<Mode> mode;
};
constexpr NamedMode modes[] = {{"test", Mode::test}, {"live", Mode::live}, {"all", std::nullopt}};

// The wrong fields found so far.
class Findings {
 public:
  void add(const std::string& field, const std::string& reason) {
    errors_.push_back({field, "invalid", field + " " + reason});
  }
  std::vector<FieldError> take() { return std::move(errors_); }

 private:
  std::vector<FieldError> errors_;
};

std::string shown(std::string_view text) {
  return "\"" + std::string(text.substr(0, text_shown_max)) + (text.size() > text_shown_max ? "…" : "") + "\"";
}

std::string between(std::int64_t least, std::int64_t most) {
  return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

template <class T>
const T* value_in(const Change<T>& change) {
  return change && *change ? &**change : nullptr;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
}

void check_number(Findings& wrong, const std::string& field, const Change<std::int64_t>& change, std::int64_t most) {
  const std::int64_t* number = value_in(change);
  if (number != nullptr && (*number < 1 || *number > most)) wrong.add(field, between(1, most));
}

void check_events(Findings& wrong, const std::vector<std::string>& names) {
  if (names == std::vector<std::string>{"*"}) return;
  if (names.empty()) wrong.add("events", "must name at least one type of event, or be * for all of them");
  for (const std::string& name : names) {
    if (name == "*") {
      wrong.add("events", "must be * alone, or a list of types without it");
    } else if (!events::find_type(name)) {
      wrong.add("events", "has " + shown(name) + ", which is no type of event; GET /api/v1/event_types lists them");
    }
  }
}

void check_schedule(Findings& wrong, const std::vector<std::int64_t>& waits) {
  if (waits.empty() || waits.size() > events::schedule_waits_max) {
    wrong.add("retry_schedule", "must have 1 to " + std::to_string(events::schedule_waits_max) + " waits, in seconds");
  }
  const std::int64_t most = events::schedule_wait_most.count();
  if (std::ranges::any_of(waits, [&](std::int64_t wait) { return wait < 1 || wait > most; })) {
    wrong.add("retry_schedule", "must have waits of 1 to " + std::to_string(most) + " seconds (7 days)");
  }
}

void check_header(Findings& wrong, const std::string& name, const std::string& value) {
  const std::string field = "headers." + name.substr(0, text_shown_max);
  if (!http::is_header_name(name)) {
    wrong.add(field, "is no header's name: use letters, digits and dashes");
  } else if (http::equal_ignoring_case(name, "authorization")) {
    wrong.add(field, "cannot be set here: use credentials for it");
  } else if (events::is_reserved_header(name)) {
    wrong.add(field, "cannot be set: Epay or HTTP itself sets it");
  }
  if (name.size() + value.size() > events::own_header_bytes_max) {
    wrong.add(field,
              "must have at most " + std::to_string(events::own_header_bytes_max) + " characters, name and value");
  } else if (!is_printable(value)) {
    wrong.add(field, "must be printable ASCII");
  } else if (value.starts_with(' ') || value.ends_with(' ')) {
    wrong.add(field, "must not begin or end with a blank");
  }
}

void check_headers(Findings& wrong, const std::vector<std::pair<std::string, std::string>>& headers) {
  if (headers.size() > events::own_headers_max) {
    wrong.add("headers", "must have at most " + std::to_string(events::own_headers_max) + " names");
    return;
  }
  std::set<std::string> names;
  for (const auto& [name, value] : headers) {
    check_header(wrong, name, value);
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (!names.insert(lower).second) wrong.add("headers." + name.substr(0, text_shown_max), "is there twice");
  }
}

void check_credentials(Findings& wrong, const Credentials& credentials) {
  const auto check_length = [&](const char* field, const std::string& text) {
    if (text.size() > credential_max) {
      wrong.add(field, "must have at most " + std::to_string(credential_max) + " characters");
    }
  };
  if (credentials.type == "basic") {
    if (credentials.username.empty()) wrong.add("credentials.username", "is required for basic credentials");
    // RFC 7617: the first colon ends the name.
    if (credentials.username.contains(':')) wrong.add("credentials.username", "must not contain a colon");
    check_length("credentials.username", credentials.username);
    check_length("credentials.password", credentials.password);
  } else if (credentials.type == "bearer") {
    const std::string& token = credentials.token;
    if (token.empty()) wrong.add("credentials.token", "is required for bearer credentials");
    if (!is_printable(token) || token.contains(' ')) {
      wrong.add("credentials.token", "must be printable ASCII without blanks");
    }
    check_length("credentials.token", token);
  } else {
    wrong.add("credentials.type", "must be basic or bearer");
  }
}

std::string authorization_of(const Credentials& credentials) {
  if (credentials.type == "bearer") return "Bearer " + credentials.token;
  return "Basic " + base64_encode(credentials.username + ":" + credentials.password);
}

events::EventTypes types_of(const std::vector<std::string>& names) {
  if (names.front() == "*") return events::EventTypes::all();
  events::EventTypes types;
  for (const std::string& name : names) types.add(*events::find_type(name));
  return types;
}

std::vector<seconds> schedule_of(const std::vector<std::int64_t>& waits) {
  std::vector<seconds> schedule;
  schedule.reserve(waits.size());
  for (const std::int64_t wait : waits) schedule.emplace_back(wait);
  return schedule;
}

const NamedMode* find_mode(std::string_view name) {
  const auto* const found = std::ranges::find(modes, name, &NamedMode::name);
  return found == std::end(modes) ? nullptr : found;
}

std::unexpected<Error> refuse_url(const std::string& why) {
  const std::string message = "url cannot be used: " + why;
  return std::unexpected(Error{ErrorCode::invalid, message, {{"url", "invalid", message}}});
}

Result<http::Url> parse_url(std::string_view text) {
  if (text.size() > events::endpoint_url_max) {
    return refuse_url("It is longer than " + std::to_string(events::endpoint_url_max) + " characters.");
  }
  auto url = http::Url::parse(text);
  if (!url) return refuse_url(url.error().message);
  return url;
}

}  // namespace

bool EndpointChanges::none() const {
  return !url && !description && !mode && !events && !rate_limit && !in_flight_max && !timeout && !retry_schedule &&
         !headers && !credentials;
}

std::vector<FieldError> check_changes(const EndpointChanges& changes) {
  Findings wrong;
  std::vector<FieldError> errors;
  if (changes.url) {
    if (const auto url = parse_url(*changes.url); !url) errors = url.error().fields;
  }
  if (const auto* text = value_in(changes.description); text && utf8_length(*text) > events::description_max) {
    wrong.add("description", "must have at most " + std::to_string(events::description_max) + " characters");
  }
  if (const auto* name = value_in(changes.mode); name && find_mode(*name) == nullptr) {
    wrong.add("mode", "must be one of test, live, all");
  }
  if (const auto* names = value_in(changes.events)) check_events(wrong, *names);
  check_number(wrong, "rate_limit", changes.rate_limit, events::rate_limit_max);
  check_number(wrong, "in_flight_max", changes.in_flight_max, events::in_flight_max_most);
  check_number(wrong, "timeout", changes.timeout, events::timeout_most.count());
  if (const auto* waits = value_in(changes.retry_schedule)) check_schedule(wrong, *waits);
  if (const auto* headers = value_in(changes.headers)) check_headers(wrong, *headers);
  if (const auto* credentials = value_in(changes.credentials)) check_credentials(wrong, *credentials);
  std::ranges::move(wrong.take(), std::back_inserter(errors));
  return errors;
}

void apply_changes(const EndpointChanges& changes, events::EndpointSettings& settings, events::RequestExtras& extras) {
  const events::EndpointSettings defaults;
  if (changes.url) settings.url = *changes.url;
  if (changes.description) settings.description = *changes.description;
  if (changes.mode) {
    const auto* name = value_in(changes.mode);
    const NamedMode* mode = name == nullptr ? nullptr : find_mode(*name);
    settings.mode = mode == nullptr ? defaults.mode : mode->mode;
  }
  if (changes.events) settings.types = *changes.events ? types_of(**changes.events) : defaults.types;
  if (changes.rate_limit) settings.rate_limit = *changes.rate_limit;
  if (changes.in_flight_max) settings.in_flight_max = int(changes.in_flight_max->value_or(defaults.in_flight_max));
  if (changes.timeout) {
    settings.timeout = *changes.timeout ? std::optional(seconds(**changes.timeout)) : std::nullopt;
  }
  if (changes.retry_schedule) {
    settings.schedule = *changes.retry_schedule ? std::optional(schedule_of(**changes.retry_schedule)) : std::nullopt;
  }
  if (changes.headers) extras.headers = changes.headers->value_or(std::vector<std::pair<std::string, std::string>>());
  if (changes.credentials) {
    extras.authorization = *changes.credentials ? authorization_of(**changes.credentials) : std::string();
  }
}

Task<Result<>> check_destination(http::Client& client, std::string text) {
  auto url = parse_url(text);
  if (!url) co_return std::unexpected(url.error());
  const auto checked = co_await client.check_destination(*std::move(url));
  if (checked || checked.error().code != ErrorCode::address_refused) co_return Result<>();
  co_return refuse_url(checked.error().message + " To receive events on a computer of your own use epay listen.");
}

std::string_view name_of(std::optional<Mode> mode) { return std::ranges::find(modes, mode, &NamedMode::mode)->name; }

std::vector<std::string_view> names_of(events::EventTypes types) {
  if (types == events::EventTypes::all()) return {"*"};
  std::vector<std::string_view> names;
  for (const events::EventKind& kind : events::catalogue()) {
    if (types.contains(kind.type)) names.push_back(kind.name);
  }
  return names;
}

std::string_view authorization_kind(std::string_view authorization) {
  if (authorization.starts_with("Basic ")) return "basic";
  if (authorization.starts_with("Bearer ")) return "bearer";
  return "";
}

}  // namespace epay::webhooks
