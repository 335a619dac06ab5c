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
  enum class Crashes { allowed, none };

  void open_accounts();
  void start_people();
  void start_service();
  void drop_everything();
  void make_room();
  void crash();
  void restart_orderly(microseconds stop_time_max);
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
  std::unique_ptr<Service> service_;
  std::unique_ptr<TaskGroup> people_;
  std::optional<Ticks> service_starts_at_;
  std::map<std::size_t, Ticks> fault_ends_;  // by place: 0 service, 1 disk, 2… receivers' links, then their moods
  bool stopped_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t crash_at_step_ = 0;
  std::size_t crashes_ = 0;
};

RunReport run_seed(std::uint64_t seed, bool print_trace);

}  // namespace epay::simulation
