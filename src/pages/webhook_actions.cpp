// Settings, Webhooks: what one does to an endpoint besides changing its settings
#include "events/example.h"
#include "pages/page.h"
#include "pages/webhook_views.h"
#include "pages/webhooks.h"
#include "webhooks/endpoint_changes.h"

namespace epay::pages {
namespace {

constexpr std::size_t example_reference_length = 11;
constexpr std::int64_t recovered_days_most = 90;

std::string path_of(EndpointId id) { return "/settings/webhooks/" + std::to_string(id.value); }

// Error: not_found.
Result<events::Endpoint> find(db::Transaction& tx, const Visitor& visitor, EndpointId id) {
  auto endpoint = events::find_endpoint(tx, {visitor.merchant, id});
  if (endpoint && !is_visible(*endpoint, visitor.mode)) return fail(ErrorCode::not_found, "of the other mode");
  return endpoint;
}

}  // namespace

// An event of test mode for this endpoint alone, sent while its owner waits for what comes of it.
Task<http::Response> WebhookPages::test(http::Request& request, const Visitor& visitor) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const auto form = http::read_form(request);
  const auto type = events::find_type(form ? form->get("type") : "").value_or(events::EventType::ping);
  const Timestamp now = parts_.clock.now();
  const std::string payload = events::make_example(
      type,
      {.reference = "EP-" + parts_.random.text(example_reference_length, Random::letters_and_digits), .now = now});
  const auto recorded = co_await parts_.database.write([&](db::Transaction& tx) -> Result<events::Recorded> {
    if (const auto endpoint = find(tx, visitor, *id); !endpoint) return std::unexpected(endpoint.error());
    return events::record_for(tx, {{visitor.merchant, Mode::test}, type, {}, payload, now}, *id);
  });
  if (!recorded) co_return problem(request, visitor, recorded.error());
  const events::Delivery delivery = recorded->deliveries.front();
  parts_.dispatcher.publish({visitor.merchant, delivery.event, {}});
  const auto attempt = co_await parts_.dispatcher.send_now(delivery);
  if (!attempt) parts_.dispatcher.publish({visitor.merchant, delivery.event, {delivery}});
  co_return see_other(path_of(*id) + "?test=" + delivery.webhook_id() + "#test");
}

Task<http::Response> WebhookPages::rotate(http::Request& request, const Visitor& visitor) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const auto form = http::read_form(request);
  // At once, or so that receivers have a day to change over.
  const hours old_life = form && form->get("old") == "now" ? hours(0) : events::old_secret_life;
  auto secret = webhooks::make_secret(parts_.random);
  const Timestamp now = parts_.clock.now();
  const auto rotated = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto endpoint = find(tx, visitor, *id);
    if (!endpoint) return std::unexpected(endpoint.error());
    const auto present = events::signing_secrets(tx, endpoint->key, parts_.vault, now);
    if (!present) return std::unexpected(present.error());
    if (!present->empty()) secret.scheme = present->front().scheme;
    events::add_secret(tx, endpoint->key, secret, parts_.vault, old_life, now);
    note_change(tx, request, visitor, endpoint->settings.url, now);
    return {};
  });
  if (!rotated) co_return problem(request, visitor, rotated.error());
  parts_.dispatcher.endpoint_changed({visitor.merchant, *id});
  co_return see_other(path_of(*id) + "?reveal=1&done=rotated#secret");
}

Task<http::Response> WebhookPages::turn(http::Request& request, const Visitor& visitor) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const auto form = http::read_form(request);
  const std::string to(form ? form->get("to") : "");
  const Timestamp now = parts_.clock.now();
  const auto turned = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto endpoint = find(tx, visitor, *id);
    if (!endpoint) return std::unexpected(endpoint.error());
    note_change(tx, request, visitor, endpoint->settings.url, now);
    if (to == "on") return events::enable_endpoint(tx, endpoint->key, now);
    if (to == "off" && endpoint->enabled) {
      return events::disable_endpoint(tx, endpoint->key, events::DisabledReason::merchant, now);
    }
    if (to == "away") return events::delete_endpoint(tx, endpoint->key, now);
    return {};
  });
  if (!turned) co_return problem(request, visitor, turned.error());
  parts_.dispatcher.endpoint_changed({visitor.merchant, *id});
  co_return see_other(to == "away" ? "/settings/webhooks" : path_of(*id) + "?done=" + to);
}

Task<http::Response> WebhookPages::redeliver(http::Request& request, const Visitor& visitor) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const auto form = http::read_form(request);
  const auto asked = form ? parse_count(form->get("days")) : std::nullopt;
  const std::int64_t days = std::clamp<std::int64_t>(asked.value_or(1), 1, recovered_days_most);
  const Timestamp now = parts_.clock.now();
  const bool all = form && form->get("kind") == "replay";
  const events::NewRedelivery wanted{.lane = {visitor.merchant, *id},
                                     .kind = all ? events::Redelivery::Kind::replay : events::Redelivery::Kind::recover,
                                     .since = now - std::chrono::days(days),
                                     .until = now,
                                     .now = now};
  const auto begun = co_await parts_.database.write([&](db::Transaction& tx) -> Result<events::Redelivery> {
    if (const auto endpoint = find(tx, visitor, *id); !endpoint) return std::unexpected(endpoint.error());
    return events::create_redelivery(tx, wanted);
  });
  if (!begun && begun.error().code == ErrorCode::conflict) co_return see_other(path_of(*id) + "?done=not_begun");
  if (!begun) co_return problem(request, visitor, begun.error());
  parts_.redeliverer.begin(begun->key);
  co_return see_other(path_of(*id) + "?done=begun#redeliveries");
}

Task<http::Response> WebhookPages::stop_redelivery(http::Request& request, const Visitor& visitor) {
  const auto id = endpoint_in(request);
  if (!id) co_return problem(request, visitor, id.error());
  const auto number = parse_count(request.path_parameters.at(1));
  if (!number) co_return problem(request, visitor, {ErrorCode::not_found, "no such redelivery"});
  const events::RedeliveryKey key{visitor.merchant, RedeliveryId{*number}};
  const auto cancelled = co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) -> Result<> {
    if (const auto endpoint = find(tx, visitor, *id); !endpoint) return std::unexpected(endpoint.error());
    const auto found = events::find_redelivery(tx, key);
    if (!found) return std::unexpected(found.error());
    if (found->endpoint != *id) return fail(ErrorCode::not_found, "of another endpoint");
    // One that has ended meanwhile is as good as cancelled.
    const auto done = events::cancel_redelivery(tx, key, now);
    if (!done && done.error().code != ErrorCode::conflict) return std::unexpected(done.error());
    return {};
  });
  if (!cancelled) co_return problem(request, visitor, cancelled.error());
  // It ends of itself.
  parts_.redeliverer.begin(key);
  co_return see_other(path_of(*id) + "#redeliveries");
}

}  // namespace epay::pages
