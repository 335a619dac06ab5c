#include "emulators/scenario.h"

#include <array>

#include "base/duration.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/switches.h"

namespace epay::emulators {
namespace {

// Longer than a merchant waits for a customer.
constexpr minutes late_after{20};
constexpr seconds created_for{25};

struct Row {
  int suffix;
  std::string_view collect, payout;  // reasons
};

// MTN's matrix of use cases (RAILS §1.9).
constexpr Row failures[] = {
    {450, "INTERNAL_PROCESSING_ERROR", "INTERNAL_PROCESSING_ERROR"},
    {451, "APPROVAL_REJECTED", "APPROVAL_REJECTED"},
    {452, "EXPIRED", "EXPIRED"},
    {455, "PAYER_NOT_FOUND", "NOT_ENOUGH_FUNDS"},
    {456, "PAYEE_NOT_ALLOWED_TO_RECEIVE", "PAYER_LIMIT_REACHED"},
    {457, "NOT_ALLOWED", "PAYEE_NOT_FOUND"},
    {458, "NOT_ALLOWED_TARGET_ENVIRONMENT", "NOT_ALLOWED"},
    {459, "INVALID_CALLBACK_URL_HOST", "NOT_ALLOWED_TARGET_ENVIRONMENT"},
    {460, "INVALID_CURRENCY", "INVALID_CALLBACK_URL_HOST"},
    {461, "INTERNAL_PROCESSING_ERROR", "INVALID_CURRENCY"},
    {462, "SERVICE_UNAVAILABLE", "INTERNAL_PROCESSING_ERROR"},
    {463, "COULD_NOT_PERFORM_TRANSACTION", "SERVICE_UNAVAILABLE"},
    {464, "TRANSFER_TYPE_UNKNOWN", "TRANSFER_TYPE_UNKNOWN"},
};

// 486: a different amount from the one that was asked for, whatever that was.
constexpr std::string_view wrong_amount = "0.07";

constexpr std::string_view name_of(Wire wire) {
  switch (wire) {
    case Wire::answered: return "answered";
    case Wire::lost: return "lost";
    case Wire::not_processed: return "not_processed";
  }
  return "";
}

constexpr std::string_view name_of(Tell tell) {
  switch (tell) {
    case Tell::normally: return "normal";
    case Tell::never: return "never";
    case Tell::before_reply: return "before_reply";
    case Tell::contradictory: return "contradictory";
  }
  return "";
}

template <class Enum, std::size_t N>
Result<Enum> read_word(const http::Json& json, std::string_view key, const std::array<Enum, N>& values) {
  const std::string text = text_of(json, key);
  if (text.empty()) return values.front();
  std::string names;
  for (const Enum value : values) {
    if (text == name_of(value)) return value;
    names += (names.empty() ? "" : ", ") + std::string(name_of(value));
  }
  return fail(ErrorCode::invalid, std::string(key) + " takes " + names + ".");
}

Result<std::optional<microseconds>> read_duration(const http::Json& json, std::string_view key) {
  const std::string text = text_of(json, key);
  if (text.empty()) return std::nullopt;
  const auto duration = parse_duration(text);
  if (!duration) return fail(ErrorCode::invalid, std::string(key) + ": " + duration.error().message);
  return *duration;
}

Result<std::optional<Turn>> read_turn(const http::Json& json) {
  const http::Json* turn = object_of(json, "turn");
  if (turn == nullptr) return std::nullopt;
  const auto after = read_duration(*turn, "after");
  if (!after) return std::unexpected(after.error());
  return Turn{after->value_or(microseconds(0)), truth_of(*turn, "succeeds")};
}

}  // namespace

std::string to_json(const Scenario& scenario) {
  JsonWriter json;
  json.begin_object().member("decides", scenario.decides).member("failure", scenario.failure);
  if (scenario.after) json.member("after", to_text(*scenario.after));
  json.member("created_first", scenario.is_created_first)
      .member("needs_input", scenario.needs_input)
      .member("hidden_for", to_text(scenario.hidden_for))
      .member("wire", name_of(scenario.wire))
      .member("callback", name_of(scenario.tell))
      .member("callback_after", to_text(scenario.tell_after))
      .member("callback_times", scenario.tell_times)
      .member("amount", scenario.amount)
      .member("currency", scenario.currency);
  if (scenario.turn) {
    json.key("turn")
        .begin_object()
        .member("after", to_text(scenario.turn->after))
        .member("succeeds", scenario.turn->succeeds)
        .end_object();
  }
  return json.end_object().take();
}

Result<Scenario> read_scenario(const http::Json& json) {
  Scenario scenario;
  const http::Json* decides = json.find("decides");
  scenario.decides = decides == nullptr || decides->truth;
  scenario.failure = text_of(json, "failure");
  const auto after = read_duration(json, "after");
  if (!after) return std::unexpected(after.error());
  scenario.after = *after;
  scenario.is_created_first = truth_of(json, "created_first");
  scenario.needs_input = truth_of(json, "needs_input");
  const auto hidden = read_duration(json, "hidden_for");
  if (!hidden) return std::unexpected(hidden.error());
  scenario.hidden_for = hidden->value_or(microseconds(0));
  const auto wire = read_word(json, "wire", std::array{Wire::answered, Wire::lost, Wire::not_processed});
  if (!wire) return std::unexpected(wire.error());
  scenario.wire = *wire;
  const auto tell =
      read_word(json, "callback", std::array{Tell::normally, Tell::never, Tell::before_reply, Tell::contradictory});
  if (!tell) return std::unexpected(tell.error());
  scenario.tell = *tell;
  const auto tell_after = read_duration(json, "callback_after");
  if (!tell_after) return std::unexpected(tell_after.error());
  scenario.tell_after = tell_after->value_or(microseconds(0));
  scenario.tell_times = static_cast<int>(number_of(json, "callback_times", 1));
  scenario.amount = text_of(json, "amount");
  scenario.currency = text_of(json, "currency");
  const auto turn = read_turn(json);
  if (!turn) return std::unexpected(turn.error());
  scenario.turn = *turn;
  return scenario;
}

std::optional<Scenario> scenario_of_suffix(int suffix, bool pays_out) {
  for (const Row& row : failures) {
    if (row.suffix == suffix) return Scenario{.failure = std::string(pays_out ? row.payout : row.collect)};
  }
  switch (suffix) {
    case 453: return Scenario{.decides = false};
    case 454: return Scenario{.after = created_for, .is_created_first = true};
    case 480: return Scenario{.tell = Tell::never};
    case 481: return Scenario{.tell_times = 3};
    case 482: return Scenario{.tell = Tell::before_reply};
    case 483: return Scenario{.after = late_after};
    case 484: return Scenario{.wire = Wire::lost};
    case 485: return Scenario{.wire = Wire::not_processed};
    case 486: return Scenario{.amount = std::string(wrong_amount)};
    case 487: return Scenario{.tell = Tell::contradictory};
    case 491: return Scenario{.needs_input = !pays_out};
    default: return std::nullopt;
  }
}

std::optional<Scenario> scenario_of_our_number(std::string_view number, bool pays_out) {
  static constexpr std::string_view prefixes[] = {"233240000", "233200000", "233270000"};
  const std::string whole = international(number);
  for (const std::string_view prefix : prefixes) {
    if (whole.size() == prefix.size() + 3 && whole.starts_with(prefix)) {
      return scenario_of_suffix(suffix_of(whole), pays_out);
    }
  }
  return std::nullopt;
}

std::string international(std::string_view number) {
  std::string digits;
  for (const char c : number) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (digits.starts_with("00")) return digits.substr(2);
  if (digits.size() == 10 && digits.starts_with('0')) return "233" + digits.substr(1);
  return digits;
}

int suffix_of(std::string_view number) {
  if (number.size() < 3) return -1;
  int suffix = 0;
  for (const char c : number.substr(number.size() - 3)) {
    if (c < '0' || c > '9') return -1;
    suffix = suffix * 10 + (c - '0');
  }
  return suffix;
}

}  // namespace epay::emulators
