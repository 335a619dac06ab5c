// A payment rail: a network or aggregator that moves the money. One interface for real ones and the simulator (RAILS
// §7). A rail is stateless for us: it builds a request, reads a reply, maps a status. Retries, schedules and books are
// ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.h"
#include "base/money.h"
#include "base/phone_number.h"
#include "base/timestamp.h"
#include "runtime/task.h"

namespace epay::rails {

// Stored in rows: never renumber.
enum class RailId : std::int64_t { simulator = 1 };

enum class Channel { momo, card };

// Everything a rail is told about one attempt; the same for the first request, a repeat and a query.
struct Order {
  MerchantId merchant;                 // who is paid, or pays
  std::string reference;               // ours, stored before the first request
  std::optional<std::string> rail_id;  // the rail's, once known
  Channel channel = Channel::momo;
  std::optional<PhoneNumber> wallet;
  std::string network;  // "mtn", "telecel", "airteltigo"
  std::optional<std::string> voucher;
  Money amount;
  std::string description;
  std::string origin;  // our public address, for pages and callbacks: "https://pay.example.com"
  // Where a page of the rail's sends the customer back to; empty: nowhere. Not told again in a query.
  std::string return_url = {};
  Timestamp created_at, expires_at;
};

struct Pending {
  enum class Next { wait, redirect, input };
  Next next = Next::wait;
  std::optional<std::string> rail_id;
  std::optional<std::string> redirect_url;
};
struct Succeeded {
  Money amount;  // as the rail says, not as we asked
  std::optional<std::string> rail_id;
};
// Explicit and final: no money moved, and none will.
struct Failed {
  std::string code;
};
// The rail does not know the reference (of a query).
struct NotFound {};
// Nothing was sent: the same order may be sent again.
struct NotSent {
  std::string cause;
};
// Sent, and no readable answer: a timeout, a reset, a 5xx. Only a query can tell.
struct Unknown {
  std::string cause;
};
using Reply = std::variant<Pending, Succeeded, Failed, NotFound, NotSent, Unknown>;

struct Capabilities {
  // Sending the same reference again makes no second movement of money.
  bool idempotent_by_reference = false;
};

class Rail {
 public:
  virtual ~Rail() = default;
  virtual RailId id() const = 0;
  virtual Capabilities capabilities() const = 0;
  virtual bool serves(Mode mode, Channel channel, const Currency& currency) const = 0;

  // Asks for money from a wallet or card. Never NotFound.
  virtual Task<Reply> collect(Order order) = 0;
  // Sends money to a wallet. Never NotFound.
  virtual Task<Reply> pay_out(Order order) = 0;
  // A voucher or OTP that the rail asked for.
  virtual Task<Reply> submit_input(Order order, std::string input) = 0;
  // What became of a collect or pay_out, by reference.
  virtual Task<Reply> query(Order order) = 0;
};

// What a callback says of itself. Worth no more than a reason to ask, and to raise an alert when it contradicts what
// stands.
enum class Claim { nothing, succeeded, failed };

// Told when a rail calls back. A callback is a wake-up, never a proof: the rail is asked.
class CallbackSink {
 public:
  virtual void on_callback(std::string_view reference, Claim claim) = 0;

 protected:
  ~CallbackSink() = default;
};

}  // namespace epay::rails
