// Tells the merchant, again and again where the rail does so. What is still to be told outlives a restart.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "emulators/journal.h"
#include "emulators/seams.h"
#include "emulators/state_file.h"
#include "emulators/switches.h"
#include "http/client.h"
#include "runtime/task_group.h"

namespace epay::emulators {

struct Callback {
  std::string method = "POST";
  std::string url;
  http::Headers headers;
  std::string body;
  std::string attempt_header = {};  // the one that counts the tries, where the rail has one
};

class CallbackSender {
 public:
  // The waits before the second try, the third, …
  using Retries = std::function<std::vector<microseconds>()>;
  // Reads what a former run had still to tell, and goes on with it once start() is called.
  CallbackSender(Seams seams, StateFile& state, Journal& journal, const Switches& switches, Retries retries);

  void start();
  // Tells it `after` from now, until it is answered with a 2xx or there is no further try.
  void send(std::string order_key, Callback callback, microseconds after);
  // One try, now. The answer's status; 0 when there was none.
  Task<int> send_once(std::string order_key, Callback callback);
  // How many exchanges are under way.
  std::size_t under_way() const { return under_way_; }
  // How many are still to be told.
  std::size_t waiting() const { return messages_.size(); }

 private:
  struct Message {
    std::string order_key;
    Callback callback;
    Timestamp due;
    int tries = 0;
  };
  Task<void> tell(std::int64_t id);
  void keep(std::int64_t id, const Message& message, bool is_done);

  Seams seams_;
  StateFile& state_;
  Journal& journal_;
  const Switches& switches_;
  Retries retries_;
  http::Client client_;
  std::map<std::int64_t, Message> messages_;
  std::int64_t last_ = 0;
  std::size_t under_way_ = 0;
  TaskGroup tasks_;  // last, because its tasks use the rest
};

}  // namespace epay::emulators
