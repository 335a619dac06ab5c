// What was done for, and to, the security of an account: who, what, when, from where. Nothing is changed or deleted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::merchants {

// Values are stored. Of each there is a text under its name_of.
enum class SecurityEventKind : std::int64_t {
  registered = 1,
  logged_in = 2,
  log_in_slowed = 3,  // too many wrong passwords
  logged_out = 4,
  password_changed = 5,
  password_reset = 6,
  second_factor_on = 7,
  second_factor_off = 8,
  recovery_code_used = 9,
  recovery_codes_made = 10,
  session_ended = 11,
  sessions_ended = 12,
  member_invited = 13,
  invitation_withdrawn = 14,
  member_joined = 15,
  role_changed = 16,
  member_removed = 17,
  merchant_key_rolled = 18,
  profile_changed = 19,
  telephone_verified = 20,
  integration_made = 21,
  integration_revoked = 22,
  webhook_changed = 23,
  transfer_made = 24,
  email_changed = 25,
  refund_made = 26,
};
std::string_view name_of(SecurityEventKind kind);  // "logged_in"

struct NewSecurityEvent {
  MerchantId merchant;
  SecurityEventKind kind;
  std::optional<UserId> user;  // who did it
  std::string user_name;
  std::string detail;  // about whom or what, for people; never a secret
  std::string device, address;
};
void record_security_event(db::Transaction& tx, const NewSecurityEvent& event, Timestamp now);

struct SecurityEvent {
  std::int64_t id = 0;
  SecurityEventKind kind;
  std::string user_name, detail, device, address;
  Timestamp created_at;
};
// Newest first; `before` is the id of the last one of the page before.
std::vector<SecurityEvent> list_security_events(db::Transaction& tx, MerchantId merchant,
                                                std::optional<std::int64_t> before, int limit);
bool has_logged_in(db::Transaction& tx, MerchantId merchant, UserId user);

}  // namespace epay::merchants
