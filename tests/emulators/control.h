// The other port of an emulator, for tests: what has happened, and what shall go wrong. JSON both ways; errors are
// {"error":"…"} with 400 or 404.
//
//   GET  /journal?kind=&method=&path=&order=&after=   every request and callback
//   GET  /ledger?client_reference=                    balances and movements
//   GET  /orders                                      every order, with its scenario
//   GET  /switches, POST /switches {name: value, …}
//   GET  /faults, POST /faults {…}, DELETE /faults    fault.h
//   POST /outcomes {kind, reference, number, next, outcome: {…}}, DELETE /outcomes   scenario.h
//   POST /state {order, status, reason}               an order's ending, now; /state/reverse {order}
//   POST /callbacks {order, status, …}                a message by hand: see send_callbacks() in control.cpp
//   POST /ledger {account, amount, currency, out}     money for an account, or away from it
//   GET  /clock, POST /clock {advance: "5m"}          where the rail's clock is a test's
#pragma once

#include <functional>

#include "emulators/engine.h"
#include "emulators/fault.h"
#include "emulators/journal.h"
#include "http/router.h"

namespace epay::emulators {

class Control {
 public:
  // Moves the rail's clock on.
  using Advance = std::function<Task<void>(microseconds)>;

  // `advance` may be empty: the clock moves by itself.
  Control(Engine& engine, Vendor& vendor, Journal& journal, Faults& faults, Advance advance);
  const http::Router& router() const { return router_; }

 private:
  using Answer = Task<http::Response>;
  void add(std::string_view method, std::string_view path, Answer (Control::*answer)(const http::Request&));
  Answer show_journal(const http::Request& request);
  Answer show_ledger(const http::Request& request);
  Answer show_orders(const http::Request& request);
  Answer show_switches(const http::Request& request);
  Answer set_switches(const http::Request& request);
  Answer show_faults(const http::Request& request);
  Answer add_fault(const http::Request& request);
  Answer clear_faults(const http::Request& request);
  Answer add_outcome(const http::Request& request);
  Answer clear_outcomes(const http::Request& request);
  Answer set_state(const http::Request& request);
  Answer reverse(const http::Request& request);
  Answer send_callbacks(const http::Request& request);
  Answer adjust(const http::Request& request);
  Answer show_clock(const http::Request& request);
  Answer advance_clock(const http::Request& request);

  // Of "kind/id", an id or a merchant's reference.
  Order* find_order(const http::Json& body);
  Result<std::vector<Callback>> callbacks_by_hand(const http::Json& body, std::string& order_key);

  Engine& engine_;
  Vendor& vendor_;
  Journal& journal_;
  Faults& faults_;
  Advance advance_;
  http::Router router_;
};

}  // namespace epay::emulators
