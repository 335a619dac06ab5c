#include "events/delivery_log.h"

#include <gtest/gtest.h>

#include "events/endpoint.h"
#include "simulation/memory_store.h"

namespace epay::events {
namespace {

class DeliveryLog : public testing::Test {
 protected:
  // One event for all of the merchant's endpoints that ask for it.
  EventId record(EventType type = EventType::payment_success, Mode mode = Mode::test) {
    store.clock.run_for(seconds(1));
    return *store.write([&](db::Transaction& tx) -> Result<EventId> {
      return *events::record(tx,
                             {.scope = {scope.merchant, mode}, .type = type, .payload = "{}", .now = store.clock.now()})
                  .event;
    });
  }
  void record_many(int count) {
    (void)store.write([&](db::Transaction& tx) -> Result<> {
      for (int i = 0; i < count; ++i) {
        events::record(tx,
                       {.scope = scope, .type = EventType::payment_success, .payload = "{}", .now = store.clock.now()});
      }
      return {};
    });
  }
  void try_once(EventId event, EndpointId endpoint, DeliveryStatus then, int number = 1) {
    (void)store.write([&](db::Transaction& tx) -> Result<> {
      const LaneKey lane{scope.merchant, endpoint};
      record_attempt(tx,
                     {.lane = lane,
                      .event = event,
                      .number = number,
                      .started_at = store.clock.now(),
                      .status = 500,
                      .answer = "no",
                      .total = microseconds(1'234)},
                     {.status = then, .due_at = {}}, {}, store.clock.now());
      return {};
    });
  }
  template <class Body>
  auto read(Body body) {
    return *simulation::run_task(
        store.clock, store.database->read([&](db::Transaction& tx) { return Result<decltype(body(tx))>(body(tx)); }));
  }
  DeliveryPage list(DeliveryQuery query, std::optional<DeliveryName> before = {}) {
    query.scope = scope;
    if (query.limit == 0) query.limit = 20;
    return read([&](db::Transaction& tx) { return list_deliveries(tx, query, before); });
  }
  // "event/endpoint …", and the cursor.
  static std::string show(const DeliveryPage& page) {
    std::string text;
    for (const LoggedDelivery& delivery : page.deliveries) {
      text += std::to_string(delivery.event.value) + "/" + std::to_string(delivery.lane.endpoint.value) + " ";
    }
    if (page.cursor) {
      text += "@" + std::to_string(page.cursor->event.value) + "/" + std::to_string(page.cursor->endpoint.value);
    }
    return text;
  }
  // All pages of a query, one after the other.
  std::string walk(const DeliveryQuery& query, int* pages = nullptr) {
    std::string text;
    std::optional<DeliveryName> cursor;
    do {
      DeliveryPage page = list(query, cursor);
      cursor = std::exchange(page.cursor, {});
      text += show(page);
      if (pages != nullptr) ++*pages;
    } while (cursor);
    return text;
  }

  simulation::MemoryStore store;
  Scope scope = store.merchant(3);  // endpoints 1, 2 and 3
};

TEST_F(DeliveryLog, ListsAllEndpointsNewestFirst) {
  record();
  record();
  EXPECT_EQ(show(list({})), "2/3 2/2 2/1 1/3 1/2 1/1 ");
  EXPECT_EQ(show(list({.limit = 4})), "2/3 2/2 2/1 1/3 @1/3");
  for (int limit = 1; limit <= 7; ++limit) EXPECT_EQ(walk({.limit = limit}), "2/3 2/2 2/1 1/3 1/2 1/1 ") << limit;
}

TEST_F(DeliveryLog, ListsDeletedEndpointsToo) {
  record();
  (void)store.write(
      [&](db::Transaction& tx) { return delete_endpoint(tx, {scope.merchant, EndpointId{2}}, store.clock.now()); });
  record();
  EXPECT_EQ(show(list({})), "2/3 2/1 1/3 1/2 1/1 ");
  EXPECT_EQ(show(list({.endpoint = EndpointId{2}})), "1/2 ");
  EXPECT_EQ(read([&](db::Transaction& tx) { return deliveries_of(tx, scope.merchant, EventId{1}).size(); }), 3u);
}

TEST_F(DeliveryLog, Filters) {
  const Timestamp began = store.clock.now();
  record();                           // 1, after 1 s
  record(EventType::payment_failed);  // 2, after 2 s
  record();                           // 3, after 3 s
  try_once(EventId{1}, EndpointId{1}, DeliveryStatus::given_up);
  try_once(EventId{3}, EndpointId{2}, DeliveryStatus::delivered);
  struct Case {
    std::string name;
    DeliveryQuery query;
    std::string found;
  };
  const std::vector<Case> cases = {
      {"endpoint", {.endpoint = EndpointId{2}}, "3/2 2/2 1/2 "},
      {"unknown endpoint", {.endpoint = EndpointId{77}}, ""},
      {"failed", {.status = DeliveryStatus::given_up}, "1/1 "},
      {"failed at another endpoint", {.endpoint = EndpointId{3}, .status = DeliveryStatus::given_up}, ""},
      {"delivered", {.status = DeliveryStatus::delivered}, "3/2 "},
      {"waiting", {.endpoint = EndpointId{1}, .status = DeliveryStatus::waiting}, "3/1 2/1 "},
      {"type", {.types = EventTypes::of(EventType::payment_failed)}, "2/3 2/2 2/1 "},
      {"events", {.events = {{EventId{3}, EventId{1}}}}, "3/3 3/2 3/1 1/3 1/2 1/1 "},
      {"no events", {.events = std::vector<EventId>()}, ""},
      {"since", {.endpoint = EndpointId{1}, .since = began + seconds(2)}, "3/1 2/1 "},
      {"since later", {.since = began + seconds(9)}, ""},
      {"until", {.endpoint = EndpointId{1}, .until = began + seconds(3)}, "2/1 1/1 "},
      {"until all", {.endpoint = EndpointId{1}, .until = began + seconds(9)}, "3/1 2/1 1/1 "},
      {"between", {.endpoint = EndpointId{1}, .since = began + seconds(2), .until = began + seconds(3)}, "2/1 "},
      {"upside down", {.since = began + seconds(3), .until = began + seconds(2)}, ""},
      {"an event out of the time", {.events = {{EventId{3}, EventId{1}}}, .since = began + seconds(2)}, "3/3 3/2 3/1 "},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(show(list(c.query)), c.found) << c.name;
    DeliveryQuery one_by_one = c.query;
    one_by_one.limit = 1;
    EXPECT_EQ(walk(one_by_one), c.found) << c.name << ", one a page";
  }
}

TEST_F(DeliveryLog, ShowsItsModeOnly) {
  record();
  record(EventType::payment_success, Mode::live);
  EXPECT_EQ(show(list({})), "1/3 1/2 1/1 ");
  const auto found = [&](Mode mode) {
    return read([&](db::Transaction& tx) {
      return find_delivery(tx, {scope.merchant, mode}, {EventId{2}, EndpointId{1}}).has_value();
    });
  };
  EXPECT_FALSE(found(Mode::test));
  EXPECT_TRUE(found(Mode::live));
}

TEST_F(DeliveryLog, LooksAtABoundedNumberAndGoesOn) {
  record();
  try_once(EventId{1}, EndpointId{1}, DeliveryStatus::delivered);
  record_many(deliveries_looked_at_max);
  int pages = 0;
  EXPECT_EQ(walk({.status = DeliveryStatus::delivered}, &pages), "1/1 ");
  EXPECT_GE(pages, 3);
  EXPECT_LE(pages, 5);
  // Those given up are found at once, however many others there are.
  try_once(EventId{1}, EndpointId{2}, DeliveryStatus::given_up);
  EXPECT_EQ(show(list({.status = DeliveryStatus::given_up})), "1/2 ");
}

TEST_F(DeliveryLog, ManyEventsOfOnePaymentGoOnToo) {
  record_many(1'000);
  std::vector<EventId> all;
  for (std::int64_t id = 1'000; id > 0; --id) all.push_back({id});
  int pages = 0;
  EXPECT_EQ(walk({.status = DeliveryStatus::delivered, .events = all}, &pages), "");
  EXPECT_GE(pages, 2);
  EXPECT_EQ(walk({.endpoint = EndpointId{2}, .events = {{EventId{999}, EventId{4}}}}), "999/2 4/2 ");
}

TEST_F(DeliveryLog, ShowsTheLatestTries) {
  record();
  for (int number = 1; number <= attempts_shown_max + 2; ++number) {
    try_once(EventId{1}, EndpointId{1}, DeliveryStatus::waiting, number);
  }
  const auto attempts =
      read([&](db::Transaction& tx) { return attempts_of(tx, {scope.merchant, EndpointId{1}}, EventId{1}); });
  ASSERT_EQ(attempts.size(), std::size_t(attempts_shown_max));
  EXPECT_EQ(attempts.front().number, 3);
  EXPECT_EQ(attempts.back().number, attempts_shown_max + 2);
  EXPECT_EQ(attempts.back().status, 500);
  EXPECT_EQ(attempts.back().answer, "no");
  EXPECT_EQ(attempts.back().total, microseconds(1'234));
}

}  // namespace
}  // namespace epay::events
