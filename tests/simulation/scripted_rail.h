// A rail that answers what a test says, over the simulated network: what connectors make of it.
#pragma once

#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/router.h"
#include "http/server.h"
#include "rails/callback_token.h"
#include "rails/rail.h"
#include "rails/rail_tools.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::simulation {

class ScriptedRail {
 public:
  ScriptedRail() {
    network.set_host("rail.example", {at.ip});
    router.set_fallback([this](const http::Request& request, const std::string&) {
      asked.push_back(request);
      if (answers.empty()) return http::Response::text(500, "nothing was prepared");
      http::Response next = std::move(answers.front());
      answers.pop_front();
      return next;
    });
    tasks.spawn(server.serve(*network.listen(at, {})));
  }
  ~ScriptedRail() {
    network.drop_all();
    clock.drop_all();
  }

  void answer(int status, std::string body) { answers.push_back(http::Response::json(status, std::move(body))); }
  // The connection ends within the answer.
  void answer_half() {
    http::Response half{.status = 202};
    half.stream = [](http::BodyWriter& body) -> Task<void> {
      co_await body.write("{");
      throw std::runtime_error("the rail breaks off");
    };
    answers.push_back(std::move(half));
  }
  const http::Request& last() const { return asked.back(); }
  template <class T>
  T run(Task<T> task) {
    return run_task(clock, std::move(task));
  }
  rails::RailTools tools() { return {clock, random, log, client, tokens}; }

  const SocketAddress at{IpAddress::v4(93, 184, 216, 34), 80};
  SimClock clock;
  SimRandom random{1};
  SimNetwork network{clock, random};
  std::vector<std::string> lines;
  Log log{LogLevel::debug, [this] { return clock.now(); },
          [this](LogLevel, std::string_view line) { lines.emplace_back(line); }};
  http::Client client{clock, network, http::AddressGuard({}), {}};
  http::Router router;
  http::Server server{clock, random, log, router, {}};
  TaskGroup tasks{clock, log, "rail"};
  std::deque<http::Response> answers;
  std::vector<http::Request> asked;
  const Vault vault{Secret(std::string(Vault::key_bytes, 'k'))};
  const rails::CallbackTokens tokens{vault};
};

// A reply in a word and what matters of it, for comparing.
std::string in_words(const rails::Reply& reply);

}  // namespace epay::simulation
