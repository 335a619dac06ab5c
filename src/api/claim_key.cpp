#include "api/claim_key.h"

namespace epay::api {

Result<std::optional<Reply>> claim_key(db::Transaction& tx, MerchantId merchant, const Claim& claim, Timestamp now) {
  if (!claim) return std::nullopt;
  const auto record = payments::find_key(tx, merchant, *claim, now);
  if (!record) return std::unexpected(record.error());
  if (*record && (*record)->answer) return Reply{*(*record)->answer, true};
  if (*record) payments::take_over_key(tx, merchant, *claim, **record);
  payments::record_key(tx, merchant, *claim, now);
  return std::nullopt;
}

}  // namespace epay::api
