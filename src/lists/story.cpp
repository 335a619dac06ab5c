#include "lists/story.h"

#include <algorithm>

#include "base/check.h"
#include "events/endpoint.h"
#include "ledger/wallet.h"
#include "lists/story_store.h"
#include "payments/event_reference.h"

namespace epay::lists {
namespace {

std::vector<StoryAttempt> attempts_of(db::Transaction& tx, Scope scope, PaymentId payment) {
  auto attempts = tx.query_all(
      store::select_attempts_of,
      [&](const db::Row& row) {
        const payments::AttemptKey key{scope, payment, int(row.integer(0))};
        return StoryAttempt{.number = key.number,
                            .rail = row.integer(1),
                            .status = row.as<payments::AttemptStatus>(2),
                            .rail_id = row.optional_string(3),
                            .failure = row.optional_string(4),
                            .our_reference = payments::rail_reference_of(key),
                            .polls = int(row.integer(5)),
                            .poll_at = row.is_null(6) ? std::nullopt : std::optional(row.time(6)),
                            .created_at = row.time(7),
                            .updated_at = row.time(8)};
      },
      scope.merchant, payment, scope.mode, story_attempts_max);
  std::ranges::reverse(attempts);
  return attempts;
}

// Entries are written at the moments at which a payment or one of its attempts changed.
std::vector<StoryEntry> entries_of(db::Transaction& tx, Scope scope, const Story& story) {
  std::vector<Timestamp> moments{story.payment.created_at, story.payment.updated_at};
  for (const StoryAttempt& attempt : story.attempts) moments.push_back(attempt.updated_at);
  std::vector<StoryEntry> entries;
  for (const ledger::PostedEntry& entry : ledger::entries_of_payment(tx, scope.merchant, story.payment.id, moments)) {
    entries.push_back({.id = entry.id,
                       .reason = entry.reason,
                       .amount = entry.amount,
                       .created_at = entry.created_at,
                       .available_after_minor = entry.available_after_minor});
  }
  return entries;
}

StoryDelivery delivery_story(db::Transaction& tx, events::LoggedDelivery delivery) {
  const events::LaneKey lane = delivery.lane;
  StoryDelivery story{.delivery = std::move(delivery)};
  story.attempts = events::attempts_of(tx, lane, story.delivery.event);
  if (!story.attempts.empty()) {
    story.url = events::endpoint_url_at(tx, lane, story.attempts.back().endpoint_version).value_or("");
  } else if (const auto endpoint = events::find_endpoint(tx, lane)) {
    story.url = endpoint->settings.url;
  }
  return story;
}

std::vector<StoryEvent> events_of(db::Transaction& tx, Scope scope, std::string_view reference) {
  std::vector<StoryEvent> stories;
  for (const EventId id : payments::events_of_reference(tx, scope, reference)) {
    if (stories.size() == std::size_t(story_events_max)) break;
    auto event = events::find_event(tx, scope, id);
    if (!event) continue;
    StoryEvent story{.event = *std::move(event)};
    for (auto& delivery : events::deliveries_of(tx, scope.merchant, id)) {
      story.deliveries.push_back(delivery_story(tx, std::move(delivery)));
    }
    stories.push_back(std::move(story));
  }
  return stories;
}

void add_refunds(db::Transaction& tx, Scope scope, Story& story) {
  const auto payment = payments::find_payment(tx, scope, story.payment.id);
  EPAY_CHECK(payment.has_value());
  if (payment->refund_of) {
    story.refund_of = payments::find_payment(tx, scope, *payment->refund_of);
    return;
  }
  story.refunds = payments::refunds_of(tx, *payment);
  const bool paid =
      payment->kind == payments::PaymentKind::payment && payment->status == payments::PaymentStatus::succeeded;
  if (paid) story.left_to_refund_minor = payment->left_to_refund_minor();
}

}  // namespace

Result<Story> story_of(db::Transaction& tx, Scope scope, PaymentId id) {
  auto payment = find_listed_payment(tx, scope, id);
  if (!payment) return fail(ErrorCode::not_found, "There is no payment " + std::to_string(id.value));
  Story story{.payment = *std::move(payment)};
  story.attempts = attempts_of(tx, scope, id);
  story.entries = entries_of(tx, scope, story);
  story.events = events_of(tx, scope, story.payment.reference);
  add_refunds(tx, scope, story);
  return story;
}

}  // namespace epay::lists
