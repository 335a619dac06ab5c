// Stands before a vendor's endpoints: writes every request into the journal, and makes the faults happen.
#pragma once

#include <functional>
#include <string_view>

#include "base/log.h"
#include "emulators/fault.h"
#include "emulators/journal.h"
#include "http/router.h"
#include "runtime/clock.h"

namespace epay::emulators {

class Gate {
 public:
  // Errors in the vendor's own words.
  using ErrorWords = std::function<http::Response(int status, std::string_view message)>;

  // `clock` is the rail's, `io_clock` the network's.
  Gate(Clock& clock, Clock& io_clock, Journal& journal, Faults& faults);

  // As Router::add, and what answers is written down. Which order a request is about an answer says by about().
  void add(std::string_view method, std::string_view pattern, http::Handler handler);
  void set_error_words(ErrorWords words);
  // Called for a fault that makes every access token bad.
  void on_expire_tokens(std::function<void()> expire) { expire_tokens_ = std::move(expire); }

  const http::Router& router() const { return router_; }

 private:
  Task<http::Response> answer(http::Request& request, const http::Handler& handler);
  Task<http::Response> answer_badly(http::Request& request, const http::Handler& handler, Fault fault);
  http::Response change(http::Response response, const Fault& fault);
  http::Response failing(const Fault& fault);

  Clock& clock_;
  Clock& io_clock_;
  Journal& journal_;
  Faults& faults_;
  http::Router router_;
  ErrorWords words_;
  std::function<void()> expire_tokens_;
};

// Names the order that a request is about, for the journal; a header that the gate takes out.
http::Response about(std::string_view order_key, http::Response response);

}  // namespace epay::emulators
