// A dispatcher over a store of its own, and receivers that note what reaches them, for tests.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/router.h"
#include "http/server.h"
#include "simulation/memory_store.h"
#include "simulation/sim_network.h"
#include "webhooks/dispatcher.h"
#include "webhooks/signer.h"

namespace epay::simulation {

struct Received {
  Timestamp at;
  IpAddress to;
  std::string id, body, attempt;
  bool signed_well = false;
  http::Headers headers = {};
};

// Receivers at 10.0.0.1, 10.0.0.2, … as MemoryStore's endpoints have them.
class Dispatching : public testing::Test {
 protected:
  static constexpr int hang = -1;

  explicit Dispatching(MemoryStore::Where where = MemoryStore::Where::wherever) : store(where) {}
  ~Dispatching() override {
    network.drop_all();
    store.clock.drop_all();
  }

  // Answers with the statuses in turn, then 200.
  void receive_at(int host, std::vector<int> statuses = {}) {
    auto receiver = std::make_unique<Receiver>(*this, host, std::move(statuses));
    tasks.spawn(receiver->server.serve(*network.listen({receiver->ip, 80}, {})));
    receivers.push_back(std::move(receiver));
  }
  events::Recorded record(Scope scope, int count = 1) {
    events::Recorded all;
    for (int i = 0; i < count; ++i) {
      auto recorded = store.write([&](db::Transaction& tx) -> Result<events::Recorded> {
        return events::record(
            tx,
            {scope, events::EventType::payment_success, {}, "{\"n\":" + std::to_string(i) + "}", store.clock.now()});
      });
      all.add(*std::move(recorded));
    }
    return all;
  }
  std::unique_ptr<webhooks::Dispatcher> make(webhooks::DispatcherOptions options = {}) {
    return make_over(*store.database, members, std::move(options));
  }
  std::unique_ptr<webhooks::Dispatcher> make_over(db::Database& database, Membership& of,
                                                  webhooks::DispatcherOptions options = {}) {
    auto dispatcher = std::make_unique<webhooks::Dispatcher>(store.clock, store.random, store.log, database, of, client,
                                                             store.vault, std::move(options));
    dispatcher->start();
    return dispatcher;
  }
  // Commits an event every so often and tells the dispatcher, until `end`.
  Task<void> keep_recording(db::Database& database, webhooks::Dispatcher& dispatcher, Scope scope, microseconds every,
                            Ticks end) {
    while (store.clock.ticks() < end) {
      co_await store.clock.sleep(every);
      auto recorded =
          co_await database.write([scope, now = store.clock.now()](db::Transaction& tx) -> Result<events::Recorded> {
            return events::record(tx, {scope, events::EventType::payment_success, {}, "{}", now});
          });
      dispatcher.publish(*std::move(recorded));
    }
  }
  events::Endpoint endpoint_of(Scope scope, std::size_t which = 0) {
    return *store.write([&](db::Transaction& tx) -> Result<events::Endpoint> {
      return events::list_endpoints(tx, scope.merchant).at(which);
    });
  }
  // Changes an endpoint's settings, as its owner would.
  void change(webhooks::Dispatcher& dispatcher, Scope scope,
              const std::function<void(events::EndpointSettings&)>& change_settings, std::size_t which = 0) {
    auto endpoint = endpoint_of(scope, which);
    change_settings(endpoint.settings);
    EPAY_CHECK(store
                   .write([&](db::Transaction& tx) {
                     return events::update_endpoint(tx, endpoint.key, endpoint.settings, store.clock.now());
                   })
                   .has_value());
    dispatcher.endpoint_changed(endpoint.key);
  }
  // When the deliveries to one host came, after `since`.
  std::vector<microseconds> arrivals(Timestamp since, int host = 1) const {
    std::vector<microseconds> times;
    for (const Received& got : received) {
      if (got.to == IpAddress::v4(10, 0, 0, std::uint8_t(host))) times.push_back(got.at - since);
    }
    return times;
  }
  std::vector<events::DeliverySummary> deliveries(Scope scope) {
    return *store.write([&](db::Transaction& tx) -> Result<std::vector<events::DeliverySummary>> {
      return events::recent_deliveries(tx, scope.merchant, 10'000);
    });
  }

  struct Receiver {
    Receiver(Dispatching& world, int host, std::vector<int> statuses)
        : ip(IpAddress::v4(10, 0, 0, std::uint8_t(host))),
          server(world.store.clock, world.store.random, world.store.log, router, {}),
          script(std::move(statuses)) {
      router.add("POST", "/hook", [this, &world](http::Request& request) { return answer(world, request); });
    }
    Task<http::Response> answer(Dispatching& world, http::Request& request) {
      const auto header = [&](const char* name) { return std::string(request.headers.get(name)); };
      Received got{world.store.clock.now(), ip, header("webhook-id"), request.body, header("epay-delivery-attempt")};
      const Timestamp sent_at{std::stoll(header("webhook-timestamp")) * 1'000'000};
      got.signed_well =
          header("webhook-signature") == webhooks::sign(Secret(std::string(32, 's')), {got.id, sent_at, got.body});
      got.headers = request.headers;
      world.received.push_back(got);
      if (world.answers_after > microseconds(0)) co_await world.store.clock.sleep(world.answers_after);
      const int status = next < script.size() ? script[next++] : 200;
      if (status == hang) co_await world.store.clock.sleep(hours(1000));
      auto response = http::Response::text(status, "answer");
      if (status >= 300 && !retry_after.empty()) response.headers.add("Retry-After", retry_after);
      co_return response;
    }
    IpAddress ip;
    http::Router router;
    http::Server server;
    std::vector<int> script;
    std::size_t next = 0;
    std::string retry_after;  // of what is no success
  };

  MemoryStore store;
  Membership members{store.clock, store.log, *store.database};  // of a process that is alone
  SimNetwork network{store.clock, store.random};
  http::Client client{store.clock, network, http::AddressGuard({*http::Cidr::parse("10.0.0.0/8")}), {}};
  microseconds answers_after{0};
  std::vector<Received> received;
  std::vector<std::unique_ptr<Receiver>> receivers;
  TaskGroup tasks{store.clock, store.log, "receivers"};
};

}  // namespace epay::simulation
