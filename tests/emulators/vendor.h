// One rail's own words: its endpoints, its numbers for tests, its messages to merchants. What happens to an order is
// the engine's.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "emulators/callback_sender.h"
#include "emulators/gate.h"
#include "emulators/order.h"

namespace epay::emulators {

class Vendor {
 public:
  virtual ~Vendor() = default;
  virtual void add_routes(Gate& gate) = 0;
  // An error of the vendor's gateway.
  virtual http::Response error(int status, std::string_view message) const = 0;
  // What the vendor's published numbers make of an order; nothing where none of them is in it.
  virtual std::optional<Scenario> published(const Order& order) const = 0;
  // What the merchant is told of an order as it stands, or as a changed copy claims; in this order.
  virtual std::vector<Callback> callbacks(const Order& order) = 0;
  // Signs a message anew, whose body was changed.
  virtual void sign(Callback&) const {}
  // The waits before a message that was not taken is sent again.
  virtual std::vector<microseconds> callback_retries() const = 0;
  virtual void expire_tokens() {}
};

}  // namespace epay::emulators
