// A listener whose connections break their answers where these say so, in a header that never leaves this machine.
#pragma once

#include <memory>

#include "http/message.h"
#include "runtime/clock.h"
#include "runtime/network.h"

namespace epay::emulators {

// How an answer reaches the wire.
struct WireFault {
  enum class Kind { close, hang, cut_head, truncate, garbage, drip, slow_head, close_after };
  Kind kind = Kind::close;
  std::size_t bytes = 0;
  microseconds delay{0};
};

// Marks the answer, for the stream that it will be written to.
void set_wire_fault(http::Response& response, const WireFault& fault);
// Whether it was marked so that nothing of it gets through.
bool is_withheld(const http::Response& response);

// `clock` is the one that the network's deadlines are on.
std::unique_ptr<runtime::Listener> with_faults(Clock& clock, std::unique_ptr<runtime::Listener> listener);

}  // namespace epay::emulators
