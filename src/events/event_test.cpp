// Numbering, catalogue, chains, secrets: the rules of the outbox, on a store in memory.
#include "events/event.h"

#include <gtest/gtest.h>

#include <set>

#include "events/catalogue.h"
#include "events/delivery.h"
#include "events/redelivery.h"
#include "events/signing_secret.h"
#include "http/json.h"
#include "simulation/memory_store.h"

namespace epay::events {
namespace {

class Outbox : public testing::Test {
 protected:
  EventId record_at(Scope scope, Timestamp at) {
    return *store.write([&](db::Transaction& tx) -> Result<EventId> {
      return *record(tx, {scope, EventType::payment_success, {}, "{}", at}).event;
    });
  }
  simulation::MemoryStore store;
};

TEST_F(Outbox, NumbersEachMerchantsEventsFromOneWithoutGaps) {
  const Scope first = store.merchant(), second = store.merchant();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(record_at(first, {}).value, i);
    EXPECT_EQ(record_at(second, {}).value, i);
  }
  // One that is undone leaves no gap.
  EXPECT_FALSE(store.write([&](db::Transaction& tx) -> Result<> {
    record(tx, {first, EventType::payment_success, {}, "{}", {}});
    return fail(ErrorCode::conflict, "undone");
  }));
  EXPECT_EQ(record_at(first, {}).value, 4);
}

TEST_F(Outbox, NumbersThatAreLeftOutAreNobodys) {
  const Scope busy = store.merchant(), idle = store.merchant();
  for (int i = 1; i <= 3; ++i) record_at(busy, {});
  const auto skip = [&] {
    EXPECT_TRUE(store.write([](db::Transaction& tx) -> Result<> {
      skip_event_ids(tx, 1'000);
      return {};
    }));
  };
  skip();
  EXPECT_EQ(record_at(busy, {}).value, 1'004);
  EXPECT_EQ(record_at(busy, {}).value, 1'005);
  skip();  // one merchant has told something since, the other has not
  EXPECT_EQ(record_at(busy, {}).value, 2'006);
  EXPECT_EQ(record_at(idle, {}).value, 2'001);
  EXPECT_EQ(record_at(store.merchant(), {}).value, 1) << "nobody has heard anything of a new merchant";
}

TEST_F(Outbox, FindsWhereATimeBegins) {
  const Scope scope = store.merchant();
  const auto since = [&](std::int64_t at) {
    const auto found = store.write([&](db::Transaction& tx) -> Result<std::optional<EventId>> {
      return first_event_since(tx, scope.merchant, {at});
    });
    return *found ? (**found).value : 0;
  };
  EXPECT_EQ(since(0), 0);
  for (int i = 1; i <= 40; ++i) record_at(scope, {i * 10});
  EXPECT_EQ(since(0), 1);
  EXPECT_EQ(since(10), 1);
  for (int i = 2; i <= 40; ++i) {
    EXPECT_EQ(since(i * 10), i);
    EXPECT_EQ(since(i * 10 - 9), i);
  }
  EXPECT_EQ(since(401), 0);
}

TEST(Catalogue, EachTypeIsThereOnceWithASchemaAndAnExample) {
  std::set<std::string_view> names;
  for (const EventKind& kind : catalogue()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(find_type(kind.name), kind.type);
    EXPECT_EQ(name_of(kind.type), kind.name);
    EXPECT_TRUE(http::Json::parse(kind.schema)) << kind.schema;
    EXPECT_TRUE(http::Json::parse(kind.example)) << kind.example;
    EXPECT_FALSE(kind.description.empty());
  }
  EXPECT_EQ(names.size(), 12u);
  EXPECT_FALSE(find_type("payment.unheard"));
}

TEST(WebhookId, NamesEventAndEndpoint) {
  EXPECT_EQ(webhook_id(EventId{17}, EndpointId{4}), "msg_17_4");
  const auto name = parse_webhook_id("msg_17_4");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->event.value, 17);
  EXPECT_EQ(name->endpoint.value, 4);
  for (const char* other : {"", "msg_", "msg_1", "msg_1_", "msg__1", "msg_1_2_3", "msg_1_2 ", "evt_1_2", "msg_a_2"}) {
    EXPECT_FALSE(parse_webhook_id(other)) << other;
  }
}

TEST_F(Outbox, OldAttemptsAreDeletedALittleAtATime) {
  if (simulation::TestSchema::there()) GTEST_SKIP() << "PostgreSQL drops them: db/postgres_pieces_test.cpp";
  static constexpr db::Sql count_attempts{"SELECT count(*) FROM delivery_attempts"};
  const Scope scopes[] = {store.merchant(2), store.merchant()};
  const auto attempts = [&] {
    return *store.write([&](db::Transaction& tx) -> Result<std::int64_t> {
      return *tx.query_one(count_attempts, [](const db::Row& row) { return row.integer(0); });
    });
  };
  // Forty events a day apart, of each merchant; each delivery tried once.
  constexpr microseconds day = hours(24);
  for (const Scope& scope : scopes) {
    for (int i = 0; i < 40; ++i) {
      const Timestamp at{i * day.count()};
      ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
        for (const Delivery& delivery : record(tx, {scope, EventType::payment_success, {}, "{}", at}).deliveries) {
          record_attempt(tx, {.lane = delivery.lane, .event = delivery.event, .started_at = at, .status = 200},
                         {.status = DeliveryStatus::delivered}, {}, at);
        }
        return {};
      }));
    }
  }
  ASSERT_EQ(attempts(), 120);
  std::vector<std::int64_t> steps;
  for (std::optional<LaneKey> after = LaneKey{}; after;) {
    const auto deleted = store.write([&](db::Transaction& tx) -> Result<AttemptsDeleted> {
      return delete_attempts(tx, *after, {30 * day.count()}, 25);
    });
    steps.push_back(deleted->count);
    after = deleted->after;
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{25, 25, 25, 15}));
  EXPECT_EQ(attempts(), 30);
}

class Secrets : public Outbox {
 protected:
  void rotate(char fill, microseconds old_life, SignatureScheme scheme = SignatureScheme::v1) {
    EXPECT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
      add_secret(tx, lane, {scheme, Secret(std::string(32, fill)), {}}, store.vault, old_life, store.clock.now());
      return {};
    }));
  }
  // The first letter of each that signs, the newest first.
  std::string signing() {
    std::string letters;
    const auto found =
        store.write([&](db::Transaction& tx) { return signing_secrets(tx, lane, store.vault, store.clock.now()); });
    for (const SigningSecret& secret : *found) letters += secret.bytes.reveal().front();
    return letters;
  }
  Scope scope = store.merchant();
  LaneKey lane{scope.merchant, EndpointId{1}};
};

TEST_F(Secrets, OldOnesSignUntilTheyExpire) {
  EXPECT_EQ(signing(), "s");
  rotate('a', hours(24));
  EXPECT_EQ(signing(), "as");
  store.clock.run_for(hours(23));
  EXPECT_EQ(signing(), "as");
  store.clock.run_for(hours(1));
  EXPECT_EQ(signing(), "a");
  rotate('b', microseconds(0));
  EXPECT_EQ(signing(), "b");
}

TEST_F(Secrets, AnEmergencyEndsAllOldOnesAtOnce) {
  rotate('a', hours(168));
  rotate('b', hours(168));
  EXPECT_EQ(signing(), "bas");
  rotate('c', microseconds(0));
  EXPECT_EQ(signing(), "c");
}

TEST_F(Secrets, AtMostTenOldOnesAreKept) {
  for (char letter = 'a'; letter <= 'n'; ++letter) rotate(letter, hours(168));
  EXPECT_EQ(signing(), "nmlkjihgfed");
}

TEST_F(Secrets, OfBothSchemesSideBySide) {
  rotate('a', hours(24), SignatureScheme::v1a);
  const auto found =
      store.write([&](db::Transaction& tx) { return signing_secrets(tx, lane, store.vault, store.clock.now()); });
  ASSERT_EQ(found->size(), 2u);
  EXPECT_TRUE(show_verifier(found->at(0)).starts_with("whpk_"));
  EXPECT_TRUE(show_verifier(found->at(1)).starts_with("whsec_"));
}

}  // namespace
}  // namespace epay::events
