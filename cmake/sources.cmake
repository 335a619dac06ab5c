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
  src/http/address_guard.cpp
  src/http/cidr.cpp
  src/http/client.cpp
  src/http/connection_pool.cpp
  src/http/error_response.cpp
  src/http/forwarded.cpp
  src/http/json.cpp
  src/http/message.cpp
  src/http/request_parser.cpp
  src/http/request_target.cpp
  src/http/response_parser.cpp
  src/http/response_writer.cpp
  src/http/router.cpp
  src/http/server.cpp
  src/http/url.cpp
  src/runtime/asio_impl.cpp
  src/runtime/deadline_wheel.cpp
  src/runtime/name_resolver.cpp
  src/runtime/network.cpp
  src/runtime/random.cpp
  src/runtime/reactor.cpp
  src/runtime/real_clock.cpp
  src/runtime/real_network.cpp
  src/runtime/task_group.cpp
  src/runtime/tls_stream.cpp
)

# The simulated seams and the simulator itself.
set(EPAY_SIMULATION_SOURCES
  tests/simulation/sim_clock.cpp
  tests/simulation/sim_network.cpp
  tests/simulation/sim_random.cpp
)

set(EPAY_UNIT_TESTS
  src/base/money_test.cpp
  src/http/server_test.cpp
)

set(EPAY_BENCH_SOURCES
)
