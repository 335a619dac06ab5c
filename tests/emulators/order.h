// One thing that a merchant has asked a rail for: a collection, a payout, a refund. The same for all rails, in whose
// words it is told by each.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/money.h"
#include "base/timestamp.h"
#include "emulators/scenario.h"

namespace epay::emulators {

enum class Status {
  created,    // known, and the customer not yet asked
  waiting,    // for a voucher, an OTP, or a customer on a page
  pending,    // the customer was asked
  succeeded,  // the money has moved
  failed,
  reversed,  // the money had moved, and moved back
};
std::string_view name_of(Status status);
std::optional<Status> read_status(std::string_view name);
bool is_final(Status status);

struct Order {
  std::string kind;              // the rail's word for it: "requesttopay", "charge", "transfer", "refund"
  std::string id;                // what the merchant asks for it by; one of a kind
  std::string client_reference;  // the merchant's own
  std::string rail_reference;    // the rail's own, a number as a rule
  bool pays_out = false;
  Money amount;                    // as asked for
  Money moved;                     // as it is told and moves
  std::int64_t fee = 0;            // in minor units, out of what the merchant gets
  bool customer_pays_fee = false;  // on top of the amount instead
  std::string customer;            // an account of the ledger: "wallet:233240000451"
  std::string merchant;            // the merchant's account: "merchant:collection"
  Status status = Status::pending;
  std::string reason;  // why it failed, in MTN's words
  Timestamp created_at;
  std::optional<Timestamp> decides_at, decided_at;
  std::string callback_url;  // empty: none is told, or the rail knows one by itself
  Scenario scenario;
  std::map<std::string, std::string> details;  // the rail's own, each as its JSON

  std::string key() const { return kind + "/" + id; }
  // A detail's JSON; "null" where there is none.
  std::string detail(const std::string& name) const;
  // A detail that is a JSON string, decoded.
  std::string detail_text(const std::string& name) const;
  void set_text(const std::string& name, std::string_view text);
  // The account's last part: "233240000451".
  std::string customer_number() const { return customer.substr(customer.rfind(':') + 1); }
};

std::string to_json(const Order& order);
Order read_order(const http::Json& json);

}  // namespace epay::emulators
