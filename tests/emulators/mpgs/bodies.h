// The gateway's objects: an order, and what was tried with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulators/engine.h"

namespace epay::emulators::mpgs {

// One try, of an authentication, a payment, a refund or a void.
struct Transaction {
  std::string id;            // "1"; "auth-1"; the merchant's own for a refund
  std::string type;          // "AUTHENTICATION", "PAYMENT", "REFUND", "VOID_PAYMENT"
  std::string gateway_code;  // "APPROVED", "DECLINED", …
  std::int64_t minor = 0;
  Timestamp at;
};

// Those of an order, in the order in which they were tried; they are one of its details.
std::vector<Transaction> transactions_of(const Order& order);
void add_transaction(Order& order, const Transaction& transaction);

// "SUCCESS", "FAILURE", "PENDING", "UNKNOWN"
std::string_view result_of(std::string_view gateway_code);
// "CAPTURED", "FAILED", "PARTIALLY_REFUNDED", …; `refunded` in minor units.
std::string_view order_word(const Order& order, std::int64_t refunded);

// As Retrieve Order and Retrieve Transaction answer; the latter is also what a notification says.
std::string order_body(Engine& engine, const Order& order);
std::string transaction_body(Engine& engine, const Order& order, const Transaction& transaction);

struct Refusal {
  int status = 400;
  std::string_view cause = "INVALID_REQUEST";
  std::string_view explanation;
  std::string_view field;
};
http::Response refuse(const Refusal& refusal);

// What was refunded of an order.
std::int64_t refunded_of(const Engine& engine, const Order& order);

}  // namespace epay::emulators::mpgs
