#include "emulators/ledger.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

constexpr std::string_view world = "world";
constexpr std::string_view record_kind = "movement";

std::string to_json(const Movement& movement) {
  JsonWriter json;
  json.begin_object()
      .member("id", movement.id)
      .member("at", movement.at.to_iso8601())
      .member("at_micros", movement.at.micros)
      .member("from", movement.from)
      .member("to", movement.to)
      .member("amount", movement.amount.to_decimal())
      .member("minor", movement.amount.minor)
      .member("currency", movement.amount.currency.code())
      .member("kind", movement.kind)
      .member("order", movement.order)
      .member("client_reference", movement.client_reference);
  return json.end_object().take();
}

Movement read_movement(const http::Json& json) {
  const auto currency = Currency::parse(text_of(json, "currency"));
  EPAY_CHECK(currency.has_value());
  return {.id = number_of(json, "id", 0),
          .at = {number_of(json, "at_micros", 0)},
          .from = text_of(json, "from"),
          .to = text_of(json, "to"),
          .amount = {number_of(json, "minor", 0), *currency},
          .kind = text_of(json, "kind"),
          .order = text_of(json, "order"),
          .client_reference = text_of(json, "client_reference")};
}

}  // namespace

Ledger::Ledger(StateFile& state, Opening opening) : state_(state), opening_(std::move(opening)) {
  for (const auto& [key, text] : state_.take(record_kind)) {
    const auto json = http::Json::parse(text);
    EPAY_CHECK(json.has_value());
    movements_.push_back(read_movement(*json));
    apply(movements_.back());
  }
}

void Ledger::apply(const Movement& movement) {
  balances_[{movement.from, movement.amount.currency}] -= movement.amount.minor;
  balances_[{movement.to, movement.amount.currency}] += movement.amount.minor;
}

void Ledger::record(Movement movement) {
  movement.id = static_cast<std::int64_t>(movements_.size()) + 1;
  apply(movement);
  state_.put(record_kind, std::to_string(movement.id), emulators::to_json(movement));
  movements_.push_back(std::move(movement));
}

std::int64_t& Ledger::balance_of(std::string_view account, Currency currency) {
  const Key key{account, currency};
  if (!balances_.contains(key)) {
    const Money money = opening_(account, currency);
    balances_[key] = 0;
    if (money.minor > 0) {
      record({.from = std::string(world), .to = std::string(account), .amount = money, .kind = "opening"});
    }
  }
  return balances_.find(key)->second;
}

Money Ledger::balance(std::string_view account, Currency currency) { return {balance_of(account, currency), currency}; }

bool Ledger::move(Movement movement) {
  EPAY_CHECK(movement.amount.minor > 0);
  EPAY_CHECK(movement.from != movement.to);
  balance_of(movement.to, movement.amount.currency);
  const std::int64_t held = balance_of(movement.from, movement.amount.currency);
  if (movement.from != world && held < movement.amount.minor) return false;
  record(std::move(movement));
  return true;
}

void Ledger::take_back(Movement movement) {
  EPAY_CHECK(movement.amount.minor > 0);
  balance_of(movement.to, movement.amount.currency);
  balance_of(movement.from, movement.amount.currency);
  record(std::move(movement));
}

Ledger::Moved Ledger::moved_for(std::string_view client_reference) const {
  Moved moved;
  for (const Movement& movement : movements_) {
    if (movement.client_reference != client_reference || movement.kind == "fee") continue;
    const int sign = movement.kind == "reversal" ? -1 : 1;
    moved.times += sign;
    moved.minor += sign * movement.amount.minor;
  }
  return moved;
}

std::string Ledger::to_json(std::string_view client_reference) const {
  JsonWriter json;
  json.begin_object().key("accounts").begin_array();
  for (const auto& [key, minor] : balances_) {
    const bool below = minor < 0;
    const std::string decimal = Money{below ? -minor : minor, key.second}.to_decimal();
    json.begin_object()
        .member("account", key.first)
        .member("currency", key.second.code())
        .member("balance", (below ? "-" : "") + decimal)
        .member("minor", minor)
        .end_object();
  }
  json.end_array().key("movements").begin_array();
  for (const Movement& movement : movements_) {
    if (client_reference.empty() || movement.client_reference == client_reference) {
      json.raw(emulators::to_json(movement));
    }
  }
  return json.end_array().end_object().take();
}

}  // namespace epay::emulators
