// One run of a seed: the real service in one thread over a simulated clock, network and chance, among merchants,
// customers and receivers, with faults and crashes between any two steps.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/app.h"
#include "base/crypto.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_database.h"
#include "simulation/auditor.h"
#include "simulation/clients.h"
#include "simulation/receivers.h"
#include "simulation/shared_store.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"
#include "simulation/trace.h"

namespace epay::simulation {

struct RunReport {
  std::optional<std::string> failure;
  std::uint64_t trace_hash = 0;
  Endings endings;           // of every payment
  std::size_t messages = 0;  // different webhooks
  std::size_t receipts = 0;  // webhooks received, again and again
  std::size_t crashes = 0;
  std::uint64_t steps = 0;
  microseconds virtual_time{0};
};

class World {
 public:
  World(Plan plan, std::uint64_t seed, bool print_trace);
  ~World();

  RunReport run();

 private:
  struct Service;  // what a crash takes away
  // A process, while it runs, and what becomes of it.
  struct Place {
    SocketAddress address;
    std::unique_ptr<Service> service;
    std::optional<Ticks> starts_at;
    bool stopped = false;
  };
  enum class Crashes { allowed, none };

  void open_accounts();
  void start_people();
  void start_service(Place& place);
  void start_all();
  std::optional<Ticks> next_start() const;
  void start_due();
  void kill(Place& place);
  void starts_later(Place& place);
  void cut_off(const Happening& happening);
  void drop_everything();
  void make_room();
  void crash();
  void crash_all(microseconds down);
  void restart_orderly(microseconds stop_time_max);
  void replace_stopped();
  bool several() const { return plan_.processes > 1; }
  Place& any_place() { return places_[fault_random_.below(places_.size())]; }
  void plan_next_crash();
  void steps_until(Ticks until, Crashes crashes);
  bool failed() const { return auditor_.failure().has_value(); }

  void let_happen(const Happening& happening);
  void heal_later(microseconds lasts, std::size_t slot);
  void end_due_faults();
  void heal_everything();
  void audit();

  bool quiet();
  void run_until_quiet();
  void reconcile();
  void hear_log(LogLevel level, std::string_view line);

  Plan plan_;
  SimClock clock_;
  SimRandom network_random_, app_random_, people_random_, fault_random_;
  SimNetwork network_;
  Trace trace_;
  Log log_;
  Vault vault_;
  std::string path_;
  // Keeps the store in memory while no service runs, and reads it for the audit.
  std::unique_ptr<db::SqliteConnection> anchor_;
  Auditor auditor_;
  Receivers receivers_;
  Clients clients_;
  std::vector<SharedStore*> doors_;  // of the processes that run, where there are several
  std::vector<Place> places_;
  std::unique_ptr<TaskGroup> people_;
  // By what it is: 0 services, 1 disk, 2… receivers' links, then their moods, then doors to the store.
  std::map<std::size_t, Ticks> fault_ends_;
  std::uint64_t steps_ = 0;
  std::uint64_t crash_at_step_ = 0;
  std::size_t crashes_ = 0;
};

RunReport run_seed(std::uint64_t seed, std::size_t processes, bool print_trace);

}  // namespace epay::simulation
