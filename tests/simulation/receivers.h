// The merchants' webhook receivers: one each, in a mood that changes.
#pragma once

#include <vector>

#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "runtime/task_group.h"
#include "simulation/auditor.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"
#include "simulation/trace.h"

namespace epay::simulation {

class Receivers {
 public:
  Receivers(SimClock& clock, SimNetwork& network, SimRandom& random, Trace& trace, Auditor& auditor, std::size_t count);

  // Listens everywhere (again). What was under way must have been dropped.
  void start(TaskGroup& tasks);
  void set_mood(std::size_t merchant, Mood mood) { moods_[merchant] = mood; }

  static SocketAddress address_of(std::size_t merchant);
  static std::string url_of(std::size_t merchant);

 private:
  // What was answered on a connection last, until it is known whether that arrived.
  struct Answered {
    std::string message_id;
    Ticks at;
  };
  Task<void> accept(TaskGroup& tasks, std::size_t merchant, std::unique_ptr<runtime::Listener> listener);
  Task<void> serve(std::size_t merchant, std::unique_ptr<Stream> stream);
  Task<bool> read(Stream& stream, http::RequestParser& parser, http::ReadBuffer& buffer,
                  std::optional<Answered>& answered);
  Task<std::optional<Answered>> answer(std::size_t merchant, Stream& stream, const http::Request& request);

  SimClock& clock_;
  SimNetwork& network_;
  SimRandom& random_;
  Trace& trace_;
  Auditor& auditor_;
  std::vector<Mood> moods_;
};

}  // namespace epay::simulation
