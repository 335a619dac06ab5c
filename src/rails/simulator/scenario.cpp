#include "rails/simulator/scenario.h"

namespace epay::rails::simulator {
namespace {

struct Row {
  int suffix;
  Scenario collect;
  Scenario payout;
};

constexpr seconds reversal_wait{30};

Scenario fails(std::string_view code) { return {.failure = code}; }

// 450–464 mean what they mean in MTN's own sandbox (RAILS §1.9); 470–491 are ours.
const Row rows[] = {
    {450, fails("INTERNAL_PROCESSING_ERROR"), fails("INTERNAL_PROCESSING_ERROR")},
    {451, fails("APPROVAL_REJECTED"), fails("APPROVAL_REJECTED")},
    {452, fails("EXPIRED"), fails("EXPIRED")},
    {453, {.decides = false}, {.decides = false}},
    {454, {.decides_after = seconds(25)}, {.decides_after = seconds(25)}},
    {455, fails("PAYER_NOT_FOUND"), fails("NOT_ENOUGH_FUNDS")},
    {456, fails("PAYEE_NOT_ALLOWED_TO_RECEIVE"), fails("PAYER_LIMIT_REACHED")},
    {457, fails("NOT_ALLOWED"), fails("PAYEE_NOT_FOUND")},
    {458, fails("NOT_ALLOWED_TARGET_ENVIRONMENT"), fails("NOT_ALLOWED")},
    {459, fails("INVALID_CALLBACK_URL_HOST"), fails("NOT_ALLOWED_TARGET_ENVIRONMENT")},
    {460, fails("INVALID_CURRENCY"), fails("INVALID_CALLBACK_URL_HOST")},
    {461, fails("INTERNAL_PROCESSING_ERROR"), fails("INVALID_CURRENCY")},
    {462, fails("SERVICE_UNAVAILABLE"), fails("INTERNAL_PROCESSING_ERROR")},
    {463, fails("COULD_NOT_PERFORM_TRANSACTION"), fails("SERVICE_UNAVAILABLE")},
    {464, fails("TRANSFER_TYPE_UNKNOWN"), fails("TRANSFER_TYPE_UNKNOWN")},
    // What is paid may be given back: these can be paid, and what is sent to them fails.
    {470, {}, fails("PAYEE_NOT_ALLOWED_TO_RECEIVE")},
    {471, {}, {.failure = "NOT_ALLOWED", .handling = Handling::refused}},
    {472, {}, {.decides = false}},
    {473, {}, {.handling = Handling::lost}},
    {474, {}, {.reverses_after = reversal_wait}},
    {475, {}, {.wrong_amount = true}},
    {480, {.callback = Callback::never}, {.callback = Callback::never}},
    {481, {.callback = Callback::three_times}, {.callback = Callback::three_times}},
    {482, {.callback = Callback::before_reply}, {.callback = Callback::before_reply}},
    {483, {.late = true}, {.decides_after = minutes(20)}},
    {484, {.handling = Handling::lost}, {.handling = Handling::lost}},
    {485, {.handling = Handling::never_processed}, {.handling = Handling::never_processed}},
    {486, {.wrong_amount = true}, {.wrong_amount = true}},
    {487, {.callback = Callback::contradictory}, {.callback = Callback::contradictory}},
    {488,
     {.decides_after = minutes(15), .handling = Handling::silent},
     {.decides_after = minutes(15), .handling = Handling::silent}},
    {490,
     {.failure = "NOT_ENOUGH_FUNDS", .handling = Handling::refused},
     {.failure = "NOT_ALLOWED", .handling = Handling::refused}},
    {491, {.wants_input = true}, {}},
};

Scenario find(int suffix, Scenario Row::* kind) {
  for (const Row& row : rows) {
    if (row.suffix == suffix) return row.*kind;
  }
  return {};
}

Scenario find(const std::optional<PhoneNumber>& wallet, Scenario Row::* kind) {
  if (!wallet) return {};
  const std::string number = wallet->national();
  const bool ours = number.starts_with("0240000") || number.starts_with("0200000") || number.starts_with("0270000");
  return ours ? find(std::stoi(number.substr(7)), kind) : Scenario{};
}

}  // namespace

Scenario collect_scenario(const std::optional<PhoneNumber>& wallet) { return find(wallet, &Row::collect); }
Scenario payout_scenario(const std::optional<PhoneNumber>& wallet) { return find(wallet, &Row::payout); }

Scenario bank_scenario(std::string_view account_number) {
  constexpr std::string_view prefix = "0000000";
  constexpr std::size_t digits = 10;
  const bool ours = account_number.size() == digits && account_number.starts_with(prefix) &&
                    account_number.find_first_not_of("0123456789") == std::string_view::npos;
  return ours ? find(std::stoi(std::string(account_number.substr(prefix.size()))), &Row::payout) : Scenario{};
}

}  // namespace epay::rails::simulator
