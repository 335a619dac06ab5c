#include "payments/status.h"

namespace epay::payments {

std::string_view name_of(PaymentKind kind) {
  switch (kind) {
    case PaymentKind::payment: return "payment";
    case PaymentKind::payout: return "payout";
    case PaymentKind::refund: return "refund";
  }
  return "";
}

bool is_outgoing(PaymentKind kind) {
  switch (kind) {
    case PaymentKind::payment: return false;
    case PaymentKind::payout:
    case PaymentKind::refund: return true;
  }
  return false;
}

bool may_follow(PaymentStatus from, PaymentStatus to) {
  switch (from) {
    case PaymentStatus::created:
      return to == PaymentStatus::pending || to == PaymentStatus::failed || to == PaymentStatus::expired;
    case PaymentStatus::pending:
      return to == PaymentStatus::succeeded || to == PaymentStatus::failed || to == PaymentStatus::expired ||
             to == PaymentStatus::created;
    case PaymentStatus::expired: return to == PaymentStatus::succeeded;
    case PaymentStatus::succeeded: return to == PaymentStatus::reversed;
    case PaymentStatus::failed:
    case PaymentStatus::reversed: return false;
  }
  return false;
}

bool may_follow(AttemptStatus from, AttemptStatus to) {
  switch (from) {
    case AttemptStatus::created: return to != AttemptStatus::created && to != AttemptStatus::reversed;
    case AttemptStatus::submitted:
    case AttemptStatus::awaiting_redirect:
    case AttemptStatus::awaiting_input:
    case AttemptStatus::unknown: return to != from && to != AttemptStatus::created && to != AttemptStatus::reversed;
    case AttemptStatus::expired:
      return to == AttemptStatus::succeeded || to == AttemptStatus::failed || to == AttemptStatus::suspended;
    case AttemptStatus::succeeded: return to == AttemptStatus::reversed;
    case AttemptStatus::failed:
    case AttemptStatus::suspended:
    case AttemptStatus::reversed: return false;
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
    case AttemptStatus::suspended:
    case AttemptStatus::reversed: return false;
  }
  return false;
}

bool is_final(PaymentStatus status) {
  return status == PaymentStatus::succeeded || status == PaymentStatus::failed || status == PaymentStatus::reversed;
}

std::string_view wire_name(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::created:
    case PaymentStatus::pending: return "pending";
    case PaymentStatus::succeeded: return "success";
    case PaymentStatus::failed:
    case PaymentStatus::expired:
    case PaymentStatus::reversed: return "failed";
  }
  return "pending";
}

}  // namespace epay::payments
