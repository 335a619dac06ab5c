// The auditor's last check: the merchants' lists against the clients' answers, the webhooks, the rail and the balances.
#include <cstdio>

#include "ledger/ledger.h"
#include "simulation/audit_store.h"
#include "simulation/auditor.h"

namespace epay::simulation {
namespace {

// In the rail's own table.
enum RailStatus { awaiting_customer = 1, deciding = 2, succeeded = 3, failed = 4 };

// Epay's name for a payment's only attempt at the rail, as the card page's address shows it.
std::string rail_reference(std::int64_t merchant_id, const std::string& payment_id) {
  char text[64];
  std::snprintf(text, sizeof text, "ept%llxz%010llxz1", static_cast<unsigned long long>(merchant_id),
                std::stoull(payment_id));
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

  const auto at_rail = rail.find(rail_reference(merchants_[merchant].id, listed.id));
  if (at_rail != rail.end()) at_rail->second.claimed = true;
  compare_with_rail(*order, listed, at_rail == rail.end() ? nullptr : &at_rail->second);
  compare_with_webhooks(*order, dossier, listed);

  auto& [available, held] = balances[{merchant, std::string(order->amount.currency.code())}];
  if (order->is_charge() && listed.status == "success") available += order->amount.minor;
  if (order->kind == Order::Kind::payout && listed.status != "failed") available -= order->amount.minor;
  if (order->kind == Order::Kind::payout && listed.status == "pending") held += order->amount.minor;
}

void Auditor::compare_with_rail(const Order& order, const Listed& listed, const RailOrder* rail) {
  std::string wanted;
  const bool payout = order.kind == Order::Kind::payout;
  if (order.kind == Order::Kind::checkout) {
    wanted = "pending";
  } else if (rail == nullptr) {
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
  if (!order.is_charge()) {
    if (!dossier.told.empty()) fail(listed.reference + " is no charge and was told of by webhook");
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
