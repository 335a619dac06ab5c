// One emulated rail, whole: the vendor's endpoints on one port and the control API on another, over the seams it is
// given. The same on real sockets (`epay emulator`) and in virtual time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulators/control.h"
#include "http/server.h"

namespace epay::emulators {

struct EmulatorOptions {
  std::string vendor;      // "mtn", "paystack", "hubtel", "mpgs"
  std::string state_file;  // empty: it forgets all when it ends
  std::vector<std::pair<std::string, std::string>> switches;
};

class Emulator {
 public:
  // `state`, where given, is used instead of a file. Errors: not_found (no vendor is called so, or no switch), invalid
  // (a switch's value), unavailable (the file).
  static Result<std::unique_ptr<Emulator>> open(Seams seams, EmulatorOptions options,
                                                std::shared_ptr<StateFile> state = nullptr);
  ~Emulator();

  // Errors: unavailable.
  Result<SocketAddress> listen(SocketAddress at);
  Result<SocketAddress> listen_control(SocketAddress at, Control::Advance advance);

  Engine& engine() { return engine_; }
  Ledger& ledger() { return ledger_; }
  Journal& journal() { return journal_; }
  Faults& faults() { return faults_; }

 private:
  Emulator(Seams seams, std::shared_ptr<StateFile> state, Switches switches);
  Result<SocketAddress> serve(http::Server& server, std::unique_ptr<runtime::Listener> listener);

  Seams seams_;
  std::shared_ptr<StateFile> state_;
  Switches switches_;
  Journal journal_;
  Ledger ledger_;
  Faults faults_;
  Gate gate_;
  Engine engine_;
  std::unique_ptr<Vendor> vendor_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<http::Server> server_, control_server_;
  TaskGroup tasks_;
};

// The names of the vendors, for people.
std::string vendor_names();

}  // namespace epay::emulators
