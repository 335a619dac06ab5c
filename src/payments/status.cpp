#include "payments/status.h"

namespace epay::payments {

bool may_follow(PaymentStatus from, PaymentStatus to) {
  switch (from) {
    case PaymentStatus::created:
      return to == PaymentStatus::pending || to == PaymentStatus::failed || to == PaymentStatus::expired;
    case PaymentStatus::pending:
      return to == PaymentStatus::succeeded || to == PaymentStatus::failed || to == PaymentStatus::expired ||
             to == PaymentStatus::created;
    case PaymentStatus::expired: return to == PaymentStatus::succeeded;
    case PaymentStatus::succeeded:
    case PaymentStatus::failed: return false;
  }
  return false;
}

bool may_follow(AttemptStatus from, AttemptStatus to) {
  switch (from) {
    case AttemptStatus::created: return to != AttemptStatus::created;
    case AttemptStatus::submitted:
    case AttemptStatus::awaiting_redirect:
    case AttemptStatus::awaiting_input:
    case AttemptStatus::unknown: return to != from && to != AttemptStatus::created;
    case AttemptStatus::expired:
      return to == AttemptStatus::succeeded || to == AttemptStatus::failed || to == AttemptStatus::suspended;
    case AttemptStatus::succeeded:
    case AttemptStatus::failed:
    case AttemptStatus::suspended: return false;
  }
  return false;
}

bool is_open(AttemptStatus status) {
  switch (status) {
    case AttemptStatus::created:
    case AttemptStatus::submitted:
    case AttemptStatus::awaiting_redirect:
    case AttemptStatus::awaiting_input:
    case AttemptStatus::unknown:
    case AttemptStatus::expired: return true;
    case AttemptStatus::succeeded:
    case AttemptStatus::failed:
    case AttemptStatus::suspended: return false;
  }
  return false;
}

bool is_final(PaymentStatus status) { return status == PaymentStatus::succeeded || status == PaymentStatus::failed; }

std::string_view wire_name(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::created:
    case PaymentStatus::pending: return "pending";
    case PaymentStatus::succeeded: return "success";
    case PaymentStatus::failed:
    case PaymentStatus::expired: return "failed";
  }
  return "pending";
}

}  // namespace epay::payments
