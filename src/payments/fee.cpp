#include "payments/fee.h"

#include <algorithm>

#include "base/check.h"
#include "payments/fee_store.h"

namespace epay::payments {
namespace {

// Rounded half up, to the minor unit.
std::int64_t percentage_of(std::int64_t minor, std::int64_t points) {
  return std::int64_t((__int128(minor) * points + basis_points / 2) / basis_points);
}

FeeRule read_rule(const db::Row& row, int first) {
  return {.basis_points = row.integer(first),
          .fixed_minor = row.integer(first + 1),
          .least_minor = row.integer(first + 2),
          .most_minor = row.optional_integer(first + 3),
          .bearer = row.as<FeeBearer>(first + 4)};
}

Result<> check(const KeyedFeeRule& keyed) {
  const FeeRule& rule = keyed.rule;
  const auto is_amount = [](std::int64_t minor) { return minor >= 0 && minor <= Money::minor_max; };
  if (rule.basis_points < 0 || rule.basis_points > basis_points)
    return fail(ErrorCode::invalid, "the percentage must be from 0 to 100");
  if (!is_amount(rule.fixed_minor)) return fail(ErrorCode::invalid, "the fixed part is no amount");
  if (!is_amount(rule.least_minor)) return fail(ErrorCode::invalid, "the least is no amount");
  if (rule.most_minor && !is_amount(*rule.most_minor)) return fail(ErrorCode::invalid, "the most is no amount");
  if (rule.most_minor && *rule.most_minor < rule.least_minor)
    return fail(ErrorCode::invalid, "the most must not be below the least");
  if (rule.bearer == FeeBearer::customer && keyed.key.kind != PaymentKind::payment)
    return fail(ErrorCode::invalid, "only of payments the customer can bear the fee");
  return {};
}

bool is_merchant(db::Transaction& tx, MerchantId merchant) {
  return tx.query_one(store::select_merchant_of_fee, [](const db::Row&) { return true; }, merchant).has_value();
}

std::unexpected<Error> no_merchant(MerchantId merchant) {
  return fail(ErrorCode::not_found, "There is no merchant " + std::to_string(merchant.value));
}

}  // namespace

std::string_view name_of(FeeBearer bearer) {
  switch (bearer) {
    case FeeBearer::merchant: return "merchant";
    case FeeBearer::customer: return "customer";
  }
  return "";
}

Result<Money> whole_of(const Money& amount, const Fee& fee) {
  if (fee.minor > Money::minor_max - amount.minor) {
    return fail(ErrorCode::invalid, "The amount and its fee are more than an amount can be");
  }
  return Money{amount.minor + fee.minor, amount.currency};
}

Fee fee_of(const FeeRule& rule, PaymentKind kind, const Money& amount) {
  std::int64_t minor = percentage_of(amount.minor, rule.basis_points) + rule.fixed_minor;
  minor = std::max(minor, rule.least_minor);
  if (rule.most_minor) minor = std::min(minor, *rule.most_minor);
  if (kind == PaymentKind::payment && rule.bearer == FeeBearer::merchant) minor = std::min(minor, amount.minor);
  return {minor, rule.bearer};
}

AskedFeeRule ask_for_fee_rule(db::Transaction& tx, const FeeRuleKey& key) {
  const bool payment = key.kind == PaymentKind::payment;
  return tx.ask_one(
      store::select_fee,
      [payment](const db::Row& row) {
        if (!row.is_null(1)) return read_rule(row, 1);
        if (!row.is_null(6)) return read_rule(row, 6);
        return FeeRule{.basis_points = payment ? row.integer(0) : 0};
      },
      key.merchant, key.kind, key.currency.code(), key.rail);
}

Result<> set_fee_rule(db::Transaction& tx, const KeyedFeeRule& keyed, Timestamp now) {
  const auto& [key, rule] = keyed;
  if (const auto good = check(keyed); !good) return good;
  if (!is_merchant(tx, key.merchant)) return no_merchant(key.merchant);
  tx.execute(store::upsert_fee_rule, key.merchant, key.kind, key.currency.code(), key.rail, rule.basis_points,
             rule.fixed_minor, rule.least_minor, rule.most_minor, rule.bearer, now);
  return {};
}

Result<> delete_fee_rule(db::Transaction& tx, const FeeRuleKey& key) {
  if (tx.execute(store::delete_fee_rule, key.merchant, key.kind, key.currency.code(), key.rail) == 0)
    return fail(ErrorCode::not_found, "There is no such rule");
  return {};
}

std::vector<KeyedFeeRule> list_fee_rules(db::Transaction& tx, MerchantId merchant) {
  return tx.query_all(
      store::select_fee_rules,
      [&](const db::Row& row) {
        const auto currency = Currency::parse(row.text(1));
        EPAY_CHECK(currency.has_value());
        return KeyedFeeRule{{merchant, row.as<PaymentKind>(0), *currency, row.integer(2)}, read_rule(row, 3)};
      },
      merchant);
}

Result<> set_default_fee(db::Transaction& tx, MerchantId merchant, std::int64_t points) {
  if (points < 0 || points > basis_points) return fail(ErrorCode::invalid, "the percentage must be from 0 to 100");
  if (tx.execute(store::update_default_fee, merchant, points) == 0) return no_merchant(merchant);
  return {};
}

}  // namespace epay::payments
