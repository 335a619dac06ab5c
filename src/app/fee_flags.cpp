// merchant fees …
#include <CLI/CLI.hpp>

#include "app/fee_verbs.h"
#include "app/flags.h"

namespace epay::app {
namespace {

CLI::App& add(CLI::App& fees, const std::string& name, const std::string& help, FeeConfig& config) {
  CLI::App& verb = *fees.add_subcommand(name, help);
  add_store_flags(verb, config.store);
  add_flag(verb, "--merchant", config.merchant_id, "the merchant's number")->required();
  return verb;
}

void add_key(CLI::App& verb, FeeConfig& config) {
  add_flag(verb, "--kind", config.kind, "payment, payout or refund (default: payment)");
  add_flag(verb, "--rail", config.rail, "simulator, mtn, paystack, hubtel or mpgs (default: those without a rule)");
  add_flag(verb, "--currency", config.currency, "default: GHS");
}

}  // namespace

void add_fees(CLI::App& merchant, FeeConfig& config, int& code) {
  CLI::App& fees = *merchant.add_subcommand("fees", "What a merchant pays for moving money")->require_subcommand(1);
  CLI::App& list = add(fees, "list", "The rules of a merchant", config);
  add_switch(list, "--json", config.json, "one JSON object a line");
  list.callback([&] { code = fees_list(config); });
  CLI::App& set = add(fees, "set", "Sets the rule of a kind, a currency and a rail", config);
  add_key(set, config);
  add_flag(set, "--percent", config.percent, "of the amount: 1.95");
  add_flag(set, "--fixed", config.fixed, "on top of it: 0.50");
  add_flag(set, "--least", config.least, "the fee is at least this");
  add_flag(set, "--most", config.most, "the fee is at most this");
  add_flag(set, "--bearer", config.bearer, "merchant, or customer: asked for on top of a payment (default: merchant)");
  set.callback([&] { code = fees_set(config); });
  CLI::App& remove = add(fees, "remove", "Takes a rule away", config);
  add_key(remove, config);
  remove.callback([&] { code = fees_remove(config); });
  CLI::App& otherwise = add(fees, "default", "The percentage of payments that no rule is for", config);
  add_flag(otherwise, "--percent", config.percent, "of the amount: 1.95")->required();
  otherwise.callback([&] { code = fees_default(config); });
}

}  // namespace epay::app
