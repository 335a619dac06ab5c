// A schema of its own on the PostgreSQL server that EPAY_TEST_POSTGRES names, for one test.
#pragma once

#include <string>

namespace epay::simulation {

class TestSchema {
 public:
  static bool there();
  TestSchema();
  ~TestSchema();
  TestSchema(const TestSchema&) = delete;
  TestSchema& operator=(const TestSchema&) = delete;
  const std::string& url() const { return url_; }

 private:
  std::string name_, url_;
};

}  // namespace epay::simulation
