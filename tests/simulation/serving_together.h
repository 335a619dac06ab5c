// Several processes over one store, each with a clock, a door and a dispatcher of its own, for tests: any of them can
// be killed or cut off.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "processes/membership.h"
#include "simulation/dispatching.h"
#include "simulation/shared_store.h"

namespace epay::simulation {

class ServingTogether : public Dispatching {
 protected:
  // The doors open it again, by its place in memory.
  ServingTogether() : Dispatching(MemoryStore::Where::sqlite) {}

  struct Process {
    explicit Process(ServingTogether& all, webhooks::DispatcherOptions options)
        : clock(all.store.clock),
          network(all.network, clock),
          door(clock, all.store.log, all.store.path, all.doors),
          members(clock, all.store.log, door),
          client(clock, network, http::AddressGuard({*http::Cidr::parse("10.0.0.0/8")}), {}),
          dispatcher(clock, all.store.random, all.store.log, door, members, client, all.store.vault,
                     std::move(options)) {
      door.on_notice([this](const db::Notice& notice) { dispatcher.hear(notice); });
    }
    ProcessClock clock;
    SimNetwork network;
    SharedStore door;
    Membership members;
    http::Client client;
    webhooks::Dispatcher dispatcher;
  };

  std::unique_ptr<Process> serve(webhooks::DispatcherOptions options = {}) {
    auto process = std::make_unique<Process>(*this, std::move(options));
    EPAY_CHECK(run_task(store.clock, process->members.start()).has_value());
    process->dispatcher.start();
    return process;
  }
  // As kill -9: its connections are closed, and what waits is never resumed.
  static void kill(std::unique_ptr<Process>& process) {
    process->clock.drop_all();
    process->door.drop_all();
    process.reset();
  }
  void stop(std::unique_ptr<Process>& process) {
    const Ticks due = store.clock.ticks() + seconds(20);
    run_task(store.clock, process->dispatcher.stop(due));
    run_task(store.clock, process->members.stop(due));
    kill(process);
  }
  events::Recorded commit_in(Process& process, Scope scope, events::Chain* chain = nullptr) {
    return *run_task(store.clock, process.door.write([&](db::Transaction& tx) -> Result<events::Recorded> {
      return events::record(tx, {scope, events::EventType::payment_success, {}, "{}", store.clock.now()}, chain);
    }));
  }
  void record_in(Process& process, Scope scope, int count = 1) {
    for (int i = 0; i < count; ++i) process.dispatcher.publish(commit_in(process, scope));
  }
  // How often each came.
  std::map<std::string, int> receipts() const {
    std::map<std::string, int> times;
    for (const Received& got : received) ++times[got.id];
    return times;
  }
  std::size_t count(Scope scope, events::DeliveryStatus status) {
    std::size_t found = 0;
    for (const auto& delivery : deliveries(scope)) found += delivery.status == status ? 1u : 0u;
    return found;
  }

  SharedStore::Doors doors;
};

}  // namespace epay::simulation
