#include "pages/webhook_wrong.h"

#include "events/endpoint.h"

namespace epay::pages {
namespace {

// A word of the English message and what it is about. The first that is found counts.
struct Reason {
  std::string_view word, text;
};
constexpr Reason url_reasons[] = {
    {"epay listen", "webhooks.wrong_url_private"}, {"must begin with", "webhooks.wrong_url_scheme"},
    {"user name", "webhooks.wrong_url_user"},      {"blanks", "webhooks.wrong_url_letters"},
    {"backslash", "webhooks.wrong_url_letters"},   {"port", "webhooks.wrong_url_port"},
    {"longer than", "webhooks.wrong_url_long"},    {"too long", "webhooks.wrong_url_long"},
};
constexpr Reason header_reasons[] = {
    {"is no header's name", "webhooks.wrong_header_name"},
    {"cannot be set", "webhooks.wrong_header_reserved"},
    {"is there twice", "webhooks.wrong_header_twice"},
    {"at most", "webhooks.wrong_header_long"},
};

template <std::size_t N>
std::string_view text_for(const Reason (&reasons)[N], std::string_view message, std::string_view otherwise) {
  for (const Reason& reason : reasons) {
    if (message.contains(reason.word)) return reason.text;
  }
  return otherwise;
}

std::string up_to(const Texts& texts, std::int64_t most) {
  return texts.format("webhooks.wrong_number", {{"most", std::to_string(most)}});
}

}  // namespace

std::string wrong_setting(const FieldError& error, const Texts& texts) {
  const std::string_view field = error.field;
  if (field == "url") return std::string(texts.at(text_for(url_reasons, error.message, "webhooks.wrong_url_host")));
  if (field == "description") {
    return texts.format("webhooks.wrong_description", {{"most", std::to_string(events::description_max)}});
  }
  if (field == "rate_limit") return up_to(texts, events::rate_limit_max);
  if (field == "in_flight_max") return up_to(texts, events::in_flight_max_most);
  if (field == "timeout") return up_to(texts, events::timeout_most.count());
  if (field == "retry_schedule") {
    return texts.format("webhooks.wrong_schedule", {{"count", std::to_string(events::schedule_waits_max)},
                                                    {"most", std::to_string(events::schedule_wait_most.count())}});
  }
  if (field == "events") return std::string(texts.at("webhooks.wrong_events"));
  if (field == "headers") {
    return texts.format("webhooks.wrong_headers", {{"most", std::to_string(events::own_headers_max)}});
  }
  if (field.starts_with("headers.")) {
    const std::string_view why = std::string_view(error.message).substr(std::min(field.size(), error.message.size()));
    return texts.format(text_for(header_reasons, why, "webhooks.wrong_header_value"),
                        {{"name", std::string(field.substr(std::string_view("headers.").size()))},
                         {"most", std::to_string(events::own_header_bytes_max)}});
  }
  return std::string(texts.at("webhooks.wrong_choice"));
}

}  // namespace epay::pages
