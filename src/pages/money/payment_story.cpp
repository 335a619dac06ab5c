// GET /revenue/{payment}: a payment's whole story; POST …/send-again: one of its webhooks, at once.
#include "http/form.h"
#include "lists/story.h"
#include "pages/format.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/page.h"
#include "rails/rail.h"

namespace epay::pages::money {
namespace {

using payments::AttemptStatus;

std::string_view rail_key(std::int64_t rail) {
  switch (static_cast<rails::RailId>(rail)) {
    case rails::RailId::simulator: return "rail.simulator";
    case rails::RailId::mtn_momo: return "rail.mtn_momo";
    case rails::RailId::paystack: return "rail.paystack";
    case rails::RailId::hubtel: return "rail.hubtel";
    case rails::RailId::mpgs: return "rail.mpgs";
  }
  return "rail.unknown";
}

std::string_view attempt_key(AttemptStatus status) {
  switch (status) {
    case AttemptStatus::created: return "attempt.created";
    case AttemptStatus::submitted: return "attempt.submitted";
    case AttemptStatus::awaiting_redirect: return "attempt.awaiting_redirect";
    case AttemptStatus::awaiting_input: return "attempt.awaiting_input";
    case AttemptStatus::unknown: return "attempt.unknown";
    case AttemptStatus::succeeded: return "attempt.succeeded";
    case AttemptStatus::failed: return "attempt.failed";
    case AttemptStatus::expired: return "attempt.expired";
    case AttemptStatus::suspended: return "attempt.suspended";
    case AttemptStatus::reversed: return "attempt.reversed";
  }
  return "";
}

std::string_view tone_of(AttemptStatus status) {
  switch (status) {
    case AttemptStatus::created:
    case AttemptStatus::submitted:
    case AttemptStatus::awaiting_redirect:
    case AttemptStatus::awaiting_input: return "yellow";
    case AttemptStatus::unknown:
    case AttemptStatus::suspended:
    case AttemptStatus::reversed: return "orange";
    case AttemptStatus::succeeded: return "green";
    case AttemptStatus::failed:
    case AttemptStatus::expired: return "red";
  }
  return "";
}

std::string_view delivery_tone(events::DeliveryStatus status) {
  switch (status) {
    case events::DeliveryStatus::delivered: return "green";
    case events::DeliveryStatus::waiting:
    case events::DeliveryStatus::blocked: return "yellow";
    case events::DeliveryStatus::given_up: return "red";
    case events::DeliveryStatus::cancelled: return "secondary";
  }
  return "";
}

View view_of(const lists::StoryAttempt& attempt, const Texts& texts) {
  View view;
  view.set("number", std::to_string(attempt.number))
      .set("rail", texts.at(rail_key(attempt.rail)))
      .set("status", texts.at(attempt_key(attempt.status)))
      .set("tone", tone_of(attempt.status))
      .set("our_reference", attempt.our_reference)
      .set("began", format_time(attempt.created_at, texts))
      .set("changed", format_time(attempt.updated_at, texts))
      .set("polls", format_count(attempt.polls, texts));
  if (attempt.rail_id) view.set("rail_id", *attempt.rail_id);
  if (attempt.failure) view.set("failure", *attempt.failure);
  if (attempt.poll_at) view.set("asked_next", format_time(*attempt.poll_at, texts));
  return view;
}

View view_of(const lists::StoryEntry& entry, const Texts& texts) {
  View view;
  view.set("reason", texts.at(reason_key(entry.reason)))
      .set("amount", money_text(entry.amount.minor, entry.amount.currency, texts))
      .set("when", format_time(entry.created_at, texts))
      .set("id", std::to_string(entry.id.value));
  if (entry.available_after_minor) {
    view.set("after", money_text(*entry.available_after_minor, entry.amount.currency, texts));
  }
  return view;
}

View view_of(const events::DeliveryAttempt& attempt, const Texts& texts) {
  View view;
  view.set("when", format_time(attempt.started_at, texts))
      .set("answer", attempt.status ? "HTTP " + std::to_string(*attempt.status) : attempt.failure.value_or(""))
      .set("tone", attempt.delivered() ? "green" : "red")
      .set("took", texts.format("lists.milliseconds", {{"number", std::to_string(attempt.total.count() / 1'000)}}));
  return view;
}

View view_of(const lists::StoryDelivery& story, const Texts& texts) {
  const events::LoggedDelivery& delivery = story.delivery;
  std::vector<View> attempts;
  for (const auto& attempt : story.attempts) attempts.push_back(view_of(attempt, texts));
  View view;
  view.set("url", story.url)
      .set("event", std::to_string(delivery.event.value))
      .set("endpoint", std::to_string(delivery.lane.endpoint.value))
      .set("webhook_id", events::webhook_id(delivery.event, delivery.lane.endpoint))
      .set("status", texts.at("delivery." + std::string(events::name_of(delivery.status))))
      .set("tone", delivery_tone(delivery.status))
      .set("attempts", std::move(attempts));
  if (delivery.due_at) view.set("next_try", format_time(*delivery.due_at, texts));
  return view;
}

View view_of(const lists::StoryEvent& story, const Texts& texts) {
  std::vector<View> deliveries;
  for (const auto& delivery : story.deliveries) deliveries.push_back(view_of(delivery, texts));
  View view;
  view.set("type", events::name_of(story.event.type))
      .set("when", format_time(story.event.created_at, texts))
      .set("payload", story.event.payload)
      .set("told_nobody", deliveries.empty())
      .set("deliveries", std::move(deliveries));
  return view;
}

View view_of(const payments::Refund& listed, const Texts& texts) {
  const payments::Payment& refund = listed.refund;
  View view;
  view.set("href", "/revenue/" + std::to_string(refund.id.value))
      .set("reference", refund.reference)
      .set("amount", money_text(refund.amount.minor, refund.amount.currency, texts))
      .set("status", texts.at(status_key(refund.status)))
      .set("tone", money::tone_of(refund.status))
      .set("when", format_time(refund.created_at, texts));
  if (refund.description) view.set("reason", *refund.description);
  return view;
}

template <class Part>
std::vector<View> views_of(const std::vector<Part>& parts, const Texts& texts) {
  std::vector<View> views;
  for (const Part& part : parts) views.push_back(view_of(part, texts));
  return views;
}

View view_of(const lists::Story& story, const Texts& texts) {
  const lists::ListedPayment& payment = story.payment;
  View view;
  view.set("title", payment.reference)
      .set("payment", row_of(payment, texts))
      .set("id", std::to_string(payment.id.value))
      .set("changed", format_time(payment.updated_at, texts))
      .set("attempts", views_of(story.attempts, texts))
      .set("entries", views_of(story.entries, texts))
      .set("events", views_of(story.events, texts))
      .set("no_attempts", story.attempts.empty())
      .set("no_entries", story.entries.empty())
      .set("no_events", story.events.empty());
  view.set("refunds", views_of(story.refunds, texts))
      .set("any_refunds", !story.refunds.empty())
      .set("refund_at",
           story.left_to_refund_minor > 0 ? "/revenue/" + std::to_string(payment.id.value) + "/refund" : "")
      .set("may_refund", story.left_to_refund_minor > 0);
  if (story.refund_of) {
    view.set("refund_of", View()
                              .set("href", "/revenue/" + std::to_string(story.refund_of->id.value))
                              .set("of", story.refund_of->reference));
  }
  if (payment.fee_minor > 0) view.set("fee", money_text(payment.fee_minor, payment.amount.currency, texts));
  if (payment.customer) {
    view.set("customer", View()
                             .set("href", "/customers/" + std::to_string(payment.customer->value))
                             .set("name", payment.customer_name)
                             .set("email", payment.customer_email)
                             .set("telephone", payment.customer_telephone));
  }
  return view;
}

}  // namespace

Task<http::Response> MoneyPages::show_payment(Request& request, const Visitor& visitor) {
  const auto id = parse_id(request.path_parameters.at(0));
  if (!id) co_return not_found(request);
  const Scope scope = visitor.scope();
  const auto story =
      co_await parts_.database.read([&](db::Transaction& tx) { return lists::story_of(tx, scope, PaymentId{*id}); });
  if (!story && story.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!story) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  co_return parts_.dashboard.page(request, visitor, "dashboard/payment", view_of(*story, texts));
}

Task<http::Response> MoneyPages::send_again(Request& request, const Visitor& visitor) {
  const auto id = parse_id(request.path_parameters.at(0));
  const auto form = http::read_form(request);
  const auto event = form ? parse_id(form->get("event")) : std::nullopt;
  const auto endpoint = form ? parse_id(form->get("endpoint")) : std::nullopt;
  if (!id || !event || !endpoint) co_return not_found(request);
  const Scope scope = visitor.scope();
  const Timestamp now = parts_.clock.now();
  events::Recorded due;
  const auto resent = co_await parts_.database.write([&](db::Transaction& tx) -> Result<> {
    const auto delivery = events::find_delivery(tx, scope, {EventId{*event}, EndpointId{*endpoint}});
    if (!delivery) return std::unexpected(delivery.error());
    // Of this payment, and no other of the merchant's.
    if (delivery->payment != PaymentId{*id}) return fail(ErrorCode::not_found, "There is no such delivery");
    auto again = events::resend(tx, delivery->lane, delivery->event, {}, now);
    if (!again) return std::unexpected(again.error());
    due.deliveries = {*std::move(again)};
    return {};
  });
  if (!resent && resent.error().code == ErrorCode::unavailable) co_return unavailable(request);
  if (!resent && resent.error().code == ErrorCode::not_found) co_return not_found(request);
  const std::string back = "/revenue/" + std::to_string(*id);
  if (!resent) co_return see_other(back + "?done=not_sent_again");
  parts_.dispatcher.publish(std::move(due));
  co_return see_other(back + "?done=sent_again");
}

}  // namespace epay::pages::money
