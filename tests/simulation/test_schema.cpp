#include "simulation/test_schema.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "db/postgres_session.h"

namespace epay::simulation {
namespace {

const char* server() { return std::getenv("EPAY_TEST_POSTGRES"); }

void execute(const std::string& sql) {
  const db::PostgresOptions options{.url = server()};
  db::PostgresSession(options).execute_text(sql);
}

}  // namespace

bool TestSchema::there() { return server() != nullptr && *server() != '\0'; }

TestSchema::TestSchema() {
  static std::atomic<int> schemas = 0;
  name_ = "unit_" + std::to_string(getpid()) + "_" + std::to_string(++schemas);
  url_ = std::string(server()) + "?options=-csearch_path%3D" + name_;
  execute("CREATE SCHEMA " + name_);
}

TestSchema::~TestSchema() { execute("DROP SCHEMA " + name_ + " CASCADE"); }

}  // namespace epay::simulation
