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
#include "base/result.h"
#include "base/timestamp.h"
#include "http/message.h"
#include "runtime/task.h"

namespace epay::rails {

// Stored in rows: never renumber.
enum class RailId : std::int64_t { simulator = 1, mtn_momo = 2, paystack = 3, hubtel = 4, mpgs = 5 };

// As it is called in addresses, files and verbs: "mtn".
std::string_view name_of(RailId id);
std::optional<RailId> rail_named(std::string_view name);

enum class Channel { momo, card, bank };

// Money from a customer; to a payee; back to the customer of an earlier order.
enum class OrderKind { collect, payout, refund };

struct BankAccount {
  std::string bank;  // the rail's code of it
  std::string number;
};

// Of the order that a refund gives back from.
struct Original {
  std::string reference;
  std::optional<std::string> rail_id;
  Money amount;
};

// Everything a rail is told about one attempt; the same for the first request, a repeat and a query.
struct Order {
  OrderKind kind = OrderKind::collect;
  MerchantId merchant;                 // who is paid, or pays
  std::string reference;               // ours, stored before the first request
  std::optional<std::string> rail_id;  // the rail's, once known
  Channel channel = Channel::momo;
  std::optional<PhoneNumber> wallet;
  std::string network;  // "mtn", "telecel", "airteltigo"
  std::optional<BankAccount> bank;
  std::optional<std::string> voucher;
  Money amount;
  std::string description;
  // Of who pays or is paid; "" where it is not known. Not told again in a query.
  std::string name, email;
  std::optional<Original> original;  // of a refund
  std::string origin;                // our public address, for pages and callbacks: "https://pay.example.com"
  // Where a page of the rail's sends the customer back to; empty: nowhere. Not told again in a query.
  std::string return_url = {};
  Timestamp created_at, expires_at;
};

struct Pending {
  enum class Next { wait, redirect, input };
  Next next = Next::wait;
  bool input_refused = false;  // what was just told is wrong, and may be told again
  std::optional<std::string> rail_id;
  std::optional<std::string> redirect_url;
};
struct Succeeded {
  Money amount;  // as the rail says, not as we asked
  std::optional<std::string> rail_id;
};
// Explicit and final: no money moved, and none will.
struct Failed {
  std::string code;         // of failure_code.h where it is known what it means, else the rail's
  std::string detail = {};  // the rail's words
};
// Of a payout that had succeeded: the money has come back.
struct Reversed {
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
using Reply = std::variant<Pending, Succeeded, Failed, Reversed, NotFound, NotSent, Unknown>;

struct Capabilities {
  // Sending the same reference again makes no second movement of money.
  bool idempotent_by_reference = false;
  bool refunds = false;
  bool partial_refunds = false;
  bool wants_customer = false;  // an order's name and email
  bool reaches_people = true;   // a collect shows on somebody's telephone
  // After a request, before it is worth asking what became of it.
  microseconds first_query_after = seconds(5);
  // How long the customer has, by the rail's rules.
  microseconds customer_window = minutes(5);
  int queries_per_second_max = 50;
};

// What a merchant or a customer wants to do, for finding a rail.
struct Need {
  MerchantId merchant = {};
  Mode mode = Mode::test;
  OrderKind kind = OrderKind::collect;
  Channel channel = Channel::momo;
  Currency currency = Currency::ghs();
  std::string_view network = {};  // momo: "mtn"; "" is any
};

struct Payee {
  Channel channel = Channel::momo;  // momo or bank
  std::optional<PhoneNumber> wallet;
  std::string network;
  std::optional<BankAccount> bank;
};
// Who a wallet or a bank account belongs to.
struct AccountHolder {
  bool active = true;
  std::optional<std::string> name;
};

// What a callback says of itself. Worth no more than a reason to ask, and to raise an alert when it contradicts what
// stands.
enum class Claim { nothing, succeeded, failed, reversed };

// Whom a callback is about.
struct News {
  std::string reference;  // ours; "" where nothing follows from it
  Claim claim = Claim::nothing;
};

class Rail {
 public:
  virtual ~Rail() = default;
  virtual RailId id() const = 0;
  std::string_view name() const { return name_of(id()); }
  virtual Capabilities capabilities() const = 0;
  virtual bool serves_mode(Mode mode) const = 0;
  virtual bool serves(const Need& need) const = 0;

  // Asks for money from a wallet or card. Never NotFound.
  virtual Task<Reply> collect(Order order) = 0;
  // Sends money to a wallet or bank account. Never NotFound.
  virtual Task<Reply> pay_out(Order order) = 0;
  // Gives money of `original` back. Only where capabilities().refunds. Never NotFound.
  virtual Task<Reply> refund(Order order);
  // A voucher or OTP that the rail asked for.
  virtual Task<Reply> submit_input(Order order, std::string input) = 0;
  // What became of an order, by reference.
  virtual Task<Reply> query(Order order) = 0;

  // What a request to /cb/{name} or /cb/{name}/{token} says; `reference` is the token's, "" without one. Errors:
  // unauthenticated (it must be signed and is not, or wrongly), invalid (it is no callback of this rail's), not_found
  // (nothing of ours).
  virtual Result<News> read_callback(const http::Request& request, std::string_view reference) const;
  // What the rail holds for us to send. Errors: unsupported, unavailable.
  virtual Task<Result<Money>> balance(Currency currency);
  // Errors: not_found (no such account), unsupported, unavailable.
  virtual Task<Result<AccountHolder>> look_up(Payee payee);
};

// Told when a rail calls back. A callback is a wake-up, never a proof: the rail is asked.
class CallbackSink {
 public:
  virtual void on_callback(std::string_view reference, Claim claim) = 0;

 protected:
  ~CallbackSink() = default;
};

}  // namespace epay::rails
