#include "events/event_log.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::events {
namespace {

class EventLog : public testing::Test {
 protected:
  EventId record(EventType type = EventType::payment_success, Mode mode = Mode::test) {
    return *store.write([&](db::Transaction& tx) -> Result<EventId> {
      return *events::record(tx, {.scope = {scope.merchant, mode},
                                  .type = type,
                                  .payload = "{\"n\":" + std::to_string(++recorded) + "}",
                                  .now = store.clock.now(),
                                  .asked_for = true})
                  .event;
    });
  }
  void record_many(int count, EventType type) {
    (void)store.write([&](db::Transaction& tx) -> Result<> {
      for (int i = 0; i < count; ++i) {
        events::record(tx, {.scope = scope, .type = type, .payload = "{}", .now = store.clock.now()});
      }
      return {};
    });
  }
  template <class Body>
  auto read(Body body) {
    return *simulation::run_task(
        store.clock, store.database->read([&](db::Transaction& tx) { return Result<decltype(body(tx))>(body(tx)); }));
  }
  EventPage after(std::int64_t id, int limit, std::optional<EventTypes> types = {}) {
    return read([&](db::Transaction& tx) { return events_after(tx, {scope, types, limit}, EventId{id}); });
  }
  EventPage before(std::optional<EventId> id, int limit, std::optional<EventTypes> types = {}) {
    return read([&](db::Transaction& tx) { return events_before(tx, {scope, types, limit}, id); });
  }
  // The ids, the cursor, and "+" when there is more.
  static std::string show(const EventPage& page) {
    std::string text;
    for (const LoggedEvent& event : page.events) text += std::to_string(event.id.value) + " ";
    return text + "@" + std::to_string(page.cursor.value) + (page.has_more ? "+" : "");
  }

  simulation::MemoryStore store;
  Scope scope = store.merchant(0);
  int recorded = 0;
};

TEST_F(EventLog, ReadsForwardsFromACursor) {
  for (int i = 0; i < 5; ++i) record();
  EXPECT_EQ(show(after(0, 2)), "1 2 @2+");
  EXPECT_EQ(show(after(2, 2)), "3 4 @4+");
  EXPECT_EQ(show(after(4, 2)), "5 @5");
  EXPECT_EQ(show(after(3, 2)), "4 5 @5");
  EXPECT_EQ(show(after(5, 2)), "@5");
  EXPECT_EQ(show(after(900, 2)), "@900");
  EXPECT_EQ(after(0, 1).events[0].payload, "{\"n\":1}");
}

TEST_F(EventLog, ReadsBackwardsFromTheNewest) {
  EXPECT_EQ(show(before({}, 2)), "@1");
  for (int i = 0; i < 5; ++i) record();
  EXPECT_EQ(show(before({}, 2)), "5 4 @4+");
  EXPECT_EQ(show(before(EventId{4}, 3)), "3 2 1 @1");
  EXPECT_EQ(show(before(EventId{1}, 2)), "@1");
}

TEST_F(EventLog, TheCursorMovesOverWhatIsNotLetThrough) {
  record(EventType::payout_failed);
  record();
  record(EventType::payout_failed);
  record(EventType::ping);
  EXPECT_EQ(show(after(0, 20, EventTypes::of(EventType::payment_success))), "2 @4");
  EXPECT_EQ(show(after(2, 20, EventTypes::of(EventType::payment_success))), "@4");
  EXPECT_EQ(show(before({}, 20, EventTypes::of(EventType::ping).add(EventType::payment_success))), "4 2 @1");
}

TEST_F(EventLog, ShowsEventsOfItsModeOnly) {
  record();
  const EventId live = record(EventType::payment_success, Mode::live);
  record();
  EXPECT_EQ(show(after(0, 20)), "1 3 @3");
  EXPECT_EQ(show(before({}, 20)), "3 1 @1");
  const auto found = read([&](db::Transaction& tx) { return find_event(tx, scope, live).has_value(); });
  EXPECT_FALSE(found);
  EXPECT_TRUE(
      read([&](db::Transaction& tx) { return find_event(tx, {scope.merchant, Mode::live}, live).has_value(); }));
}

TEST_F(EventLog, ShowsNoOtherMerchantsEvents) {
  record();
  const Scope other = store.merchant(0);
  const auto page = read([&](db::Transaction& tx) { return events_after(tx, {other, {}, 20}, {}); });
  EXPECT_EQ(show(page), "@0");
  EXPECT_EQ(read([&](db::Transaction& tx) { return last_event(tx, other.merchant).value; }), 0);
}

TEST_F(EventLog, LooksAtABoundedNumber) {
  record();
  record_many(2 * events_looked_at_max, EventType::payout_success);
  record();
  const auto wanted = EventTypes::of(EventType::payment_success);
  const std::int64_t last = 2 * events_looked_at_max + 2;
  EventPage page = after(0, 20, wanted);
  EXPECT_EQ(show(page), "1 @" + std::to_string(events_looked_at_max) + "+");
  page = after(page.cursor.value, 20, wanted);
  EXPECT_EQ(show(page), "@" + std::to_string(2 * events_looked_at_max) + "+");
  page = after(page.cursor.value, 20, wanted);
  EXPECT_EQ(show(page), std::to_string(last) + " @" + std::to_string(last));
  EXPECT_EQ(show(before({}, 20, wanted)),
            std::to_string(last) + " @" + std::to_string(last - events_looked_at_max + 1) + "+");
}

}  // namespace
}  // namespace epay::events
