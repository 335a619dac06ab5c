// Sessions of people who have signed in. The cookie has an opaque token, the store its hash.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/user.h"

namespace epay::merchants {

inline constexpr hours session_idle_max{24};
inline constexpr hours session_life_max{14 * 24};
// From the password to the second factor.
inline constexpr minutes second_factor_wait_max{10};
// A session is written to at most this often when nothing but the time has changed.
inline constexpr minutes session_seen_every{5};
inline constexpr std::size_t session_device_max = 200;  // bytes
inline constexpr std::size_t session_chance = 40;       // letters and digits of a token

// Values are stored.
enum class SessionStage : std::int64_t { signed_in = 1, second_factor_wanted = 2 };

struct Session {
  UserKey user;
  Sha256 token_hash{};
  SessionStage stage = SessionStage::signed_in;
  Mode mode = Mode::test;
  std::string device, address;  // as the browser calls itself; where it was when last seen
  Timestamp created_at, seen_at;
  Timestamp authenticated_at;  // when a password or a code was last given

  bool expired(Timestamp now) const;
};

struct NewSession {
  UserKey user;
  std::string token;  // made by make_access_token, which names the merchant
  SessionStage stage = SessionStage::signed_in;
  Mode mode = Mode::test;
  std::string device, address;
};

// Also deletes what has expired of the merchant's sessions.
void begin_session(db::Transaction& tx, const NewSession& session, Timestamp now);
// Nothing when it is unknown or has expired.
std::optional<Session> find_session(db::Transaction& tx, std::string_view token, Timestamp now);
// Of one user, signed in and not expired, the latest seen first.
std::vector<Session> list_sessions(db::Transaction& tx, UserKey user, Timestamp now);

void touch_session(db::Transaction& tx, const Session& session, std::string_view address, Timestamp now);
void confirm_session(db::Transaction& tx, const Session& session, Timestamp now);
void set_mode(db::Transaction& tx, const Session& session, Mode mode);

// Whether there was one.
bool end_session(db::Transaction& tx, UserKey user, const Sha256& token_hash);
// All of a user's but the one, if any, with this token.
std::int64_t end_other_sessions(db::Transaction& tx, UserKey user, const Sha256& kept);
std::int64_t end_all_sessions(db::Transaction& tx, UserKey user);

}  // namespace epay::merchants
