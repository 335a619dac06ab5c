// A store of its own and the seams to go with it, for tests of rules: statements run on the spot. In memory, or on the
// PostgreSQL server that EPAY_TEST_POSTGRES names.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/crypto.h"
#include "base/log.h"
#include "db/open.h"
#include "events/signing_secret.h"
#include "merchants/merchant.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_random.h"
#include "simulation/test_schema.h"

namespace epay::simulation {

class MemoryStore {
 public:
  enum class Where { wherever, sqlite };
  explicit MemoryStore(Where where = Where::wherever)
      : log(
            LogLevel::debug, [this] { return clock.now(); },
            [this](LogLevel, std::string_view line) { lines.emplace_back(line); }) {
    static std::atomic<int> stores = 0;
    if (where == Where::wherever && TestSchema::there()) schema_.emplace();
    path = "file:/store" + std::to_string(++stores) + "?vfs=memdb";
    auto opened =
        db::open(clock, log, schema_ ? schema_->url() : "sqlite:" + path, {.threading = db::Threading::inline_steps});
    EPAY_CHECK(opened.has_value());
    database = *std::move(opened);
  }

  // Runs a body in a transaction of its own.
  template <class Body>
  auto write(Body body) {
    return run_task(clock, database->write(std::move(body)));
  }

  // A merchant with as many endpoints.
  Scope merchant(int endpoints = 1) {
    const std::string name = "shop" + std::to_string(++merchants_);
    return *write([&](db::Transaction& tx) -> Result<Scope> {
      const auto id = merchants::create_merchant(tx, {.name = name,
                                                      .email = name + "@example.com",
                                                      .telephone = "0240000000",
                                                      .merchant_key = name,
                                                      .now = clock.now()});
      EPAY_CHECK(id.has_value());
      for (int i = 0; i < endpoints; ++i) {
        const std::string url = "http://10.0.0." + std::to_string(i + 1) + "/hook";
        EPAY_CHECK(
            events::open_endpoint(tx, *id, {.url = url}, {.bytes = Secret(std::string(32, 's'))}, vault, clock.now())
                .has_value());
      }
      return Scope{*id, Mode::test};
    });
  }

  SimClock clock;
  SimRandom random{1};
  std::vector<std::string> lines;  // of the log
  Log log;
  Vault vault{Secret(std::string(Vault::key_bytes, 'k'))};
  std::string path;  // where it is in memory

 private:
  std::optional<TestSchema> schema_;

 public:
  std::unique_ptr<db::Database> database;

 private:
  int merchants_ = 0;
};

}  // namespace epay::simulation
