// What Epay's operator takes for moving a merchant's money: rules per merchant, kind, currency and rail. A rule's
// percentage is rounded half up to the minor unit, the fixed part is added, and the sum is kept between the rule's
// least and most. What is not covered by a rule costs what the merchant's row says of payments (a percentage), and
// nothing otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/currency.h"
#include "base/ids.h"
#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "payments/status.h"

namespace epay::payments {

inline constexpr std::int64_t basis_points = 10'000;

// Stored: never renumber.
enum class FeeBearer : std::int64_t {
  merchant = 1,  // it is taken out of the payment, or of the wallet beside a payout or refund
  customer = 2,  // of a payment: it is asked for on top, and the merchant gets all that it asked for
};
std::string_view name_of(FeeBearer bearer);  // "merchant", "customer"

struct FeeRule {
  std::int64_t basis_points = 0;
  std::int64_t fixed_minor = 0;
  std::int64_t least_minor = 0;
  std::optional<std::int64_t> most_minor;
  FeeBearer bearer = FeeBearer::merchant;
  friend bool operator==(const FeeRule&, const FeeRule&) = default;
};

struct Fee {
  std::int64_t minor = 0;
  FeeBearer bearer = FeeBearer::merchant;
  friend bool operator==(const Fee&, const Fee&) = default;
};
// An amount with what its fee puts on top of it. Error: invalid (more than an amount can be).
Result<Money> whole_of(const Money& amount, const Fee& fee);
// Of a payment whose merchant bears it, never more than the payment.
Fee fee_of(const FeeRule& rule, PaymentKind kind, const Money& amount);

// Which orders a rule is for.
struct FeeRuleKey {
  MerchantId merchant;
  PaymentKind kind = PaymentKind::payment;
  Currency currency = Currency::ghs();
  std::int64_t rail = 0;  // rails::RailId; 0: those that have no rule of their own
};
struct KeyedFeeRule {
  FeeRuleKey key;
  FeeRule rule;
};

// The rule that counts, asked of the store: the rail's own, else the one for all rails, else the merchant's row.
using AskedFeeRule = db::Later<std::optional<FeeRule>>;
AskedFeeRule ask_for_fee_rule(db::Transaction& tx, const FeeRuleKey& key);

// In place of the rule that it had. Errors: invalid (what it says cannot be), not_found (no such merchant).
Result<> set_fee_rule(db::Transaction& tx, const KeyedFeeRule& rule, Timestamp now);
// Error: not_found.
Result<> delete_fee_rule(db::Transaction& tx, const FeeRuleKey& key);
std::vector<KeyedFeeRule> list_fee_rules(db::Transaction& tx, MerchantId merchant);
// Of payments without a rule, in hundredths of a percent: the merchant's row. Errors: invalid, not_found.
Result<> set_default_fee(db::Transaction& tx, MerchantId merchant, std::int64_t basis_points);

}  // namespace epay::payments
