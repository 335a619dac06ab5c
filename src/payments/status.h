// The states of a payment and of its attempts on a rail, and which may follow which.
#pragma once

#include <cstdint>
#include <string_view>

namespace epay::payments {

enum class PaymentKind : std::int64_t { payment = 1, payout = 2, refund = 3 };
std::string_view name_of(PaymentKind kind);  // "payment", "payout", "refund"
// Money on its way out of the merchant's wallet.
bool is_outgoing(PaymentKind kind);

enum class PaymentStatus : std::int64_t {
  created = 1,    // owed, and no attempt is open: a checkout that its customer has not paid, or may try again
  pending = 2,    // an attempt is open
  succeeded = 3,  // the money moved, by the rail's word; final
  failed = 4,     // it did not and will not, by the rail's word or because no rail was asked; final
  expired = 5,    // our own deadline passed; the merchant was told "failed"; a late success may still come
  reversed = 6,   // outgoing money that had moved, by the rail's word, and has come back; final
};

enum class AttemptStatus : std::int64_t {
  created = 1,            // stored; the request to the rail may or may not have left
  submitted = 2,          // the rail has it, the customer or the network decides
  awaiting_redirect = 3,  // the customer is at the rail's page
  awaiting_input = 4,     // the rail wants a voucher or an OTP
  unknown = 5,            // sent, and no readable answer: only the rail knows
  succeeded = 6,          // final
  failed = 7,             // final
  expired = 8,            // our deadline passed; still asked about for a while
  suspended = 9,          // the rail's word contradicts ours (wrong amount): a person decides
  reversed = 10,          // it had succeeded, and the rail has taken it back; final
};

// Whether a change is legal. Staying in a state is not a change.
bool may_follow(PaymentStatus from, PaymentStatus to);
bool may_follow(AttemptStatus from, AttemptStatus to);

// The rail has not spoken its last word.
bool is_open(AttemptStatus status);
bool is_final(PaymentStatus status);

// "pending", "success", "failed": all that the wire knows.
std::string_view wire_name(PaymentStatus status);

}  // namespace epay::payments
