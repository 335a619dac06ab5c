#include "merchants/telephone_code.h"

#include "merchants/merchant.h"
#include "merchants/telephone_code_store.h"

namespace epay::merchants {

std::string telephone_code_context(MerchantId merchant, std::string_view telephone) {
  return "telephone:" + std::to_string(merchant.value) + ":" + std::string(telephone);
}

std::optional<microseconds> keep_telephone_code(db::Transaction& tx, MerchantId merchant, const NewTelephoneCode& code,
                                                const Vault& vault, Timestamp now) {
  const auto sent = sent_telephone_code(tx, merchant);
  if (sent && sent->sent_at + telephone_code_every > now) return sent->sent_at + telephone_code_every - now;
  const std::string box = vault.seal(code.code, telephone_code_context(merchant, code.telephone), code.nonce);
  tx.execute(store::upsert_telephone_code, merchant, code.telephone, db::Bytes{box}, now, now + telephone_code_life);
  return std::nullopt;
}

CodeVerdict try_telephone_code(db::Transaction& tx, MerchantId merchant, std::string_view code, const Vault& vault,
                               Timestamp now) {
  struct Kept {
    std::string telephone, box;
    std::int64_t tries;
    Timestamp expires_at;
  };
  const auto kept = tx.query_one(
      store::select_telephone_code,
      [](const db::Row& row) { return Kept{row.string(0), row.string(1), row.integer(2), row.time(4)}; }, merchant);
  if (!kept || kept->expires_at <= now) return CodeVerdict::expired;
  if (kept->tries >= telephone_code_tries_max) return CodeVerdict::too_many_tries;
  const auto right = vault.open(kept->box, telephone_code_context(merchant, kept->telephone));
  if (!right || !right->equals(code)) {
    tx.execute(store::count_telephone_code_try, merchant);
    return kept->tries + 1 >= telephone_code_tries_max ? CodeVerdict::too_many_tries : CodeVerdict::wrong;
  }
  tx.execute(store::delete_telephone_code, merchant);
  set_telephone_verified(tx, merchant, kept->telephone, now);
  return CodeVerdict::right;
}

std::optional<SentTelephoneCode> sent_telephone_code(db::Transaction& tx, MerchantId merchant) {
  return tx.query_one(
      store::select_telephone_code,
      [](const db::Row& row) {
        return SentTelephoneCode{row.string(0), row.time(3), row.time(4), int(row.integer(2))};
      },
      merchant);
}

}  // namespace epay::merchants
