#include "merchants/second_factor.h"

#include "merchants/second_factor_store.h"
#include "merchants/totp.h"

namespace epay::merchants {
namespace {

constexpr std::string_view recovery_alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t recovery_letters = 16;
constexpr std::size_t recovery_group = 4;
constexpr std::size_t code_max = 40;

struct Kept {
  Secret secret;
  bool in_force = false;
  std::int64_t last_step = 0;
};

std::optional<Kept> find(db::Transaction& tx, UserKey user, const Vault& vault) {
  struct Stored {
    std::optional<std::string> box;
    bool in_force;
    std::int64_t last_step;
  };
  const auto stored = tx.query_one(
      store::select_totp,
      [](const db::Row& row) { return Stored{row.optional_string(0), !row.is_null(1), row.integer(2)}; }, user.merchant,
      user.user);
  if (!stored || !stored->box) return std::nullopt;
  auto secret = vault.open(*stored->box, totp_context(user));
  if (!secret) return std::nullopt;
  return Kept{*std::move(secret), stored->in_force, stored->last_step};
}

bool use_app_code(db::Transaction& tx, UserKey user, const Kept& kept, std::string_view code, Timestamp now) {
  const auto step = matching_totp_step(kept.secret, code, kept.last_step, now);
  return step && tx.execute(store::update_totp_step, user.merchant, user.user, *step) == 1;
}

// The hash of what is left without dashes and blanks, in lower case. 80 bits of chance need no slow hash.
std::string recovery_hash(std::string_view code) {
  std::string plain;
  for (const char c : code) {
    if (c != '-' && c != ' ') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return to_bytes(sha256("recovery:" + plain));
}

}  // namespace

std::string totp_context(UserKey user) {
  return "totp:" + std::to_string(user.merchant.value) + ":" + std::to_string(user.user.value);
}

Result<Secret> prepare_second_factor(db::Transaction& tx, UserKey user, const NewSecondFactor& fresh,
                                     const Vault& vault) {
  auto kept = find(tx, user, vault);
  if (kept && kept->in_force) return fail(ErrorCode::conflict, "a second factor is in force already");
  if (kept) return std::move(kept->secret);
  const std::string box = vault.seal(fresh.secret, totp_context(user), fresh.nonce);
  tx.execute(store::update_totp, user.merchant, user.user, db::Bytes{box}, nullptr, 0);
  return fresh.secret;
}

bool confirm_second_factor(db::Transaction& tx, UserKey user, std::string_view code, const Vault& vault,
                           Timestamp now) {
  const auto kept = find(tx, user, vault);
  if (!kept || kept->in_force || !use_app_code(tx, user, *kept, code, now)) return false;
  tx.execute(store::update_totp_since, user.merchant, user.user, now);
  return true;
}

void remove_second_factor(db::Transaction& tx, UserKey user) {
  tx.execute(store::update_totp, user.merchant, user.user, nullptr, nullptr, 0);
  tx.execute(store::delete_all_recovery_codes, user.merchant, user.user);
}

std::vector<std::string> make_recovery_codes(Random& random) {
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < recovery_codes; ++i) {
    std::string code = random.text(recovery_letters, recovery_alphabet);
    for (std::size_t at = recovery_group; at < code.size(); at += recovery_group + 1) code.insert(at, 1, '-');
    codes.push_back(std::move(code));
  }
  return codes;
}

void keep_recovery_codes(db::Transaction& tx, UserKey user, const std::vector<std::string>& codes) {
  tx.execute(store::delete_all_recovery_codes, user.merchant, user.user);
  for (const std::string& code : codes)
    tx.execute(store::insert_recovery_code, user.merchant, user.user, db::Bytes{recovery_hash(code)});
}

std::int64_t count_recovery_codes(db::Transaction& tx, UserKey user) {
  return tx
      .query_one(
          store::select_recovery_codes_left, [](const db::Row& row) { return row.integer(0); }, user.merchant,
          user.user)
      .value_or(0);
}

FactorVerdict try_second_factor(db::Transaction& tx, UserKey user, std::string_view code, const Vault& vault,
                                Timestamp now) {
  const auto kept = find(tx, user, vault);
  if (!kept || !kept->in_force || code.size() > code_max) return FactorVerdict::wrong;
  if (use_app_code(tx, user, *kept, code, now)) return FactorVerdict::app_code;
  const std::int64_t used =
      tx.execute(store::use_recovery_code, user.merchant, user.user, db::Bytes{recovery_hash(code)}, now);
  return used == 1 ? FactorVerdict::recovery_code : FactorVerdict::wrong;
}

}  // namespace epay::merchants
