#include "pages/webhook_views.h"

#include <algorithm>
#include <charconv>

#include "events/catalogue.h"
#include "pages/format.h"
#include "pages/webhook_wrong.h"

namespace epay::pages {
namespace {

constexpr int micros_per_milli = 1'000;
constexpr std::size_t id_shown_max = 40;

std::string_view state_of(const events::Endpoint& endpoint, const events::Health& health, Timestamp now) {
  if (!endpoint.enabled) return "disabled";
  if (health.rests_until && *health.rests_until > now) return "resting";
  return health.failing_since ? "failing" : "working";
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  while (!text.empty() && blanks.contains(text.front())) text.remove_prefix(1);
  while (!text.empty() && blanks.contains(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t at = text.find(separator);
    if (const auto part = trim(text.substr(0, at)); !part.empty()) parts.push_back(part);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  }
  return parts;
}

// 0, which no setting may be, for what is no number.
std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::string joined(const std::vector<seconds>& waits) {
  std::string text;
  for (const seconds wait : waits) text += (text.empty() ? "" : ", ") + std::to_string(wait.count());
  return text;
}

webhooks::Change<std::int64_t> number_in(const http::Form& form, std::string_view name) {
  const std::string* text = form.find(name);
  if (text == nullptr) return std::nullopt;
  webhooks::Change<std::int64_t> change(std::in_place);
  if (const auto given = trim(*text); !given.empty()) *change = to_number(given);
  return change;
}

webhooks::Change<std::vector<std::string>> events_in(const http::Form& form) {
  const std::string_view asked = form.get("asked");
  if (asked.empty()) return std::nullopt;
  webhooks::Change<std::vector<std::string>> change(std::in_place);
  if (asked == "all") *change = std::vector<std::string>{"*"};
  if (asked == "chosen") {
    change->emplace();
    for (const auto& [name, value] : form.fields) {
      if (name == "event") (*change)->push_back(value);
    }
  }
  return change;
}

webhooks::Change<std::vector<std::int64_t>> schedule_in(const http::Form& form) {
  const std::string* text = form.find("retry_schedule");
  if (text == nullptr) return std::nullopt;
  webhooks::Change<std::vector<std::int64_t>> change(std::in_place);
  const auto waits = split(*text, ',');
  if (waits.empty()) return change;
  change->emplace();
  for (const std::string_view wait : waits) (*change)->push_back(to_number(wait));
  return change;
}

webhooks::Change<std::vector<std::pair<std::string, std::string>>> headers_in(const http::Form& form) {
  // An empty field leaves the headers as they are: their values are not shown again.
  if (trim(form.get("headers")).empty() && form.get("headers_gone").empty()) return std::nullopt;
  webhooks::Change<std::vector<std::pair<std::string, std::string>>> change(std::in_place);
  if (!form.get("headers_gone").empty()) return change;
  change->emplace();
  for (const std::string_view line : split(form.get("headers"), '\n')) {
    const std::size_t colon = line.find(':');
    const std::string_view value = colon == std::string_view::npos ? std::string_view() : trim(line.substr(colon + 1));
    (*change)->emplace_back(trim(line.substr(0, colon)), value);
  }
  return change;
}

// "headers.X-Shop" is shown at "headers".
std::string field_of(const FieldError& error) { return error.field.substr(0, error.field.find('.')); }

}  // namespace

bool is_visible(const events::Endpoint& endpoint, Mode mode) {
  return !endpoint.settings.mode || *endpoint.settings.mode == mode;
}

Result<EndpointId> endpoint_in(const http::Request& request) {
  const std::string& text = request.path_parameters.at(0);
  const std::int64_t number = to_number(text);
  if (number <= 0) return fail(ErrorCode::not_found, "There is no endpoint " + text.substr(0, id_shown_max));
  return EndpointId{number};
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  const std::int64_t number = to_number(text);
  return number > 0 ? std::optional(number) : std::nullopt;
}

View endpoint_view(const events::Endpoint& endpoint, const events::Health& health, const Texts& texts, Timestamp now) {
  const std::string state(state_of(endpoint, health, now));
  View view;
  view.set("id", std::to_string(endpoint.key.endpoint.value))
      .set("url", endpoint.settings.url)
      .set("description", endpoint.settings.description.value_or(""))
      .set("mode", texts.at("webhooks.mode_" + std::string(webhooks::name_of(endpoint.settings.mode))))
      .set("state", texts.at("webhooks.state_" + state))
      .set(state, true)
      .set("enabled", endpoint.enabled)
      .set("created", format_date(endpoint.created_at, texts));
  std::string asked;
  for (const std::string_view name : webhooks::names_of(endpoint.settings.types)) {
    asked += (asked.empty() ? "" : ", ") + std::string(name == "*" ? texts.at("webhooks.events_all") : name);
  }
  view.set("events", asked);
  if (!endpoint.enabled && endpoint.disabled_reason) {
    view.set("reason", texts.at("webhooks.reason_" + std::string(events::name_of(*endpoint.disabled_reason))));
    if (endpoint.disabled_at) view.set("since", format_time(*endpoint.disabled_at, texts));
  } else if (health.failing_since) {
    view.set("since", format_time(*health.failing_since, texts)).set("failures", format_count(health.failures, texts));
    if (health.rests_until && *health.rests_until > now)
      view.set("rests_until", format_time(*health.rests_until, texts));
  }
  return view;
}

View delivery_view(const payments::ShownDelivery& shown, const Texts& texts) {
  const events::LoggedDelivery& delivery = shown.delivery;
  const std::string status(events::name_of(delivery.status));
  View view;
  view.set("id", events::webhook_id(delivery.event, delivery.lane.endpoint))
      .set("type", events::name_of(delivery.type))
      .set("reference", shown.reference.value_or(""))
      .set("endpoint", std::to_string(delivery.lane.endpoint.value))
      .set("status", texts.at("webhooks.status_" + status))
      .set(status, true)
      .set("tries", format_count(delivery.tries, texts))
      .set("created", format_time(delivery.created_at, texts));
  if (delivery.due_at) view.set("due", format_time(*delivery.due_at, texts));
  return view;
}

View details_view(const payments::DeliveryDetails& details, const Texts& texts) {
  View view = delivery_view(details.shown, texts);
  view.set("payload", details.event.payload);
  std::vector<View> tries;
  for (const payments::DeliveryDetails::Try& one : details.tries) {
    const events::DeliveryAttempt& attempt = one.attempt;
    const auto in_milliseconds = [&](microseconds took) {
      return format_count((took.count() + micros_per_milli / 2) / micros_per_milli, texts) + "\u00a0ms";
    };
    View shown;
    shown.set("number", std::to_string(attempt.number))
        .set("at", format_time(attempt.started_at, texts))
        .set("url", one.url.value_or(""))
        .set("ok", attempt.delivered())
        .set("result", attempt.status ? "HTTP " + std::to_string(*attempt.status) : attempt.failure.value_or(""))
        .set("total", in_milliseconds(attempt.total))
        .set("dns", in_milliseconds(attempt.dns))
        .set("connect", in_milliseconds(attempt.connect))
        .set("tls", in_milliseconds(attempt.tls))
        .set("first_byte", in_milliseconds(attempt.first_byte));
    if (!attempt.answer.empty()) shown.set("answer", attempt.answer);
    tries.push_back(std::move(shown));
  }
  std::ranges::reverse(tries);
  view.set("attempts", std::move(tries));
  return view;
}

http::Form form_of(const events::Endpoint& endpoint) {
  const events::EndpointSettings& settings = endpoint.settings;
  http::Form form;
  const auto put = [&](std::string name, std::string_view value) { form.fields.emplace_back(std::move(name), value); };
  put("url", settings.url);
  put("description", settings.description.value_or(""));
  put("mode", webhooks::name_of(settings.mode));
  const auto names = webhooks::names_of(settings.types);
  const bool all = names.size() == 1 && names.front() == "*";
  put("asked", all ? "all" : settings.types == events::EndpointSettings().types ? "payments" : "chosen");
  for (const std::string_view name : names) put("event", name);
  put("rate_limit", settings.rate_limit ? std::to_string(*settings.rate_limit) : "");
  put("in_flight_max", std::to_string(settings.in_flight_max));
  put("timeout", settings.timeout ? std::to_string(settings.timeout->count()) : "");
  put("retry_schedule", settings.schedule ? joined(*settings.schedule) : "");
  return form;
}

View settings_view(const http::Form& form, const std::vector<FieldError>& wrong, const Texts& texts) {
  View view;
  for (const char* name :
       {"url", "description", "rate_limit", "in_flight_max", "timeout", "retry_schedule", "headers"}) {
    View field;
    field.set("value", form.get(name));
    for (const FieldError& error : wrong) {
      if (field_of(error) == name) field.set("error", wrong_setting(error, texts));
    }
    view.set(name, std::move(field));
  }
  for (const FieldError& error : wrong) {
    if (field_of(error) == "events") view.set("events_error", wrong_setting(error, texts));
    if (field_of(error) == "mode") view.set("mode_error", wrong_setting(error, texts));
  }
  const std::string_view asked = form.get("asked");
  view.set("asked_payments", asked.empty() || asked == "payments")
      .set("asked_all", asked == "all")
      .set("asked_chosen", asked == "chosen");
  const std::string_view mode = form.get("mode");
  view.set("in_all", mode.empty() || mode == "all").set("in_test", mode == "test").set("in_live", mode == "live");
  std::vector<View> types;
  for (const events::EventKind& kind : events::catalogue()) {
    const bool chosen = std::ranges::any_of(
        form.fields, [&](const auto& field) { return field.first == "event" && field.second == kind.name; });
    types.push_back(View().set("name", kind.name).set("meaning", kind.description).set("chosen", chosen));
  }
  view.set("types", std::move(types)).set("wrong", !wrong.empty());
  return view;
}

webhooks::EndpointChanges changes_in(const http::Form& form) {
  webhooks::EndpointChanges changes{.url = std::string(trim(form.get("url"))),
                                    .events = events_in(form),
                                    .rate_limit = number_in(form, "rate_limit"),
                                    .in_flight_max = number_in(form, "in_flight_max"),
                                    .timeout = number_in(form, "timeout"),
                                    .retry_schedule = schedule_in(form),
                                    .headers = headers_in(form)};
  if (const std::string* description = form.find("description")) {
    changes.description.emplace();
    if (!trim(*description).empty()) *changes.description = std::string(trim(*description));
  }
  if (const std::string* mode = form.find("mode")) changes.mode = std::optional(*mode);
  return changes;
}

}  // namespace epay::pages
