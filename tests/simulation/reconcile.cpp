// The auditor's last check: the merchants' lists against the clients' answers, the webhooks, the rail and the balances.
#include <cstdio>

#include "ledger/ledger.h"
#include "simulation/audit_store.h"
#include "simulation/auditor.h"

namespace epay::simulation {
namespace {

// In the rail's own table.
enum RailStatus { awaiting_customer = 1, deciding = 2, succeeded = 3, failed = 4 };

// Epay's name for an attempt at the rail, as the card page's address shows it.
std::string rail_reference(std::int64_t merchant_id, const std::string& payment_id, int attempt = 1) {
  char text[64];
  std::snprintf(text, sizeof text, "ept%llxz%010llxz%x", static_cast<unsigned long long>(merchant_id),
                std::stoull(payment_id), static_cast<unsigned>(attempt));
  return text;
}

}  // namespace

void Auditor::reconcile(const std::vector<std::vector<Listed>>& lists, db::Transaction& tx) {
  RailOrders rail;
  tx.query_each(store::select_rail_orders, [&](const db::Row& row) {
    rail[row.string(0)] = {static_cast<int>(row.integer(1)), row.string(2), row.integer(3), false};
  });
  Balances balances;
  std::set<std::pair<std::size_t, std::string>> seen;
  std::set<std::string> ids;
  for (std::size_t merchant = 0; merchant < lists.size(); ++merchant) {
    for (const Listed& listed : lists[merchant]) {
      if (!seen.insert({merchant, listed.reference}).second) fail(listed.reference + " is listed twice");
      if (!ids.insert(listed.id).second) fail("transaction " + listed.id + " is listed twice");
      reconcile_one(merchant, listed, rail, balances);
    }
  }
  for (const auto& [key, dossier] : dossiers_) {
    if (dossier.exists && !seen.contains(key)) fail(key.second + " was accepted and is lost");
  }
  for (const auto& [reference, order] : rail) {
    if (!order.claimed) fail("the rail has " + reference + ", which no transaction knows");
  }
  compare_balances(balances, tx);
}

const Order* Auditor::order_behind(const Dossier& dossier, const Listed& listed) const {
  for (const Order* order : dossier.orders) {
    if (dossier.winner != nullptr && dossier.winner != order) continue;
    const bool payout = order->kind == Order::Kind::payout;
    if (order->amount.to_decimal() == listed.amount && (listed.type == "payouts") == payout) return order;
  }
  return nullptr;
}

void Auditor::reconcile_one(std::size_t merchant, const Listed& listed, RailOrders& rail, Balances& balances) {
  const auto found = dossiers_.find({merchant, listed.reference});
  if (found == dossiers_.end() || !found->second.first_sent) return fail(listed.reference + " was ordered by nobody");
  Dossier& dossier = found->second;
  const Order* order = order_behind(dossier, listed);
  if (order == nullptr) return fail(listed.reference + " is listed otherwise than it was ordered");
  saw_status(*order, dossier.status, listed.status);
  std::string told;
  for (const auto& [status, id] : dossier.told) told += (told.empty() ? "" : ",") + status;
  endings_[{merchant, listed.reference}] = {listed.status, told};

  auto& [available, held] = balances[{merchant, std::string(order->amount.currency.code())}];
  if (order->is_payment() && listed.status == "success") available += order->amount.minor;
  compare_with_webhooks(*order, dossier, listed);
  if (order->kind == Order::Kind::checkout) return compare_checkout_with_rail(merchant, *order, dossier, listed, rail);

  const auto at_rail = rail.find(rail_reference(merchants_[merchant].id, listed.id));
  if (at_rail != rail.end()) at_rail->second.claimed = true;
  compare_with_rail(*order, listed, at_rail == rail.end() ? nullptr : &at_rail->second);
  if (order->kind == Order::Kind::payout && listed.status != "failed") available -= order->amount.minor;
  if (order->kind == Order::Kind::payout && listed.status == "pending") held += order->amount.minor;
}

// A customer's attempts: the right wallets were asked, in turn, and at most one of them has paid.
void Auditor::compare_checkout_with_rail(std::size_t merchant, const Order& order, const Dossier& dossier,
                                         const Listed& listed, RailOrders& rail) {
  int paid = 0, attempts = 0;
  bool undecided = false;
  for (int number = 1; number <= int(order.tries.size()); ++number) {
    const std::string& wallet = order.tries[std::size_t(number - 1)];
    const int scenario = scenario_of(wallet);
    const auto found = rail.find(rail_reference(merchants_[merchant].id, listed.id, number));
    if (found == rail.end()) {
      // Refused at once, lost on the way until it was too late, or decided in the reply and kept by no book.
      if (scenario != 490) undecided = true;
      if (plan_.rail_delay == microseconds(0) && scenario == 0 && wallet != "card" && listed.status == "success")
        ++paid;
      continue;
    }
    RailOrder& at_rail = found->second;
    at_rail.claimed = true;
    attempts = number;
    if (at_rail.wallet != (wallet == "card" ? "" : wallet)) fail(listed.reference + " asked another wallet");
    if (at_rail.amount_minor != order.amount.minor) fail(listed.reference + " has another amount at the rail");
    if (at_rail.status == succeeded && scenario != 486) ++paid;
    if (at_rail.status == succeeded && scenario == 486) undecided = true;
    if (at_rail.status == awaiting_customer || at_rail.status == deciding) undecided = true;
    if (at_rail.status == failed && !may_fail(scenario) && order.customer != Order::Customer::declines)
      fail(listed.reference + " failed at the rail for no reason");
  }
  // Without a delay a plain success is in no book, and only one of them can have been the last.
  const bool unrecorded = plan_.rail_delay == microseconds(0);
  if (paid > 1 && !unrecorded) fail(listed.reference + " was paid " + std::to_string(paid) + " times");
  if ((listed.status == "success") != (paid > 0))
    fail(listed.reference + " is " + listed.status + ", and the rail was paid " + std::to_string(paid) + " times");
  const bool may_fail_now = order.cancels || undecided || checkout_may_be_over(dossier) || attempts >= 5;
  if (listed.status == "failed" && !may_fail_now) fail(listed.reference + " has failed for no reason");
}

void Auditor::compare_with_rail(const Order& order, const Listed& listed, const RailOrder* rail) {
  std::string wanted;
  const bool payout = order.kind == Order::Kind::payout;
  if (rail == nullptr) {
    // Refused at once, or never arrived in time. A payout that never arrived is sent again until it does.
    wanted = !payout || order.scenario() == 490 ? "failed" : "pending";
    // Without a delay the rail's simulator decides what is plain in its reply, and keeps no record of it.
    if (plan_.rail_delay == microseconds(0) && order.scenario() == 0) wanted = listed.status;
    if (plan_.rail_delay == microseconds(0) && order.scenario() == 491 && payout) wanted = listed.status;
  } else if (rail->status == succeeded && order.scenario() == 486) {
    // Another amount than was asked for: a person's case. A payment may have expired before that was known.
    wanted = !payout && listed.status == "failed" ? "failed" : "pending";
  } else if (rail->status == succeeded) {
    wanted = "success";
  } else if (rail->status == failed) {
    wanted = "failed";
    if (!order.may_fail_at_rail()) fail(listed.reference + " failed at the rail for no reason");
  } else {
    wanted = payout ? "pending" : "failed";
  }
  if (rail != nullptr && rail->amount_minor != order.amount.minor)
    fail(listed.reference + " has another amount at the rail");
  if (wanted == listed.status) return;
  const std::string known = rail == nullptr ? "nothing" : "status " + std::to_string(rail->status);
  fail(listed.reference + " (number " + order.wallet + ") is " + listed.status + " and should be " + wanted +
       ": the rail knows " + known);
}

void Auditor::compare_with_webhooks(const Order& order, const Dossier& dossier, const Listed& listed) {
  if (!order.is_payment()) {
    if (!dossier.told.empty()) fail(listed.reference + " is no payment and was told of by webhook");
    return;
  }
  if (listed.status != "pending" && !dossier.told.contains(listed.status)) {
    fail(listed.reference + " is " + listed.status + " and its merchant was never told");
  }
  if (listed.status == "success" && dossier.told.contains("failed") && !may_have_expired(dossier)) {
    fail(listed.reference + " is success and its merchant was told that it failed");
  }
  // Its network never said that the money had not moved, so nobody may say so.
  if (order.scenario() == 488 && listed.status == "success" && dossier.told.contains("failed")) {
    fail(listed.reference + " was told to have failed while its network was silent");
  }
  if (listed.status != "success" && dossier.told.contains("success")) {
    fail(listed.reference + " is " + listed.status + " and its merchant was told success");
  }
}

void Auditor::compare_balances(const Balances& balances, db::Transaction& tx) {
  for (std::size_t merchant = 0; merchant < merchants_.size(); ++merchant) {
    std::map<std::string, ledger::Balance> stored;
    for (const auto& balance : ledger::balances(tx, {MerchantId{merchants_[merchant].id}, Mode::test})) {
      stored[balance.currency] = balance;
    }
    for (const auto& [key, wanted] : balances) {
      if (key.first != merchant) continue;
      const ledger::Balance& is = stored[key.second];
      if (is.available_minor == wanted.first && is.held_minor == wanted.second) continue;
      fail("merchant " + std::to_string(merchant) + " has " + std::to_string(is.available_minor) + " available and " +
           std::to_string(is.held_minor) + " held in " + key.second + ", and should have " +
           std::to_string(wanted.first) + " and " + std::to_string(wanted.second));
    }
  }
}

}  // namespace epay::simulation
