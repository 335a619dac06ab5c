// What happens to orders, the same at every rail: they wait, are decided, move money, and the merchant is told.
#pragma once

#include <list>
#include <map>
#include <set>
#include <string>

#include "emulators/callback_sender.h"
#include "emulators/ledger.h"
#include "emulators/order.h"
#include "emulators/seams.h"
#include "emulators/switches.h"
#include "emulators/vendor.h"
#include "runtime/task_group.h"

namespace epay::emulators {

// The scenario of the next orders that fit, whatever their numbers mean.
struct Wish {
  std::string kind, reference, number;  // empty: any; the reference is the order's id or the merchant's own
  int count = 1;                        // 0: all
  Scenario scenario;
};

class Engine {
 public:
  Engine(Seams seams, StateFile& state, Switches& switches, Journal& journal, Ledger& ledger);
  // Goes on with what a former run left. Once; before it there is no order.
  void start(Vendor& vendor);

  // Makes the order what its scenario says. Its kind and id must be new: see find_any(). What comes of the answer is
  // the wire's: see answer().
  Task<Wire> create(Order order);
  // The answer, unless it is to be lost.
  static http::Response answer(Wire wire, http::Response response);
  // The order, unless queries do not find it yet.
  const Order* find(std::string_view kind, std::string_view id) const;
  Order* find_any(std::string_view kind, std::string_view id);
  // The first for which this is true, in order of kind and id; null when there is none.
  const Order* find_if(const std::function<bool(const Order&)>& is_wanted) const;
  const std::map<std::string, Order, std::less<>>& orders() const { return orders_; }
  Order* by_key(std::string_view key);

  // A waiting order goes on to its decision: the customer gave what was wanted.
  void go_on(Order& order);
  // Decides at once; an empty reason is success. Of a final order it changes the ending: money moves, or moves back.
  void decide(Order& order, std::string reason);
  void reverse(Order& order);
  // The order's details or amount were changed.
  void keep(const Order& order);
  // Tells the merchant of the order as it stands.
  void tell(const Order& order);

  void wish(Wish wish) { wishes_.push_back(std::move(wish)); }
  void clear_wishes() { wishes_.clear(); }

  // Counts up, over restarts too, from `first`.
  std::int64_t next_number(const std::string& name, std::int64_t first);
  // The rail's clock as its bodies show it: the switches clock.ahead and clock.behind move it.
  Timestamp shown(Timestamp time) const;
  Timestamp now() const { return seams_.clock.now(); }

  Seams& seams() { return seams_; }
  StateFile& state() { return state_; }
  Switches& switches() { return switches_; }
  Ledger& ledger() { return ledger_; }
  CallbackSender& sender() { return sender_; }

 private:
  void end_what_moved();
  Scenario scenario_for(const Order& order);
  void plan(Order& order);
  Task<void> sleep_until(Timestamp due);
  Task<void> run(std::string key);
  Task<void> run_turn(std::string key);
  bool move(const Order& order);
  void move_back(const Order& order);
  void end(Order& order, std::string reason);

  Seams seams_;
  StateFile& state_;
  Switches& switches_;
  Ledger& ledger_;
  Vendor* vendor_ = nullptr;
  CallbackSender sender_;
  std::map<std::string, Order, std::less<>> orders_;
  std::map<std::string, std::int64_t> numbers_;
  std::set<std::string> lost_;  // kind and merchant's reference of what was not processed
  std::list<Wish> wishes_;
  TaskGroup tasks_;  // last, because its tasks use the rest
};

}  // namespace epay::emulators
