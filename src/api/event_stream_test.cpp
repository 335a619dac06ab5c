#include "api/event_stream.h"

#include <gtest/gtest.h>

#include "http/server_sent_events.h"
#include "merchants/access_token.h"
#include "runtime/task_group.h"
#include "simulation/memory_store.h"
#include "simulation/slow_store.h"

namespace epay::api {
namespace {

constexpr db::Sql delete_tokens{"DELETE FROM access_tokens"};

// A client's end of a stream: it may read slowly, and go away.
class Client final : public http::BodyWriter {
 public:
  explicit Client(Clock& clock) : clock_(clock) {}

  Task<Result<>> write(std::string_view bytes) override {
    if (takes > microseconds(0)) co_await clock_.sleep(takes);
    if (gone_after && pieces >= *gone_after) co_return fail(ErrorCode::connection_closed, "gone");
    ++pieces;
    bytes_max = std::max(bytes_max, bytes.size());
    text += bytes;
    for (const http::ServerSentEvent& event : parser.put(bytes)) {
      ids.push_back(std::stoll(event.id));
      types.push_back(event.event);
    }
    co_return Result<>();
  }

  microseconds takes{0};          // for each piece
  std::optional<int> gone_after;  // so many pieces
  int pieces = 0;
  std::size_t bytes_max = 0;
  std::string text;
  std::vector<std::int64_t> ids;
  std::vector<std::string> types;
  bool ended = false;
  http::ServerSentEventParser parser;

 private:
  Clock& clock_;
};

class EventStream : public testing::Test {
 protected:
  EventStream() {
    (void)store.write([&](db::Transaction& tx) -> Result<> {
      const auto integration = merchants::create_integration(
          tx, {.merchant = scope.merchant, .app_id = "0123456789abc", .now = store.clock.now()});
      merchants::grant_token(tx, {.id = *integration, .scope = scope}, token, store.clock.now());
      return {};
    });
  }
  ~EventStream() override {
    feed.close();
    store.clock.run_for(seconds(60));
    EXPECT_EQ(tasks.size(), 0u);
    EXPECT_EQ(streams.open_streams(scope.merchant), 0);
    EXPECT_EQ(feed.readers(), 0u);
  }

  EventStreams::Wanted wanted(std::int64_t after = 0) const {
    return {.scope = scope,
            .after = EventId{after},
            .expires_at = store.clock.now() + merchants::access_token_life,
            .token = token};
  }
  // It lives as long as its stream may run.
  Client& new_client() { return *all_clients.emplace_back(std::make_unique<Client>(store.clock)); }
  // Begins a stream to the client; it runs by itself. False when it was refused.
  bool open(Client& client, EventStreams::Wanted what) {
    auto response = streams.open(std::move(what));
    if (!response) return false;
    EXPECT_EQ(response->headers.get("content-type"), "text/event-stream");
    tasks.spawn(run(*std::move(response), client));
    return true;
  }
  static Task<void> run(http::Response response, Client& client) {
    co_await response.stream(client);
    client.ended = true;
  }
  // Commits and publishes an event, as the service does: the news follow the commit.
  Task<void> record(events::EventType type = events::EventType::payment_success, std::size_t payload_bytes = 0) {
    const auto recorded = co_await slow.write([&, now = store.clock.now()](db::Transaction& tx) {
      return Result<events::Recorded>(events::record(
          tx, {.scope = scope, .type = type, .payload = "\"" + std::string(payload_bytes, 'x') + "\"", .now = now}));
    });
    feed.notify(*recorded->merchant);
  }
  Task<void> record_many(int count, int pause_max) {
    for (int i = 0; i < count; ++i) {
      co_await record();
      if (pause_max > 0) co_await store.clock.sleep(microseconds(store.random.below(std::uint64_t(pause_max))));
    }
  }
  static std::vector<std::int64_t> up_to(std::int64_t last, std::int64_t first = 1) {
    std::vector<std::int64_t> ids;
    for (; first <= last; ++first) ids.push_back(first);
    return ids;
  }

  simulation::MemoryStore store;
  simulation::SlowStore slow{store.clock, store.log, *store.database};
  webhooks::Feed feed{store.clock};
  Membership members{store.clock, store.log, slow};
  Authenticator authenticator{store.clock, slow, members, 0};
  EventStreams streams{store.clock, slow, feed, authenticator};
  TaskGroup tasks{store.clock, store.log, "streams"};
  Scope scope = store.merchant(0);
  std::vector<std::unique_ptr<Client>> all_clients;
  const std::string token = merchants::make_access_token(scope.merchant, "chance");
};

TEST_F(EventStream, NeitherMissesNorDoublesWhatIsCommittedMeanwhile) {
  std::int64_t recorded = 0;
  for (const int pause_max : {0, 300, 1'500, 5'000}) {
    Client& fast = new_client();
    Client& slow_one = new_client();
    slow_one.takes = milliseconds(7);
    const std::int64_t before = recorded;
    ASSERT_TRUE(open(fast, wanted(before)));
    ASSERT_TRUE(open(slow_one, wanted(before)));
    // Three at a time, so that commits come together and in between.
    for (int i = 0; i < 3; ++i) tasks.spawn(record_many(200, pause_max));
    recorded += 600;
    store.clock.run_for(seconds(14));
    EXPECT_EQ(fast.ids, up_to(recorded, before + 1)) << pause_max;
    EXPECT_EQ(slow_one.ids, up_to(recorded, before + 1)) << pause_max;
    // An event arrives as soon as the store has been read for it.
    Client& late = new_client();
    ASSERT_TRUE(open(late, wanted(recorded)));
    store.clock.run_for(milliseconds(20));
    tasks.spawn(record());
    ++recorded;
    store.clock.run_for(milliseconds(5));
    EXPECT_EQ(late.ids, up_to(recorded, recorded));
    fast.gone_after = slow_one.gone_after = late.gone_after = 0;
    store.clock.run_for(seconds(20));
    EXPECT_TRUE(fast.ended && slow_one.ended && late.ended);
  }
}

TEST_F(EventStream, AClientThatIsCutOffGoesOnWhereItWas) {
  tasks.spawn(record_many(1'000, 10'000));
  std::vector<std::int64_t> seen;
  std::int64_t last = 0;
  int cuts = 0;
  while (seen.size() < 1'000) {
    Client& client = new_client();
    client.gone_after = int(store.random.below(40));
    ASSERT_TRUE(open(client, wanted(last)));
    // Its end is noticed when the next thing is sent, at the latest with the next heartbeat.
    const Ticks due = store.clock.ticks() + 2 * EventStreams::heartbeat_every;
    while (!client.ended && store.clock.ticks() < due) {
      if (seen.size() + client.ids.size() >= 1'000) client.gone_after = 0;
      store.clock.run_for(milliseconds(1));
    }
    ASSERT_TRUE(client.ended);
    seen.insert(seen.end(), client.ids.begin(), client.ids.end());
    if (!client.parser.last_event_id().empty()) last = std::stoll(client.parser.last_event_id());
    ASSERT_LT(++cuts, 1'000);
  }
  EXPECT_EQ(seen, up_to(1'000));
  EXPECT_GT(cuts, 20);
}

TEST_F(EventStream, SendsOnlyWhatIsAskedForAndMovesOn) {
  Client& client = new_client();
  auto what = wanted();
  what.types = events::EventTypes::of(events::EventType::payout_failed);
  ASSERT_TRUE(open(client, what));
  tasks.spawn(record_many(3, 0));
  store.clock.run_for(seconds(1));
  EXPECT_TRUE(client.ids.empty());
  // What was passed over is behind its cursor: reconnecting, it need not be looked at again.
  store.clock.run_for(EventStreams::heartbeat_every);
  EXPECT_EQ(client.parser.last_event_id(), "3");
  tasks.spawn(record(events::EventType::payout_failed));
  store.clock.run_for(seconds(1));
  EXPECT_EQ(client.ids, (std::vector<std::int64_t>{4}));
  EXPECT_EQ(client.types, std::vector<std::string>{"payout.failed"});
}

TEST_F(EventStream, SaysAtOnceWhereItBeginsAndThenBeats) {
  Client& client = new_client();
  ASSERT_TRUE(open(client, wanted(41)));
  store.clock.run_for(seconds(14));
  EXPECT_EQ(client.text, "retry: 1000\nid: 41\n\n");
  store.clock.run_for(seconds(32));
  EXPECT_EQ(client.text, "retry: 1000\nid: 41\n\n:\nid: 41\n\n:\nid: 41\n\n:\nid: 41\n\n");
  EXPECT_TRUE(client.ids.empty());
}

TEST_F(EventStream, SendsLargeOnesByThemselves) {
  Client& client = new_client();
  tasks.spawn(record_many(300, 0));
  for (int i = 0; i < 3; ++i) tasks.spawn(record(events::EventType::payment_success, 40'000));
  store.clock.run_for(seconds(1));
  ASSERT_TRUE(open(client, wanted()));
  store.clock.run_for(seconds(1));
  EXPECT_EQ(client.ids, up_to(303));
  EXPECT_LT(client.bytes_max, 60'000u);
  EXPECT_LT(client.pieces, 30);
}

TEST_F(EventStream, EndsWhenTheTokenExpires) {
  Client& client = new_client();
  auto what = wanted();
  what.expires_at = store.clock.now() + seconds(40);
  ASSERT_TRUE(open(client, what));
  store.clock.run_for(seconds(39));
  EXPECT_FALSE(client.ended);
  store.clock.run_for(seconds(1));
  EXPECT_TRUE(client.ended);
}

TEST_F(EventStream, EndsSoonAfterTheTokenIsRevoked) {
  Client& client = new_client();
  ASSERT_TRUE(open(client, wanted()));
  store.clock.run_for(seconds(20));
  EXPECT_FALSE(client.ended);
  (void)store.write([](db::Transaction& tx) -> Result<> {
    tx.execute(delete_tokens);
    return {};
  });
  store.clock.run_for(seconds(16));
  EXPECT_TRUE(client.ended);
}

TEST_F(EventStream, EndsWhenTheServiceStops) {
  Client& client = new_client();
  ASSERT_TRUE(open(client, wanted()));
  store.clock.run_for(seconds(1));
  feed.close();
  store.clock.run_for(milliseconds(10));
  EXPECT_TRUE(client.ended);
  Client& late = new_client();
  ASSERT_TRUE(open(late, wanted()));
  store.clock.run_for(milliseconds(10));
  EXPECT_TRUE(late.ended);
}

TEST_F(EventStream, AMerchantHasSoManyPlaces) {
  std::vector<Client*> clients;
  for (int i = 0; i < EventStreams::per_merchant_max; ++i) {
    clients.push_back(&new_client());
    ASSERT_TRUE(open(*clients.back(), wanted()));
  }
  store.clock.run_for(seconds(1));
  const auto refused = streams.open(wanted());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_many_requests);
  // Another merchant has places of its own.
  auto other = wanted();
  other.scope.merchant.value += 1;
  EXPECT_TRUE(streams.open(other));
  // A refusal finds out at once which clients are gone.
  clients[3]->gone_after = 0;
  EXPECT_FALSE(streams.open(wanted()));
  store.clock.run_for(milliseconds(50));
  EXPECT_TRUE(clients[3]->ended);
  Client& next = new_client();
  EXPECT_TRUE(open(next, wanted()));
  EXPECT_FALSE(streams.open(wanted()));
  feed.close();
  store.clock.run_for(seconds(1));
}

// The answer to HEAD: made, and never streamed.
TEST_F(EventStream, AnUnusedResponseGivesItsPlaceBack) {
  for (int i = 0; i < 2 * EventStreams::per_merchant_max; ++i) EXPECT_TRUE(streams.open(wanted()));
  EXPECT_EQ(streams.open_streams(scope.merchant), 0);
}

}  // namespace
}  // namespace epay::api
