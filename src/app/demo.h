// `epay serve --demo`: a merchant to try things with, and a webhook receiver of his that shows what arrives, in the
// terminal and on a page.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "app/accounts.h"
#include "http/router.h"
#include "http/server.h"
#include "runtime/task_group.h"

namespace epay::app {

class Demo {
 public:
  Demo(Clock& clock, Random& random, Network& network, Log& log);

  // Opens the demo merchant's account or finds it again, starts the receiver, and prints what to try. `service` is
  // where the API listens; `notes` is the file that keeps the demo's credentials.
  Task<Result<>> start(VerbContext& context, SocketAddress service, std::string notes);

 private:
  struct Arrival {
    std::string at, event, reference, status, amount, webhook_id, body;
    int attempt = 1;
    bool signature_ok = false;
  };

  Task<http::Response> receive(http::Request& request);
  http::Response page() const;
  // What the notes keep. One of an earlier Epay has no owner who could log in.
  struct Shop {
    Account account;
    std::string email, password;
  };
  static std::optional<Shop> read_notes(const std::string& path);
  static std::string to_notes(const Shop& shop);
  Task<Result<Shop>> find_or_open_shop(VerbContext& context, std::string notes, std::string webhook_url);
  void print_welcome(const Shop& shop, SocketAddress service, SocketAddress receiver) const;

  Clock& clock_;
  Network& network_;
  http::Router router_;
  http::Server server_;
  TaskGroup tasks_;
  std::string webhook_secret_;
  std::deque<Arrival> arrivals_;
  std::size_t arrived_ = 0;
};

}  // namespace epay::app
