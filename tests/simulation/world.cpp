#include "simulation/world.h"

#include "app/accounts.h"
#include "base/check.h"
#include "simulation/audit_store.h"
#include "simulation/run_task.h"

namespace epay::simulation {
namespace {

constexpr std::uint16_t first_port = 8080;
constexpr const char* private_block = "10.0.0.0/8";
// What is left after the faults is worked off within this.
constexpr hours quiet_within{4 * 24};
// Then it stays quiet: nothing is sent again.
constexpr hours quiet_for{2};
constexpr seconds stop_time_max{20};

std::vector<SocketAddress> addresses_of(const Plan& plan) {
  std::vector<SocketAddress> addresses;
  for (std::size_t i = 0; i < plan.processes; ++i)
    addresses.push_back({IpAddress::v4(10, 0, 0, 1), static_cast<std::uint16_t>(first_port + i)});
  return addresses;
}

}  // namespace

// One process. Where it serves alone its store is its own; else it shares it through a door.
struct World::Service {
  Service(World& w, SocketAddress address)
      : world(w), clock(w.clock_), network(w.network_, clock), tasks(clock, w.log_, "service") {
    if (w.several()) {
      door = std::make_unique<SharedStore>(clock, w.log_, w.path_, w.doors_);
    } else {
      auto opened =
          db::SqliteDatabase::open(clock, w.log_, {.path = w.path_, .threading = db::Threading::inline_steps});
      EPAY_CHECK(opened.has_value());
      alone = *std::move(opened);
    }
    app::AppOptions options{
        .listen = address,
        .allowed_webhook_blocks = {*http::Cidr::parse(private_block)},
        .simulator_delay = w.plan_.rail_delay,
        .checkout = {.attempts_per_address = 0},
        .prompts_per_number = 0,
        .passwords = {PasswordHasher::Threading::inline_steps, {.passes = 1, .memory_bytes = 8'192}}};
    app = std::make_unique<app::App>(clock, w.app_random_, network, w.log_, database(), w.vault_, options);
  }
  db::Database& database() { return door ? static_cast<db::Database&>(*door) : *alone; }
  void limit_pages(std::int64_t pages_max) { door ? door->limit_pages(pages_max) : alone->limit_pages(pages_max); }
  // Nothing of it that waits is ever resumed; what was committed stays.
  void drop_all() {
    clock.drop_all();
    door ? door->drop_all() : alone->drop_all();
  }

  World& world;
  ProcessClock clock;
  SimNetwork network;
  std::unique_ptr<db::SqliteDatabase> alone;
  std::unique_ptr<SharedStore> door;
  std::unique_ptr<app::App> app;
  TaskGroup tasks;
};

World::World(Plan plan, std::uint64_t seed, bool print_trace)
    : plan_(std::move(plan)),
      network_random_(seed * 8 + 2),
      app_random_(seed * 8 + 3),
      people_random_(seed * 8 + 4),
      fault_random_(seed * 8 + 5),
      network_(clock_, network_random_),
      trace_(clock_, print_trace),
      log_(
          LogLevel::info, [this] { return clock_.now(); },
          [this](LogLevel level, std::string_view line) { hear_log(level, line); }),
      vault_(Secret(std::string(Vault::key_bytes, 'k'))),
      path_("file:/epay-simulation?vfs=memdb"),
      auditor_(clock_, plan_),
      receivers_(clock_, network_, people_random_, trace_, auditor_, plan_.merchants),
      clients_(clock_, network_, people_random_, trace_, auditor_, plan_, addresses_of(plan_)) {
  for (const SocketAddress address : addresses_of(plan_))
    places_.push_back({.address = address, .service = {}, .starts_at = {}});
  auto anchor = db::SqliteConnection::open(path_, db::SqliteConnection::Access::read_write, seconds(5));
  EPAY_CHECK(anchor.has_value());
  anchor_ = *std::move(anchor);
  network_.set_latency(plan_.latency_least, plan_.latency_most);
}

World::~World() { drop_everything(); }

// Errors that say that the service met what it must never meet.
void World::hear_log(LogLevel level, std::string_view line) {
  trace_.add(line);
  if (line.find("\"process_lost\"") != std::string_view::npos) auditor_.process_lost();
  if (level != LogLevel::error) return;
  for (const std::string_view event :
       {"task_failed", "request_failed", "response_malformed", "rail_contradicts_itself", "rail_switched_off"}) {
    if (line.find("\"" + std::string(event) + "\"") != std::string_view::npos)
      auditor_.fail("the log says " + std::string(line));
  }
}

// ---- the service, its life and its death ----

void World::start_service(Place& place) {
  place.starts_at.reset();
  place.stopped = false;
  place.service = std::make_unique<Service>(*this, place.address);
  if (fault_ends_.contains(1)) place.service->limit_pages(1);
  struct Start {
    static Task<void> run(World& world, Place& place, app::App& app) {
      const auto started = co_await app.start();
      // Where others are, the store may be full or out of reach for it.
      if (!started && world.several()) world.starts_later(place);
      EPAY_CHECK(started.has_value() || world.several());
    }
  };
  trace_.add("a service starts at " + place.address.to_string());
  place.service->tasks.spawn(Start::run(*this, place, *place.service->app));
}

void World::start_all() {
  for (Place& place : places_) start_service(place);
}

void World::start_people() {
  people_ = std::make_unique<TaskGroup>(clock_, log_, "people");
  receivers_.start(*people_);
  clients_.start(*people_);
}

// As a power cut: nothing that waits is ever resumed, what was committed stays.
void World::drop_everything() {
  clock_.drop_all();
  network_.drop_all();
  for (Place& place : places_) {
    if (place.service) place.service->drop_all();
  }
  people_.reset();
  for (Place& place : places_) place.service.reset();
  clients_.drop_connections();
  clock_.drop_all();
}

// Of several, as kill -9: its connections are closed, the others go on.
void World::kill(Place& place) {
  place.service->drop_all();
  place.service.reset();
  auditor_.process_lost();
}

// The next process finds a disk with room on it.
void World::make_room() {
  fault_ends_.erase(1);
  auditor_.store_has_room();
}

void World::crash() {
  const microseconds down = fault_random_.once_in(3) ? microseconds(0) : microseconds(fault_random_.below(40'000'000));
  ++crashes_;
  constexpr std::uint64_t all_at_once_every = 8;
  if (!several() || fault_random_.once_in(all_at_once_every)) return crash_all(down);
  Place& place = any_place();
  if (!place.service) return plan_next_crash();
  trace_.add("kill " + place.address.to_string() + ", down for " + std::to_string(down.count()) + " us");
  kill(place);
  audit();
  place.starts_at = clock_.ticks() + down;
  plan_next_crash();
}

void World::crash_all(microseconds down) {
  trace_.add("crash, down for " + std::to_string(down.count()) + " us");
  auditor_.service_died();
  if (several()) auditor_.process_lost();
  drop_everything();
  make_room();
  audit();
  start_people();
  for (Place& place : places_) place.starts_at = clock_.ticks() + down;
  plan_next_crash();
}

void World::restart_orderly(microseconds stop_time) {
  Place& place = several() ? any_place() : places_.front();
  if (!place.service) return;
  struct Stop {
    static Task<void> run(app::App& app, Ticks due, bool& stopped) {
      co_await app.stop(due);
      stopped = true;
    }
  };
  trace_.add("an orderly stop begins");
  const Ticks due = clock_.ticks() + stop_time;
  place.service->tasks.spawn(Stop::run(*place.service->app, due, place.stopped));
}

void World::starts_later(Place& place) {
  constexpr seconds tried_again_after{5};
  place.starts_at = clock_.ticks() + tried_again_after;
}

// Whatever has stopped in order is started again.
void World::replace_stopped() {
  for (Place& place : places_) {
    if (!place.stopped) continue;
    trace_.add("the service has stopped");
    if (several()) {
      kill(place);
    } else {
      auditor_.service_died();
      drop_everything();
      make_room();
      start_people();
    }
    start_service(place);
  }
}

std::optional<Ticks> World::next_start() const {
  std::optional<Ticks> next;
  for (const Place& place : places_) {
    if (place.starts_at && (!next || *place.starts_at < *next)) next = place.starts_at;
  }
  return next;
}

void World::start_due() {
  for (Place& place : places_) {
    if (!place.starts_at || *place.starts_at > clock_.ticks()) continue;
    if (place.service) kill(place);
    start_service(place);
  }
}

void World::plan_next_crash() {
  if (plan_.steps_between_crashes == 0) return;
  // Some at once after the last: a service that is just coming up must not lose anything either.
  const std::uint64_t most = fault_random_.once_in(4) ? 40 : plan_.steps_between_crashes * 2;
  crash_at_step_ = steps_ + 1 + fault_random_.below(most);
}

void World::steps_until(Ticks until, Crashes crashes) {
  while (!failed()) {
    start_due();
    const Ticks next = std::min(until, next_start().value_or(until));
    if (clock_.step(next)) {
      ++steps_;
      const bool running = std::ranges::any_of(places_, [](const Place& place) { return place.service != nullptr; });
      if (std::ranges::any_of(places_, &Place::stopped)) {
        replace_stopped();
      } else if (crashes == Crashes::allowed && running && steps_ == crash_at_step_) {
        crash();
      } else if (crashes == Crashes::allowed && steps_ == crash_at_step_) {
        plan_next_crash();
      }
      continue;
    }
    clock_.run_until(next);
    if (next == until) return;
  }
}

// ---- what happens ----

void World::open_accounts() {
  start_all();
  clock_.run_ready();
  for (std::size_t merchant = 0; merchant < plan_.merchants; ++merchant) {
    app::VerbContext context{clock_, app_random_, network_, places_.front().service->database(), vault_};
    const std::string number = std::to_string(merchant);
    app::NewAccount wanted{
        "Shop " + number, "shop" + number + "@example.com", "0244000000", {}, Receivers::url_of(merchant)};
    auto account = run_task(clock_, app::open_account(context, std::move(wanted), {private_block}));
    EPAY_CHECK(account.has_value());
    auditor_.open_account(merchant, account->merchant.value, account->webhook_secret.value());
    clients_.set_credentials(merchant, {account->merchant_key, account->app_id, account->app_secret});
  }
}

void World::let_happen(const Happening& happening) {
  using Kind = Happening::Kind;
  constexpr SimNetwork::Fault faults[] = {SimNetwork::Fault::refuse, SimNetwork::Fault::silent,
                                          SimNetwork::Fault::black_hole};
  const std::size_t merchant = happening.merchant;
  trace_.add("happening " + std::to_string(static_cast<int>(happening.kind)) + " for " +
             std::to_string(happening.lasts.count()) + " us, merchant " + std::to_string(merchant));
  switch (happening.kind) {
    case Kind::service_unreachable:
      for (const Place& place : places_) network_.set_fault(place.address, faults[happening.fault]);
      return heal_later(happening.lasts, 0);
    case Kind::service_link_breaks:
      return network_.break_next_connection_after(places_.back().address, happening.bytes);
    case Kind::receiver_unreachable:
      network_.set_fault(Receivers::address_of(merchant), faults[happening.fault]);
      return heal_later(happening.lasts, 2 + merchant);
    case Kind::receiver_link_breaks:
      return network_.break_next_connection_after(Receivers::address_of(merchant), happening.bytes);
    case Kind::receiver_mood:
      receivers_.set_mood(merchant, happening.mood);
      return heal_later(happening.lasts, 2 + plan_.merchants + merchant);
    case Kind::wall_jump:
      auditor_.wall_jumps();
      clock_.jump_wall(happening.lasts);
      return auditor_.wall_jumps();
    case Kind::disk_full:
      if (!several() && !places_.front().service) return;
      auditor_.store_is_full();
      for (Place& place : places_) {
        if (place.service) place.service->limit_pages(1);
      }
      return heal_later(happening.lasts, 1);
    case Kind::restart: return restart_orderly(stop_time_max);
    case Kind::audit: return audit();
    case Kind::store_cut: return cut_off(happening);
  }
}

void World::cut_off(const Happening& happening) {
  constexpr SharedStore::Cut cuts[] = {SharedStore::Cut::fails, SharedStore::Cut::hangs,
                                       SharedStore::Cut::loses_replies};
  const std::size_t which = happening.merchant % places_.size();
  Place& place = places_[which];
  if (!place.service) return;
  // What it could not write down may be done again by another.
  auditor_.process_lost();
  place.service->door->set_cut(cuts[happening.fault]);
  heal_later(happening.lasts, 2 + 2 * plan_.merchants + which);
}

void World::heal_later(microseconds lasts, std::size_t slot) { fault_ends_[slot] = clock_.ticks() + lasts; }

void World::end_due_faults() {
  constexpr std::int64_t no_limit = 1'000'000'000;
  for (auto fault = fault_ends_.begin(); fault != fault_ends_.end();) {
    if (clock_.ticks() < fault->second) {
      ++fault;
      continue;
    }
    const std::size_t slot = fault->first;
    fault = fault_ends_.erase(fault);
    trace_.add("fault " + std::to_string(slot) + " ends");
    if (slot == 0) {
      for (const Place& place : places_) network_.set_fault(place.address, SimNetwork::Fault::none);
    } else if (slot == 1) {
      auditor_.store_has_room();
      for (Place& place : places_) {
        if (place.service) place.service->limit_pages(no_limit);
      }
    } else if (slot < 2 + plan_.merchants) {
      network_.set_fault(Receivers::address_of(slot - 2), SimNetwork::Fault::none);
    } else if (slot < 2 + 2 * plan_.merchants) {
      receivers_.set_mood(slot - 2 - plan_.merchants, Mood::good);
    } else {
      Place& place = places_[slot - 2 - 2 * plan_.merchants];
      if (place.service) place.service->door->set_cut(SharedStore::Cut::none);
      auditor_.process_lost();
    }
  }
}

void World::heal_everything() {
  trace_.add("all faults end");
  for (auto& [slot, ends] : fault_ends_) ends = clock_.ticks();
  end_due_faults();
}

void World::audit() {
  anchor_->begin();
  auditor_.check_books(*anchor_);
  anchor_->rollback();
}

// ---- the run ----

bool World::quiet() {
  anchor_->begin();
  std::int64_t open = 0;
  for (const db::Sql* sql : {&store::count_waiting_deliveries, &store::count_open_attempts, &store::count_deciding}) {
    open += *anchor_->query_one(*sql, [](const db::Row& row) { return row.integer(0); });
  }
  anchor_->rollback();
  return open == 0 && clients_.finished();
}

void World::run_until_quiet() {
  const Ticks latest = clock_.ticks() + quiet_within;
  while (!failed() && !quiet()) {
    if (clock_.ticks() >= latest) return auditor_.fail("after four days without a fault it has not come to rest");
    steps_until(clock_.ticks() + minutes(20), Crashes::none);
  }
  steps_until(clock_.ticks() + quiet_for, Crashes::none);
}

void World::reconcile() {
  std::vector<std::vector<Listed>> lists(plan_.merchants);
  for (std::size_t merchant = 0; merchant < plan_.merchants; ++merchant) {
    run_task(clock_, clients_.list_all(merchant, lists[merchant]));
  }
  anchor_->begin();
  auditor_.check_books(*anchor_);
  auditor_.reconcile(lists, *anchor_);
  anchor_->rollback();
}

RunReport World::run() {
  open_accounts();
  start_people();
  plan_next_crash();
  const Ticks began = clock_.ticks();
  for (const Happening& happening : plan_.happenings) {
    const Ticks at = began + happening.at;
    while (!failed() && clock_.ticks() < at) {
      Ticks next = at;
      for (const auto& [slot, ends] : fault_ends_) next = std::min(next, ends);
      steps_until(next, Crashes::allowed);
      end_due_faults();
    }
    if (!failed()) let_happen(happening);
  }
  steps_until(began + plan_.lasts, Crashes::allowed);
  heal_everything();
  run_until_quiet();
  if (!failed()) reconcile();
  return {auditor_.failure(), trace_.hash(), auditor_.endings(),    auditor_.messages(), auditor_.receipts(),
          crashes_,           steps_,        clock_.ticks() - began};
}

RunReport run_seed(std::uint64_t seed, std::size_t processes, bool print_trace) {
  return World(make_plan(seed, processes), seed, print_trace).run();
}

}  // namespace epay::simulation
