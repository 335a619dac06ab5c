#include "app/fee_verbs.h"

#include <cstdio>

#include "app/verbs.h"
#include "base/json_writer.h"
#include "merchants/merchant.h"
#include "payments/fee.h"
#include "rails/rail.h"

namespace epay::app {
namespace {

using payments::FeeBearer;
using payments::FeeRule;
using payments::FeeRuleKey;
using payments::KeyedFeeRule;
using payments::PaymentKind;

constexpr std::string_view any_rail = "any";

std::string name_of_rail(std::int64_t rail) {
  return std::string(rail == 0 ? any_rail : rails::name_of(static_cast<rails::RailId>(rail)));
}

std::unexpected<Error> wrong(const std::string& flag, const std::string& what) {
  return fail(ErrorCode::invalid, flag + ": " + what);
}

Result<std::int64_t> rail_of(const std::string& name) {
  if (name.empty() || name == any_rail) return 0;
  if (const auto rail = rails::rail_named(name)) return static_cast<std::int64_t>(*rail);
  return wrong("--rail", "must be any, simulator, mtn, paystack, hubtel or mpgs");
}

Result<PaymentKind> kind_of(const std::string& name) {
  for (const auto kind : {PaymentKind::payment, PaymentKind::payout, PaymentKind::refund}) {
    if (payments::name_of(kind) == name) return kind;
  }
  return wrong("--kind", "must be payment, payout or refund");
}

// "1.95" is 195: in hundredths of a percent, as amounts are read.
Result<std::int64_t> points_of(const std::string& percent) {
  if (percent == "0") return 0;
  const auto read = Money::parse(percent, *Currency::parse("USD"));  // any currency of two decimals
  if (!read) return wrong("--percent", "must be a number such as 1.95");
  return read->minor;
}

Result<std::int64_t> minor_of(const std::string& flag, const std::string& text, Currency currency) {
  if (text == "0") return 0;
  const auto read = Money::parse(text, currency);
  if (!read) return wrong(flag, read.error().message);
  return read->minor;
}

Result<FeeRuleKey> key_of(const FeeConfig& config) {
  const auto kind = kind_of(config.kind);
  if (!kind) return std::unexpected(kind.error());
  const auto rail = rail_of(config.rail);
  if (!rail) return std::unexpected(rail.error());
  const auto currency = Currency::parse(config.currency);
  if (!currency) return wrong("--currency", "must be an active ISO 4217 code such as GHS");
  return FeeRuleKey{MerchantId{config.merchant_id}, *kind, *currency, *rail};
}

Result<KeyedFeeRule> rule_of(const FeeConfig& config) {
  const auto key = key_of(config);
  if (!key) return std::unexpected(key.error());
  const auto points = points_of(config.percent);
  if (!points) return std::unexpected(points.error());
  const auto fixed = minor_of("--fixed", config.fixed, key->currency);
  if (!fixed) return std::unexpected(fixed.error());
  const auto least = minor_of("--least", config.least, key->currency);
  if (!least) return std::unexpected(least.error());
  FeeRule rule{.basis_points = *points, .fixed_minor = *fixed, .least_minor = *least};
  if (!config.most.empty()) {
    const auto most = minor_of("--most", config.most, key->currency);
    if (!most) return std::unexpected(most.error());
    rule.most_minor = *most;
  }
  if (config.bearer == payments::name_of(FeeBearer::customer)) {
    rule.bearer = FeeBearer::customer;
  } else if (config.bearer != payments::name_of(FeeBearer::merchant)) {
    return wrong("--bearer", "must be merchant or customer");
  }
  return KeyedFeeRule{*key, rule};
}

std::string decimal(std::int64_t minor, const Currency& currency) { return Money{minor, currency}.to_decimal(); }

std::string percent_text(std::int64_t points) { return decimal(points, *Currency::parse("USD")); }

void print(const KeyedFeeRule& keyed, bool json) {
  const auto& [key, rule] = keyed;
  const std::string rail = name_of_rail(key.rail), percent = percent_text(rule.basis_points);
  const std::string fixed = decimal(rule.fixed_minor, key.currency), least = decimal(rule.least_minor, key.currency);
  const auto most = rule.most_minor ? std::optional(decimal(*rule.most_minor, key.currency)) : std::nullopt;
  if (json) {
    JsonWriter out;
    out.begin_object()
        .member("kind", payments::name_of(key.kind))
        .member("rail", rail)
        .member("currency", key.currency.code())
        .member("percent", percent)
        .member("fixed", fixed)
        .member("least", least)
        .member("most", most)
        .member("bearer", payments::name_of(rule.bearer));
    std::printf("%s\n", out.end_object().take().c_str());
    return;
  }
  std::printf("%-8s %-10s %s  %s %% + %s, at least %s, at most %s, borne by the %s\n",
              std::string(payments::name_of(key.kind)).c_str(), rail.c_str(), std::string(key.currency.code()).c_str(),
              percent.c_str(), fixed.c_str(), least.c_str(), most.value_or("any").c_str(),
              std::string(payments::name_of(rule.bearer)).c_str());
}

Task<int> list(FeeConfig config, VerbContext& context) {
  struct Fees {
    std::int64_t points;
    std::vector<KeyedFeeRule> rules;
  };
  const MerchantId id{config.merchant_id};
  const auto fees = co_await context.database.read([id](db::Transaction& tx) -> Result<Fees> {
    const auto merchant = merchants::find_merchant(tx, id);
    if (!merchant) return std::unexpected(merchant.error());
    return Fees{merchant->fee_basis_points, payments::list_fee_rules(tx, id)};
  });
  if (!fees) co_return report(fees.error());
  for (const KeyedFeeRule& rule : fees->rules) print(rule, config.json);
  if (!config.json) std::printf("payments without a rule: %s %%\n", percent_text(fees->points).c_str());
  co_return 0;
}

template <class Change>
Task<int> change(VerbContext& context, Change body) {
  const auto changed = co_await context.database.write(std::move(body));
  co_return changed ? 0 : report(changed.error());
}

}  // namespace

int fees_list(const FeeConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return list(config, context); }, MasterKey::not_needed);
}

int fees_set(const FeeConfig& config) {
  const auto rule = rule_of(config);
  if (!rule) return report(rule.error());
  return run_on_store(
      config.store,
      [&](VerbContext& context) {
        return change(context, [rule = *rule, now = context.clock.now()](db::Transaction& tx) {
          return payments::set_fee_rule(tx, rule, now);
        });
      },
      MasterKey::not_needed);
}

int fees_remove(const FeeConfig& config) {
  const auto key = key_of(config);
  if (!key) return report(key.error());
  return run_on_store(
      config.store,
      [&](VerbContext& context) {
        return change(context, [key = *key](db::Transaction& tx) { return payments::delete_fee_rule(tx, key); });
      },
      MasterKey::not_needed);
}

int fees_default(const FeeConfig& config) {
  const auto points = points_of(config.percent);
  if (!points) return report(points.error());
  return run_on_store(
      config.store,
      [&](VerbContext& context) {
        return change(context, [points = *points, id = MerchantId{config.merchant_id}](db::Transaction& tx) {
          return payments::set_default_fee(tx, id, points);
        });
      },
      MasterKey::not_needed);
}

}  // namespace epay::app
