#include "simulation/auditor.h"

#include <algorithm>

#include "base/crypto.h"
#include "http/json.h"
#include "ledger/verify.h"
#include "payments/verify.h"

namespace epay::simulation {
namespace {

// An answer that went out this long before a crash may not have been written down yet.
constexpr seconds written_down_within{5};
// What is under way when its process dies or is lost ends within this.
constexpr seconds under_way_max{60};
// A merchant hears "failed" without the rail's word only after this (Epay's own deadline).
constexpr minutes payment_life{10};
constexpr hours checkout_life{24};
constexpr seconds signing_age_max{20};
// A merchant who asks again under a key is told to wait no longer than this.
constexpr minutes waiting_max{5};
// Without a fault, the news is there this soon after the rail has decided, also in a rush.
constexpr seconds prompt{20};

int rank(std::string_view status) { return status == "pending" ? 0 : status == "failed" ? 1 : 2; }

// The body says that a reference is taken; other conflicts say other things.
bool says_used(const std::string& body) { return body.find("has been used already") != std::string::npos; }
bool says_not_covered(const std::string& body) { return body.find("does not cover") != std::string::npos; }

const std::string* text_at(const http::Json& json, std::initializer_list<std::string_view> path) {
  const http::Json* at = &json;
  for (const std::string_view key : path) {
    at = at->find(key);
    if (at == nullptr) return nullptr;
  }
  return at->kind == http::Json::Kind::string ? &at->text : nullptr;
}

}  // namespace

Auditor::Auditor(const SimClock& clock, const Plan& plan)
    : clock_(clock), plan_(plan), merchants_(plan.merchants), wall_highest_(clock.now()) {
  for (const Order& order : plan.orders) dossier_of(order).orders.push_back(&order);
}

void Auditor::open_account(std::size_t merchant, std::int64_t merchant_id, std::string webhook_secret) {
  merchants_[merchant] = {merchant_id, std::move(webhook_secret)};
}

void Auditor::fail(std::string what) {
  if (!failure_) failure_ = std::move(what);
}

Auditor::Dossier& Auditor::dossier_of(const Order& order) { return dossiers_[{order.merchant, order.reference}]; }

void Auditor::sent(const Order& order) {
  Dossier& dossier = dossier_of(order);
  if (!dossier.first_sent) dossier.first_sent = clock_.now();
}

void Auditor::answered(const Order& order, int status, const std::string& body) {
  const std::string title = order.reference + " was answered " + std::to_string(status) + " " + body;
  switch (status) {
    case 200: return effect(order, status, body);
    case 402:
      // Without the money, nothing happens and nothing is kept: a later request may succeed.
      if (!says_not_covered(body)) return effect(order, status, body);
      if (order.kind != Order::Kind::payout) fail(title);
      return;
    case 409: {
      const bool alone = dossier_of(order).orders.size() == 1;
      // The key is written down with the payment, so whoever repeats it must be recognised.
      if (says_used(body) && alone && !order.key.empty()) fail("under the same key, " + title);
      if (says_used(body) && alone) dossier_of(order).exists = true;
      if (body.find("different request") != std::string::npos) fail(title);
      if (body.find("being worked on") != std::string::npos) told_to_wait(order);
      return;
    }
    case 503: return;
    default: fail(title);
  }
}

// A request that died with its process must not block the next one for ever.
void Auditor::told_to_wait(const Order& order) {
  const auto [since, fresh] = waiting_since_.try_emplace(&order, clock_.ticks());
  // While the disk is full nothing can come to an end.
  if (store_full_since_) since->second = clock_.ticks();
  if (clock_.ticks() > since->second + waiting_max) fail(order.reference + " is told to wait, and to wait");
}

void Auditor::effect(const Order& order, int status, const std::string& body) {
  Dossier& dossier = dossier_of(order);
  const auto [known, fresh] = effects_.try_emplace(&order, status, body);
  if (!fresh && order.key.empty()) return fail(order.reference + " was accepted twice");
  if (known->second != std::pair(status, body)) {
    return fail(order.reference + " has two answers under one key: " + known->second.second + " and " + body);
  }
  if (dossier.winner != nullptr && dossier.winner != &order) return fail(order.reference + " is two payments");
  dossier.winner = &order;
  dossier.exists = true;
  if (!dossier.accepted_at) dossier.accepted_at = clock_.ticks();
  if (order.is_charge() && status == 402) raise(dossier, "failed", "the answer");
}

std::string Auditor::status_known(const Order& order) const {
  return dossiers_.at({order.merchant, order.reference}).status;
}

void Auditor::saw_status(const Order& order, const std::string& known_before, const std::string& status) {
  Dossier& dossier = dossier_of(order);
  dossier.exists = true;
  if (rank(status) < rank(known_before)) {
    return fail(order.reference + " was " + known_before + " and is shown as " + status);
  }
  raise(dossier, status, "the API");
}

// A status that is seen is a floor for what is seen later.
void Auditor::raise(Dossier& dossier, const std::string& status, const std::string& by) {
  if (rank(status) <= rank(dossier.status)) return;
  const std::string& reference = dossier.orders.front()->reference;
  if (dossier.status == "failed" && !may_have_expired(dossier)) {
    return fail(reference + " was failed and is " + status + " by " + by + ", before it could expire");
  }
  dossier.status = status;
}

bool Auditor::checkout_may_be_over(const Dossier& dossier) const {
  const Timestamp highest = std::max(wall_highest_, clock_.now());
  return dossier.first_sent && highest >= *dossier.first_sent + checkout_life;
}

bool Auditor::may_have_expired(const Dossier& dossier) const {
  const Timestamp highest = std::max(wall_highest_, clock_.now());
  return dossier.first_sent && highest >= *dossier.first_sent + payment_life;
}

// ---- webhooks ----

bool Auditor::signature_is_valid(const Message& message) const {
  constexpr std::string_view prefix = "whsec_";
  const std::string& shown = merchants_[message.merchant].secret;
  const auto secret = base64_decode(std::string_view(shown).substr(prefix.size()));
  const std::string signed_text = message.id + "." + message.timestamp + "." + message.body;
  return secret && message.signature == "v1," + base64_encode(to_bytes(hmac_sha256(*secret, signed_text)));
}

void Auditor::received(const Message& message) {
  ++receipts_;
  if (!signature_is_valid(message)) return fail("webhook " + message.id + " has a wrong signature");
  const std::int64_t age = clock_.now().unix_seconds() - std::stoll(message.timestamp);
  const bool jumped = jumped_at_ && clock_.ticks() < *jumped_at_ + signing_age_max;
  if (!jumped && (age < 0 || age > signing_age_max.count())) {
    return fail("webhook " + message.id + " was signed " + std::to_string(age) + " s ago");
  }
  const auto [told, fresh] = messages_.try_emplace(message.id, message.merchant, message.body, std::nullopt);
  if (told->second.body != message.body) return fail("webhook " + message.id + " came with two bodies");
  if (told->second.merchant != message.merchant) return fail("webhook " + message.id + " came to two merchants");
  if (told->second.delivered_at) return fail("webhook " + message.id + " came again after its 2xx had arrived");
  if (fresh) read_notification(message);
}

void Auditor::read_notification(const Message& message) {
  const std::string title = "webhook " + message.id + " " + message.body;
  const auto json = http::Json::parse(message.body);
  if (!json) return fail(title + " is no JSON");
  const http::Json* success = json->find("success");
  const std::string* reference = text_at(*json, {"transaction", "reference"});
  const std::string* status = text_at(*json, {"transaction", "status"});
  if (success == nullptr || reference == nullptr || status == nullptr) return fail(title + " is incomplete");
  const auto found = dossiers_.find({message.merchant, *reference});
  if (found == dossiers_.end() || !found->second.first_sent) return fail(title + " is about what nobody ordered");
  Dossier& dossier = found->second;
  const bool matches = std::ranges::any_of(dossier.orders, [&](const Order* order) {
    const auto says = [&](std::initializer_list<std::string_view> path, const std::string& wanted) {
      const std::string* text = text_at(*json, path);
      return text != nullptr && *text == wanted;
    };
    // A checkout's customer decides how it is paid, or does not.
    const bool any_method = order->kind == Order::Kind::checkout;
    return order->is_payment() && (dossier.winner == nullptr || dossier.winner == order) &&
           says({"transaction", "amount"}, order->amount.to_decimal()) &&
           (any_method ||
            says({"transaction", "payment_method"}, order->kind == Order::Kind::card ? "card" : "momo")) &&
           says({"transaction", "customer", "email"}, order->email) &&
           says({"transaction", "customer", "telephone"}, order->telephone) &&
           (!order->description || says({"transaction", "description"}, *order->description));
  });
  if (!matches) return fail(title + " is about another order than was sent");
  if (success->truth != (*status == "success") || *status == "pending") return fail(title + " contradicts itself");
  if (!dossier.told.try_emplace(*status, message.id).second) {
    return fail(title + " is news that " + dossier.told[*status] + " told already");
  }
  dossier.exists = true;
  check_prompt(dossier);
  raise(dossier, *status, "webhook " + message.id);
}

void Auditor::check_prompt(const Dossier& dossier) {
  if (!plan_.calm || dossier.winner == nullptr || !dossier.winner->is_plain()) return;
  const microseconds took = clock_.ticks() - *dossier.accepted_at;
  if (took > plan_.rail_delay + prompt) {
    fail(dossier.winner->reference + " was told of only " + std::to_string(took.count()) + " us after it was accepted");
  }
}

void Auditor::delivered(const std::string& message_id, Ticks answered_at) {
  const bool may_be_lost = store_full_since_ || clock_.ticks() < tries_repeat_until_;
  if (!may_be_lost) messages_.at(message_id).delivered_at = answered_at;
}

void Auditor::store_is_full() {
  store_full_since_ = clock_.ticks();
  // Nobody can beat, and whoever comes back first takes over what the others had.
  if (plan_.processes > 1) process_lost();
}

void Auditor::process_lost() {
  service_died();
  tries_repeat_until_ = clock_.ticks() + under_way_max;
}

void Auditor::service_died() {
  waiting_since_.clear();
  const Ticks last_write = store_full_since_.value_or(clock_.ticks());
  for (auto& [id, told] : messages_) {
    if (told.delivered_at && last_write < *told.delivered_at + written_down_within) told.delivered_at.reset();
  }
}

void Auditor::wall_jumps() {
  jumped_at_ = clock_.ticks();
  wall_highest_ = std::max(wall_highest_, clock_.now());
  // A request that was sent before may be taken only now, and its payment's life begins then.
  for (auto& [key, dossier] : dossiers_) {
    if (dossier.first_sent) dossier.first_sent = std::min(*dossier.first_sent, clock_.now());
  }
}

void Auditor::check_books(db::Transaction& tx) {
  for (const std::string& wrong : ledger::verify(tx)) fail(wrong);
  for (const std::string& wrong : payments::verify(tx)) fail(wrong);
}

}  // namespace epay::simulation
