#include "payments/amount_rule.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/json_writer.h"
#include "http/json.h"

namespace epay::payments {
namespace {

void check_bound(std::vector<FieldError>& wrong, std::string_view field, std::optional<std::int64_t> minor) {
  if (!minor) return;
  if (*minor <= 0) wrong.push_back({std::string(field), "invalid", std::string(field) + " must be above zero"});
  if (*minor > Money::minor_max)
    wrong.push_back({std::string(field), "too_large", std::string(field) + " is above the largest amount"});
}

void check_choices(std::vector<FieldError>& wrong, const AmountRule& rule) {
  if (rule.choices.empty()) wrong.push_back({"choices", "required", "choices needs at least one amount"});
  if (rule.choices.size() > amount_choices_max) {
    wrong.push_back(
        {"choices", "too_many", "choices may have at most " + std::to_string(amount_choices_max) + " amounts"});
  }
  std::vector<std::int64_t> sorted = rule.choices;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    wrong.push_back({"choices", "duplicate", "choices has the same amount twice"});
  if (!sorted.empty() && sorted.front() <= 0)
    wrong.push_back({"choices", "invalid", "choices must be amounts above zero"});
  if (!sorted.empty() && sorted.back() > Money::minor_max)
    wrong.push_back({"choices", "too_large", "choices has an amount above the largest"});
}

std::unexpected<Error> wrong_amount(std::string code, std::string message) {
  return std::unexpected(Error{ErrorCode::invalid, message, {{"amount", std::move(code), message}}});
}

Result<Money> typed_amount(const AmountRule& rule, const Currency& currency, std::string_view typed) {
  const std::string decimal = plain_decimal(typed);
  if (decimal.empty()) return wrong_amount("required", "an amount is needed");
  const auto amount = Money::parse(decimal, currency);
  if (!amount) return wrong_amount("invalid", amount.error().message);
  const auto show = [&](std::int64_t minor) {
    return Money{minor, currency}.to_decimal() + " " + std::string(currency.code());
  };
  if (rule.least && amount->minor < *rule.least) return wrong_amount("too_small", "at least " + show(*rule.least));
  if (rule.most && amount->minor > *rule.most) return wrong_amount("too_large", "at most " + show(*rule.most));
  return *amount;
}

std::int64_t integer_of(const http::Json& json) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json.text.data(), json.text.data() + json.text.size(), number);
  EPAY_CHECK(error == std::errc());
  return number;
}

std::optional<std::int64_t> member(const http::Json& json, std::string_view name) {
  const http::Json* found = json.find(name);
  if (found == nullptr || found->kind != http::Json::Kind::number) return std::nullopt;
  return integer_of(*found);
}

}  // namespace

std::vector<FieldError> check_rule(const AmountRule& rule, const Currency&) {
  std::vector<FieldError> wrong;
  switch (rule.kind) {
    case AmountKind::open: break;
    case AmountKind::fixed:
      if (!rule.fixed) wrong.push_back({"amount", "required", "amount is needed"});
      check_bound(wrong, "amount", rule.fixed);
      break;
    case AmountKind::choices: check_choices(wrong, rule); break;
  }
  if (!rule.may_be_typed()) return wrong;
  check_bound(wrong, "least", rule.least);
  check_bound(wrong, "most", rule.most);
  if (rule.least && rule.most && *rule.least > *rule.most)
    wrong.push_back({"most", "order", "most must not be below least"});
  return wrong;
}

Result<Money> choose_amount(const AmountRule& rule, const Currency& currency, const AmountGiven& given) {
  switch (rule.kind) {
    case AmountKind::fixed: EPAY_CHECK(rule.fixed.has_value()); return Money{*rule.fixed, currency};
    case AmountKind::open: return typed_amount(rule, currency, given.typed);
    case AmountKind::choices: break;
  }
  for (const std::int64_t minor : rule.choices) {
    const Money amount{minor, currency};
    if (given.choice == amount.to_decimal()) return amount;
  }
  if (rule.other && given.choice == other_choice) return typed_amount(rule, currency, given.typed);
  if (given.choice.empty()) return wrong_amount("required", "an amount is needed");
  return wrong_amount("not_a_choice", "this amount is not offered");
}

// A comma is a decimal mark when it is the only mark and at most two digits follow it (1250,5); before three digits it
// separates thousands (1,250), as it does wherever a dot comes after it.
std::string plain_decimal(std::string_view typed) {
  std::string text;
  for (std::size_t at = 0; at < typed.size(); ++at) {
    const std::string_view rest = typed.substr(at);
    if (rest.starts_with(' ') || rest.starts_with('\t')) continue;
    if (rest.starts_with("\u00A0")) {
      at += 1;
    } else if (rest.starts_with("\u202F")) {
      at += 2;
    } else {
      text += typed[at];
    }
  }
  const std::size_t comma = text.rfind(',');
  if (comma == std::string::npos) return text;
  const bool dot_after = text.find('.', comma) != std::string::npos;
  const bool thousands = text.size() - comma == 4 || dot_after;
  const bool only_mark = text.find(',') == comma && text.find('.') == std::string::npos;
  if (!thousands) {
    if (only_mark) text[comma] = '.';
    return text;
  }
  // Groups of three, or it is a slip that nobody may read as another amount.
  const std::size_t end = std::min(text.find('.'), text.size());
  std::string plain = text.substr(0, text.find(','));
  if (plain.empty() || plain.size() > 3) return text;
  for (std::size_t at = text.find(','); at < end; at += 4) {
    if (text[at] != ',' || end - at < 4) return text;
    plain += text.substr(at + 1, 3);
  }
  return plain + text.substr(end);
}

std::string to_json(const AmountRule& rule) {
  JsonWriter json;
  json.begin_object().member("kind", static_cast<std::int64_t>(rule.kind));
  json.member("fixed", rule.fixed).member("least", rule.least).member("most", rule.most).member("other", rule.other);
  json.key("choices").begin_array();
  for (const std::int64_t choice : rule.choices) json.value(choice);
  return json.end_array().end_object().take();
}

AmountRule parse_amount_rule(std::string_view text) {
  const auto json = http::Json::parse(text);
  EPAY_CHECK(json.has_value());
  const auto kind = member(*json, "kind");
  EPAY_CHECK(kind.has_value());
  AmountRule rule{.kind = static_cast<AmountKind>(*kind),
                  .fixed = member(*json, "fixed"),
                  .least = member(*json, "least"),
                  .most = member(*json, "most")};
  if (const http::Json* other = json->find("other")) rule.other = other->truth;
  if (const http::Json* choices = json->find("choices")) {
    for (const http::Json& choice : choices->items) rule.choices.push_back(integer_of(choice));
  }
  return rule;
}

}  // namespace epay::payments
