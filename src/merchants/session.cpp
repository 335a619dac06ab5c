#include "merchants/session.h"

#include "base/utf8.h"
#include "merchants/access_token.h"
#include "merchants/session_store.h"

namespace epay::merchants {
namespace {

// A browser calls itself what it likes.
std::string shortened(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (kept.size() + length > session_device_max) break;
    if (length > 0) kept += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return kept;
}

Session read_session(MerchantId merchant, const db::Row& row) {
  Session session{.user = {merchant, row.id<UserId>(0)},
                  .stage = row.as<SessionStage>(2),
                  .mode = row.as<Mode>(3),
                  .device = row.string(4),
                  .address = row.string(5),
                  .created_at = row.time(6),
                  .seen_at = row.time(7),
                  .authenticated_at = row.time(8)};
  const std::string_view hash = row.text(1);
  std::copy_n(hash.begin(), std::min(hash.size(), session.token_hash.size()), session.token_hash.begin());
  return session;
}

}  // namespace

bool Session::expired(Timestamp now) const {
  if (stage == SessionStage::second_factor_wanted && created_at + second_factor_wait_max <= now) return true;
  return seen_at + session_idle_max <= now || created_at + session_life_max <= now;
}

void begin_session(db::Transaction& tx, const NewSession& session, Timestamp now) {
  const MerchantId merchant = session.user.merchant;
  tx.execute(store::delete_old_sessions, merchant, now - session_idle_max, now - session_life_max,
             now - second_factor_wait_max);
  tx.execute(store::insert_session, merchant, db::Bytes{to_bytes(sha256(session.token))}, session.user.user,
             session.stage, session.mode, shortened(session.device), session.address, now);
}

std::optional<Session> find_session(db::Transaction& tx, std::string_view token, Timestamp now) {
  const auto merchant = merchant_of_token(token);
  if (!merchant) return std::nullopt;
  auto session = tx.query_one(
      store::select_session, [&](const db::Row& row) { return read_session(*merchant, row); }, *merchant,
      db::Bytes{to_bytes(sha256(token))});
  if (session && session->expired(now)) return std::nullopt;
  return session;
}

std::vector<Session> list_sessions(db::Transaction& tx, UserKey user, Timestamp now) {
  auto sessions = tx.query_all(
      store::select_sessions, [&](const db::Row& row) { return read_session(user.merchant, row); }, user.merchant,
      user.user);
  std::erase_if(sessions, [now](const Session& session) { return session.expired(now); });
  return sessions;
}

void touch_session(db::Transaction& tx, const Session& session, std::string_view address, Timestamp now) {
  tx.execute(store::update_session_seen, session.user.merchant, db::Bytes{to_bytes(session.token_hash)}, now, address);
}

void confirm_session(db::Transaction& tx, const Session& session, Timestamp now) {
  tx.execute(store::update_session_authenticated, session.user.merchant, db::Bytes{to_bytes(session.token_hash)}, now);
}

void set_mode(db::Transaction& tx, const Session& session, Mode mode) {
  tx.execute(store::update_session_mode, session.user.merchant, db::Bytes{to_bytes(session.token_hash)}, mode);
}

bool end_session(db::Transaction& tx, UserKey user, const Sha256& token_hash) {
  return tx.execute(store::delete_session, user.merchant, user.user, db::Bytes{to_bytes(token_hash)}) > 0;
}

std::int64_t end_other_sessions(db::Transaction& tx, UserKey user, const Sha256& kept) {
  return tx.execute(store::delete_other_sessions, user.merchant, user.user, db::Bytes{to_bytes(kept)});
}

std::int64_t end_all_sessions(db::Transaction& tx, UserKey user) {
  return tx.execute(store::delete_all_sessions, user.merchant, user.user);
}

}  // namespace epay::merchants
