#include "webhooks/endpoint_letters.h"

#include "base/json_writer.h"
#include "mail/letter.h"
#include "mail/mail.h"
#include "merchants/user.h"

namespace epay::webhooks {
namespace {

std::string endpoint_data(const EndpointNews& news) {
  const events::Endpoint& endpoint = news.endpoint;
  JsonWriter json;
  json.begin_object().key("endpoint").begin_object();
  json.member("id", endpoint.key.endpoint.value)
      .member("url", endpoint.settings.url)
      .member("enabled", endpoint.enabled);
  json.key("disabled_reason");
  endpoint.disabled_reason ? json.value(name_of(*endpoint.disabled_reason)) : json.null();
  json.key("failing_since");
  news.health.failing_since ? json.value(news.health.failing_since->to_wire()) : json.null();
  json.member("failures", news.health.failures);
  return json.end_object().end_object().take();
}

events::Recorded record_event(db::Transaction& tx, const EndpointNews& news, events::EventType type, Timestamp now) {
  return events::record(tx, {.scope = {news.endpoint.key.merchant, news.mode},
                             .type = type,
                             .payload = events::envelope(type, now, endpoint_data(news)),
                             .now = now});
}

constexpr const char* footer =
    "You get this because your Epay account sends webhooks to this address. There is one letter for each change, "
    "never one for each failure.";

std::string in_hours(microseconds duration) {
  const auto count = duration / hours(1);
  if (count >= 48) return std::to_string(count / 24) + " days";
  return count == 1 ? "an hour" : std::to_string(count) + " hours";
}

mail::Letter failing_letter(const EndpointNews& news, Timestamp now) {
  const std::string& url = news.endpoint.settings.url;
  const Timestamp since = news.health.failing_since.value_or(now);
  const std::string began = since.to_wire() + " UTC";
  mail::Letter letter{.subject = "Your webhook endpoint is failing", .footer = footer};
  if (news.change == HealthChange::failing) {
    letter.paragraphs.push_back("Since " + began + " nothing has got through to " + url + ".");
  } else {
    letter.subject = "Your webhook endpoint will be switched off in " + in_hours(since + disabled_after - now);
    letter.paragraphs.push_back("Nothing has got through to " + url + " for " + in_hours(now - since) + ", since " +
                                began + ".");
  }
  letter.paragraphs.push_back("The last try ended with: " + news.last_failure);
  letter.paragraphs.emplace_back(
      "Nothing is lost. Epay goes on trying, more and more slowly, and sends everything that waits as soon as the "
      "endpoint answers with a 2xx status. If nothing gets through for five days it is switched off; what was not "
      "delivered can be sent again afterwards.");
  return letter;
}

mail::Letter disabled_letter(const EndpointNews& news, Timestamp now) {
  const std::string& url = news.endpoint.settings.url;
  mail::Letter letter{.subject = "Your webhook endpoint was switched off", .footer = footer};
  if (news.change == HealthChange::disabled_gone) {
    letter.paragraphs.push_back(
        url + " answered 410 (gone), which says that it wants nothing more. Epay has stopped sending to it.");
  } else {
    letter.paragraphs.push_back("Nothing has got through to " + url + " for " +
                                in_hours(now - news.health.failing_since.value_or(now)) +
                                ". Epay has stopped sending to it.");
    letter.paragraphs.push_back("The last try ended with: " + news.last_failure);
  }
  letter.paragraphs.emplace_back(
      "Your payments go on as before; only this address no longer hears of them. What was waiting for it is kept and "
      "is sent when you switch the endpoint on again. What happens meanwhile can then be replayed.");
  return letter;
}

mail::Letter recovered_letter(const EndpointNews& news, Timestamp now) {
  mail::Letter letter{.subject = "Your webhook endpoint works again", .footer = footer};
  letter.paragraphs.push_back(news.endpoint.settings.url + " has taken a delivery again, after " +
                              std::to_string(news.health.failures) + " failed tries since " +
                              news.health.failing_since.value_or(now).to_wire() + " UTC.");
  letter.paragraphs.emplace_back("What waited for it is being sent now. There is nothing you have to do.");
  return letter;
}

void queue_letter(db::Transaction& tx, const EndpointNews& news, const mail::Letter& letter, Timestamp now) {
  const MerchantId merchant = news.endpoint.key.merchant;
  for (const merchants::User& user : merchants::who_wants(tx, merchant, merchants::Notification::webhook_trouble,
                                                          merchants::Permission::manage_webhooks)) {
    mail::queue(tx, mail::write_letter(merchant, user.email, letter), now);
  }
}

}  // namespace

events::Recorded tell_of_endpoint(db::Transaction& tx, const EndpointNews& news, Timestamp now) {
  switch (news.change) {
    case HealthChange::disabled_failing:
    case HealthChange::disabled_gone:
      queue_letter(tx, news, disabled_letter(news, now), now);
      return record_event(tx, news, events::EventType::endpoint_disabled, now);
    case HealthChange::recovered:
      queue_letter(tx, news, recovered_letter(news, now), now);
      return record_event(tx, news, events::EventType::endpoint_recovered, now);
    case HealthChange::failing:
    case HealthChange::half_time:
    case HealthChange::nearly_over: queue_letter(tx, news, failing_letter(news, now), now); break;
    case HealthChange::none: break;
  }
  return {};
}

}  // namespace epay::webhooks
