#include "merchants/security_event.h"

#include <limits>

#include "merchants/security_event_store.h"

namespace epay::merchants {
namespace {

constexpr std::size_t device_max = 200;  // bytes

}  // namespace

std::string_view name_of(SecurityEventKind kind) {
  switch (kind) {
    case SecurityEventKind::registered: return "registered";
    case SecurityEventKind::logged_in: return "logged_in";
    case SecurityEventKind::log_in_slowed: return "log_in_slowed";
    case SecurityEventKind::logged_out: return "logged_out";
    case SecurityEventKind::password_changed: return "password_changed";
    case SecurityEventKind::password_reset: return "password_reset";
    case SecurityEventKind::second_factor_on: return "second_factor_on";
    case SecurityEventKind::second_factor_off: return "second_factor_off";
    case SecurityEventKind::recovery_code_used: return "recovery_code_used";
    case SecurityEventKind::recovery_codes_made: return "recovery_codes_made";
    case SecurityEventKind::session_ended: return "session_ended";
    case SecurityEventKind::sessions_ended: return "sessions_ended";
    case SecurityEventKind::member_invited: return "member_invited";
    case SecurityEventKind::invitation_withdrawn: return "invitation_withdrawn";
    case SecurityEventKind::member_joined: return "member_joined";
    case SecurityEventKind::role_changed: return "role_changed";
    case SecurityEventKind::member_removed: return "member_removed";
    case SecurityEventKind::merchant_key_rolled: return "merchant_key_rolled";
    case SecurityEventKind::profile_changed: return "profile_changed";
    case SecurityEventKind::telephone_verified: return "telephone_verified";
    case SecurityEventKind::integration_made: return "integration_made";
    case SecurityEventKind::integration_revoked: return "integration_revoked";
    case SecurityEventKind::webhook_changed: return "webhook_changed";
    case SecurityEventKind::transfer_made: return "transfer_made";
    case SecurityEventKind::email_changed: return "email_changed";
    case SecurityEventKind::refund_made: return "refund_made";
  }
  return "";
}

void record_security_event(db::Transaction& tx, const NewSecurityEvent& event, Timestamp now) {
  tx.execute(store::insert_security_event, event.merchant, event.kind, event.user, event.user_name, event.detail,
             event.device.substr(0, device_max), event.address, now);
}

std::vector<SecurityEvent> list_security_events(db::Transaction& tx, MerchantId merchant,
                                                std::optional<std::int64_t> before, int limit) {
  return tx.query_all(
      store::select_security_events,
      [](const db::Row& row) {
        return SecurityEvent{.id = row.integer(0),
                             .kind = row.as<SecurityEventKind>(1),
                             .user_name = row.string(2),
                             .detail = row.string(3),
                             .device = row.string(4),
                             .address = row.string(5),
                             .created_at = row.time(6)};
      },
      merchant, before.value_or(std::numeric_limits<std::int64_t>::max()), limit);
}

bool has_logged_in(db::Transaction& tx, MerchantId merchant, UserId user) {
  return tx.query_one(store::select_login, [](const db::Row&) { return true; }, merchant, user).value_or(false);
}

}  // namespace epay::merchants
