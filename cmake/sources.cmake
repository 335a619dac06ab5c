# Every source and test file of the project; a test of the tree fails on one that is not listed here.
set(EPAY_CORE_SOURCES
  src/base/check.cpp
  src/base/crypto.cpp
  src/base/currency.cpp
  src/base/json_writer.cpp
  src/base/log.cpp
  src/base/money.cpp
  src/base/phone_number.cpp
  src/base/secret.cpp
  src/base/timestamp.cpp
  src/base/utf8.cpp
  src/runtime/random.cpp
  src/runtime/task_group.cpp
)

# The simulated seams and the simulator itself.
set(EPAY_SIMULATION_SOURCES
  tests/simulation/sim_clock.cpp
)

set(EPAY_UNIT_TESTS
  src/base/money_test.cpp
  tests/tree_test.cpp
)

set(EPAY_BENCH_SOURCES
)
