// Settings, Webhooks, Log: what was sent, and what came back
#include "events/catalogue.h"
#include "events/delivery_log.h"
#include "pages/page.h"
#include "pages/webhook_views.h"
#include "pages/webhooks.h"
#include "payments/event_reference.h"

namespace epay::pages {
namespace {

constexpr int deliveries_shown = 25;
constexpr std::size_t reference_max = 255;

constexpr events::DeliveryStatus statuses[] = {events::DeliveryStatus::waiting, events::DeliveryStatus::delivered,
                                               events::DeliveryStatus::given_up, events::DeliveryStatus::blocked,
                                               events::DeliveryStatus::cancelled};

struct Filter {
  std::string status, type, reference, endpoint;
  std::optional<events::DeliveryName> before;
};

Filter filter_in(const http::Request& request) {
  const auto text = [&](std::string_view name) { return request.query_parameter(name).value_or(""); };
  Filter filter{.status = text("status"),
                .type = text("type"),
                .reference = text("reference").substr(0, reference_max),
                .endpoint = text("endpoint"),
                .before = events::parse_webhook_id(text("before"))};
  return filter;
}

// What is no filter lets everything through.
events::DeliveryQuery query_of(db::Transaction& tx, const Filter& filter, Scope scope) {
  events::DeliveryQuery query{.scope = scope, .limit = deliveries_shown};
  for (const auto status : statuses) {
    if (filter.status == events::name_of(status)) query.status = status;
  }
  if (const auto type = events::find_type(filter.type)) query.types = events::EventTypes::of(*type);
  if (const auto endpoint = parse_count(filter.endpoint)) query.endpoint = EndpointId{*endpoint};
  if (!filter.reference.empty()) query.events = payments::events_of_reference(tx, scope, filter.reference);
  return query;
}

// The filter as a query string, for the link to the next page.
std::string address_of(const Filter& filter, const std::string& before) {
  std::string text = "/settings/webhooks/log?before=" + before;
  for (const auto& [name, value] : {std::pair("status", &filter.status),
                                    {"type", &filter.type},
                                    {"reference", &filter.reference},
                                    {"endpoint", &filter.endpoint}}) {
    if (!value->empty()) text += "&" + std::string(name) + "=" + http::percent_encode(*value);
  }
  return text;
}

View filter_view(const Filter& filter, const Texts& texts) {
  View view;
  std::vector<View> by_status, by_type;
  for (const auto status : statuses) {
    const std::string name(events::name_of(status));
    by_status.push_back(
        View().set("name", name).set("text", texts.at("webhooks.status_" + name)).set("chosen", filter.status == name));
  }
  for (const auto& kind : events::catalogue())
    by_type.push_back(View().set("name", kind.name).set("chosen", filter.type == kind.name));
  return view.set("statuses", std::move(by_status))
      .set("types", std::move(by_type))
      .set("reference", filter.reference)
      .set("endpoint", filter.endpoint);
}

Error no_such_delivery() { return {ErrorCode::not_found, "There is no such delivery"}; }

}  // namespace

Task<http::Response> WebhookPages::show_log(http::Request& request, const Visitor& visitor) {
  const Texts& words = texts(request, visitor);
  const Filter filter = filter_in(request);
  struct Found {
    std::vector<payments::ShownDelivery> deliveries;
    std::optional<events::DeliveryName> cursor;
  };
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    auto page = events::list_deliveries(tx, query_of(tx, filter, visitor.scope()), filter.before);
    return Found{payments::with_references(tx, std::move(page.deliveries)), page.cursor};
  });
  if (!found) co_return problem(request, visitor, found.error());
  std::vector<View> deliveries;
  for (const auto& shown : found->deliveries) deliveries.push_back(delivery_view(shown, words));
  View view;
  view.set("title", words.at("webhooks.log"))
      .set("filter", filter_view(filter, words))
      .set("none", deliveries.empty())
      .set("deliveries", std::move(deliveries));
  if (found->cursor) {
    view.set("next", address_of(filter, events::webhook_id(found->cursor->event, found->cursor->endpoint)));
  }
  co_return parts_.dashboard.page(request, visitor, "dashboard/webhook_log", std::move(view));
}

Task<http::Response> WebhookPages::show_delivery(http::Request& request, const Visitor& visitor) {
  const Texts& words = texts(request, visitor);
  const auto name = events::parse_webhook_id(request.path_parameters.at(0));
  if (!name) co_return problem(request, visitor, no_such_delivery());
  const auto details = co_await parts_.database.read(
      [&](db::Transaction& tx) { return payments::find_details(tx, visitor.scope(), *name); });
  if (!details) co_return problem(request, visitor, details.error());
  View view;
  view.set("title", words.at("webhooks.delivery")).set("delivery", details_view(*details, words));
  const std::string done = "webhooks.done_" + request.query_parameter("done").value_or("");
  if (words.has(done)) view.set("done", words.at(done));
  co_return parts_.dashboard.page(request, visitor, "dashboard/webhook_delivery", std::move(view));
}

Task<http::Response> WebhookPages::resend(http::Request& request, const Visitor& visitor) {
  const auto name = events::parse_webhook_id(request.path_parameters.at(0));
  if (!name) co_return problem(request, visitor, no_such_delivery());
  const Timestamp now = parts_.clock.now();
  auto delivery = co_await parts_.database.write([&](db::Transaction& tx) -> Result<events::Delivery> {
    const auto found = events::find_delivery(tx, visitor.scope(), *name);
    if (!found) return std::unexpected(found.error());
    return events::resend(tx, found->lane, name->event, {}, now);
  });
  const std::string path = "/settings/webhooks/log/" + request.path_parameters.at(0);
  if (!delivery && delivery.error().code == ErrorCode::conflict) co_return see_other(path + "?done=not_resent");
  if (!delivery) co_return problem(request, visitor, delivery.error());
  events::Recorded due;
  due.deliveries = {*std::move(delivery)};
  parts_.dispatcher.publish(std::move(due));
  co_return see_other(path + "?done=resent");
}

}  // namespace epay::pages
