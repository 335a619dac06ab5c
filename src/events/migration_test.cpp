// A store of the first version, with webhooks under way, opened by this one.
#include <gtest/gtest.h>

#include "db/sqlite_database.h"
#include "events/delivery.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"
#include "simulation/memory_store.h"
#include "simulation/run_task.h"

namespace epay::events {
namespace {

constexpr const char* path = "file:/before_webhooks?vfs=memdb";
constexpr db::Sql insert_endpoint{
    "INSERT INTO endpoints (merchant_id, id, url, secret_box, enabled, version, created_at) "
    "VALUES (1, 7, 'https://shop.example.com/hook', $1, 1, 3, 1000)"};
constexpr db::Sql insert_event{
    "INSERT INTO events (merchant_id, id, mode, type, payment_id, payload, created_at) "
    "VALUES (1, 300, 1, 2, 5, '{\"n\":1}', 2000)"};
constexpr db::Sql insert_delivery{
    "INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, instant_tries, due_at, updated_at) "
    "VALUES (1, 7, 300, 1, 2, 1, 5000, 2000)"};
constexpr db::Sql insert_attempt{
    "INSERT INTO delivery_attempts (merchant_id, endpoint_id, event_id, number, started_at, status, answer, dns_us, "
    "connect_us, first_byte_us, total_us) VALUES (1, 7, 300, 1, 2000, 500, x'', 1, 2, 3, 6)"};

TEST(Migration, AStoreOfTheFirstVersionKeepsItsEndpointsAndWhatWaits) {
  simulation::MemoryStore seams;
  const Secret secret(std::string(32, 'o'));
  const std::string box = seams.vault.seal(secret, "endpoint:1:7", {});
  const auto all = db::embedded_migrations();
  // One connection is kept: the store lives in memory.
  const auto old = *db::SqliteDatabase::open(
      seams.clock, seams.log, {.path = path, .threading = db::Threading::inline_steps, .migrations = all.first(1)});
  ASSERT_TRUE(simulation::run_task(seams.clock, old->write([&](db::Transaction& tx) -> Result<> {
    tx.execute(insert_endpoint, db::Bytes{box});
    tx.execute(insert_event);
    tx.execute(insert_delivery);
    tx.execute(insert_attempt);
    return {};
  })));

  const auto opened =
      db::SqliteDatabase::open(seams.clock, seams.log, {.path = path, .threading = db::Threading::inline_steps});
  ASSERT_TRUE(opened) << opened.error().message;
  const LaneKey lane{MerchantId{1}, EndpointId{7}};
  const auto looked = simulation::run_task(seams.clock, (*opened)->write([&](db::Transaction& tx) -> Result<> {
    const auto endpoint = find_endpoint(tx, lane);
    EXPECT_TRUE(endpoint);
    EXPECT_EQ(endpoint->settings.url, "https://shop.example.com/hook");
    EXPECT_EQ(endpoint->settings.types, EndpointSettings().types);
    EXPECT_EQ(endpoint->settings.in_flight_max, in_flight_max_default);
    EXPECT_FALSE(endpoint->settings.mode);
    EXPECT_TRUE(endpoint->enabled);
    EXPECT_EQ(endpoint_url_at(tx, lane, 3), "https://shop.example.com/hook");
    const auto secrets = signing_secrets(tx, lane, seams.vault, seams.clock.now());
    EXPECT_TRUE(secrets);
    EXPECT_EQ(secrets->at(0).bytes.reveal(), secret.reveal());
    const auto waiting = waiting_deliveries(tx, lane, {false, {}, {10'000}, 10});
    EXPECT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting.at(0).webhook_id(), "msg_300_7");
    EXPECT_EQ(*waiting.at(0).payload, "{\"n\":1}");
    EXPECT_EQ(waiting.at(0).tries, 2);
    EXPECT_EQ(waiting.at(0).uncounted_tries, 1);
    EXPECT_EQ(waiting.at(0).sequence, 1);
    // The next event is numbered after it.
    const auto recorded = record(tx, {{lane.merchant, Mode::test}, EventType::payment_success, {}, "{}", {20'000}});
    EXPECT_EQ(recorded.event, EventId{301});
    return {};
  }));
  EXPECT_TRUE(looked);
}

}  // namespace
}  // namespace epay::events
