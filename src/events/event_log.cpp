#include "events/event_log.h"

#include "events/log_store.h"

namespace epay::events {
namespace {

constexpr int heads_at_once = 128;

struct Head {
  EventId id;
  EventType type;
  Mode mode;
};

LoggedEvent read_event(const db::Row& row) {
  return {.id = row.id<EventId>(0),
          .type = row.as<EventType>(1),
          .mode = row.as<Mode>(2),
          .sequence = int(row.integer(3)),
          .payment = row.is_null(4) ? std::nullopt : std::optional(row.id<PaymentId>(4)),
          .created_at = row.time(5),
          .payload = row.string(6)};
}

// Looks at events from the cursor on, in the statement's direction, until the page is full, there are no more, or
// enough has been looked at.
EventPage look(db::Transaction& tx, const EventQuery& query, const db::Sql& select_heads, EventId from) {
  const MerchantId merchant = query.scope.merchant;
  const auto heads = [&](EventId beyond, int limit) {
    return tx.query_all(
        select_heads,
        [](const db::Row& row) { return Head{row.id<EventId>(0), row.as<EventType>(1), row.as<Mode>(2)}; }, merchant,
        beyond, limit);
  };
  EventPage page{{}, from, true};
  for (int looked_at = 0; looked_at < events_looked_at_max && page.has_more; looked_at += heads_at_once) {
    const auto chunk = heads(page.cursor, heads_at_once);
    page.has_more = chunk.size() == std::size_t(heads_at_once);
    for (const Head& head : chunk) {
      page.cursor = head.id;
      if (head.mode != query.scope.mode || (query.types && !query.types->contains(head.type))) continue;
      page.events.push_back(*tx.query_one(store::select_event, read_event, merchant, head.id));
      if (page.events.size() < std::size_t(query.limit)) continue;
      page.has_more = !heads(page.cursor, 1).empty();
      return page;
    }
  }
  return page;
}

}  // namespace

EventPage events_after(db::Transaction& tx, const EventQuery& query, EventId after) {
  return look(tx, query, store::select_heads_after, after);
}

EventPage events_before(db::Transaction& tx, const EventQuery& query, std::optional<EventId> before) {
  if (before) return look(tx, query, store::select_heads_before, *before);
  return look(tx, query, store::select_heads_before, {last_event(tx, query.scope.merchant).value + 1});
}

Result<LoggedEvent> find_event(db::Transaction& tx, Scope scope, EventId id) {
  auto found = tx.query_one(store::select_event, read_event, scope.merchant, id);
  if (!found || found->mode != scope.mode) {
    return fail(ErrorCode::not_found, "There is no event " + std::to_string(id.value));
  }
  return *std::move(found);
}

EventId last_event(db::Transaction& tx, MerchantId merchant) {
  return tx.query_one(
               store::select_newest_event, [](const db::Row& row) { return row.id<EventId>(0); }, merchant)
      .value_or(EventId{});
}

}  // namespace epay::events
