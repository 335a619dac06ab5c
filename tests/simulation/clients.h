// The merchants' software and their customers: they speak the real API over the network, and do not give up where a
// careful program would not. What they remember survives a crash of the service; what they wait for does not.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/json.h"
#include "runtime/task_group.h"
#include "simulation/auditor.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"
#include "simulation/trace.h"

namespace epay::simulation {

struct Credentials {
  std::string merchant_key, app_id, app_secret;
};

class Clients {
 public:
  Clients(SimClock& clock, SimNetwork& network, SimRandom& random, Trace& trace, Auditor& auditor, const Plan& plan,
          std::vector<SocketAddress> services);
  ~Clients();

  void set_credentials(std::size_t merchant, Credentials credentials) {
    merchants_[merchant].credentials = std::move(credentials);
  }
  // Begins, or goes on with everything that is not finished. What was under way must have been dropped.
  void start(TaskGroup& tasks);
  // Forgets the connections.
  void drop_connections() { http_.clear(); }
  bool finished() const;

  // Every page of a merchant's transactions.
  Task<void> list_all(std::size_t merchant, std::vector<Listed>& into);

 private:
  struct Merchant {
    Credentials credentials;
    std::string token;
    int tokens_refused = 0;  // in a row
  };
  // How far an order has come.
  struct Progress {
    int requests = 0;
    bool over = false;  // answered, or given up
    bool accepted = false;
    int not_covered = 0;
    std::string card_page;  // path
    std::string token;      // of a checkout
    bool second_window_done = true;
    bool wants_input = false;
    bool customer_done = false;
    bool replayed = false;
    bool looked = false;
    bool finished() const { return over && customer_done && replayed && looked && second_window_done; }
  };
  struct Ask {
    std::size_t merchant = 0;
    std::string method, path, body, key;
    bool authorized = true;
    bool form = false;
    const Order* order = nullptr;  // that it places
    microseconds patience = seconds(30);
  };

  Task<void> follow(std::size_t number);
  Task<void> place_again(std::size_t number);
  Task<void> place(const Order& order, Progress& progress);
  Task<void> be_customer(const Order& order, Progress& progress);
  Task<void> decide_card(const Order& order, Progress& progress);
  Task<void> submit_code(const Order& order);
  // checkout_customers.cpp
  Task<void> pay_checkout(const Order& order, std::string token);
  Task<void> second_window(std::size_t number);
  Task<bool> step_through_checkout(const Order& order, const std::string& token, const http::Json& state);
  Task<void> post_checkout(const Order& order, const std::string& token, std::string form);
  Task<void> decide_at_card_page(const Order& order, const std::string& token);
  Task<void> replay(const Order& order);
  Task<void> look(const Order& order);
  void take_answer(const Order& order, Progress& progress, const http::Answer& answer);
  Task<std::optional<http::Answer>> ask(Ask ask);
  Task<std::optional<http::Answer>> ask_authorized(Ask ask);
  Task<void> fetch_token(std::size_t merchant);
  Ask request_of(const Order& order) const;

  SimClock& clock_;
  SimNetwork& network_;
  SimRandom& random_;
  Trace& trace_;
  Auditor& auditor_;
  const Plan& plan_;
  std::vector<SocketAddress> services_;  // asked in turn
  std::size_t next_service_ = 0;
  Ticks began_;
  std::vector<Merchant> merchants_;
  std::vector<Progress> progress_;                   // of plan_.orders
  std::vector<std::unique_ptr<http::Client>> http_;  // of each merchant
};

}  // namespace epay::simulation
