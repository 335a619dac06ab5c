// Payments as a busy shop has them over a year: people who come back, names of several countries, failures, cards, what
// was never paid. For stores to measure on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "bench/stores.h"
#include "payments/outcome.h"
#include "payments/payment.h"

namespace epay::bench {

// The same number gives the same person, always.
payments::NewCustomer person(std::int64_t number);

struct VariedPayment {
  payments::NewPayment wanted;
  payments::Outcome outcome;
  bool decided = true;  // or the rail has not said
};
// The n-th of a store's `count`, spread over a year that ends at `end`.
VariedPayment varied_payment(Scope scope, std::int64_t n, std::int64_t count, Timestamp end);

// Writes `count` of them with everything that belongs to them, in turns to the merchants, and tells how far it is.
void store_varied(const Store& store, const std::vector<MerchantId>& merchants, std::int64_t count, Timestamp end);

}  // namespace epay::bench
