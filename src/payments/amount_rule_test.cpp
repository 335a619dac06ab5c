#include "payments/amount_rule.h"

#include <gtest/gtest.h>

namespace epay::payments {
namespace {

const Currency ghs = Currency::ghs();

AmountRule open(std::optional<std::int64_t> least = {}, std::optional<std::int64_t> most = {}) {
  return {.kind = AmountKind::open, .least = least, .most = most};
}
AmountRule fixed(std::optional<std::int64_t> amount) { return {.kind = AmountKind::fixed, .fixed = amount}; }
AmountRule choices(std::vector<std::int64_t> list, bool other = false) {
  return {.kind = AmountKind::choices, .choices = std::move(list), .other = other};
}

std::string codes_of(const std::vector<FieldError>& wrong) {
  std::string codes;
  for (const FieldError& error : wrong) codes += (codes.empty() ? "" : " ") + error.field + ":" + error.code;
  return codes;
}

TEST(AmountRule, EverythingWrongIsFoundAtOnce) {
  struct Row {
    AmountRule rule;
    const char* wrong;
  };
  AmountRule other = choices({-1, 5, 5}, true);
  other.least = 10;
  other.most = 9;
  const std::int64_t above = Money::minor_max + 1;
  for (const auto& [rule, wrong] : {
           Row{open(), ""},
           Row{open(1, 1), ""},
           Row{open(0), "least:invalid"},
           Row{open(-5, above), "least:invalid most:too_large"},
           Row{open(10, 9), "most:order"},
           Row{fixed(1), ""},
           Row{fixed({}), "amount:required"},
           Row{fixed(0), "amount:invalid"},
           Row{fixed(above), "amount:too_large"},
           Row{choices({}), "choices:required"},
           Row{choices({1, 2, 3, 4, 5, 6, 7, 8}), ""},
           Row{choices({1, 2, 3, 4, 5, 6, 7, 8, 9}), "choices:too_many"},
           Row{choices({above}), "choices:too_large"},
           Row{other, "choices:duplicate choices:invalid most:order"},
       }) {
    EXPECT_EQ(codes_of(check_rule(rule, ghs)), wrong);
    EXPECT_EQ(parse_amount_rule(to_json(rule)), rule);
  }
}

TEST(AmountRule, WhatACustomerGivesIsAnAmountOrSaysWhyNot) {
  struct Row {
    AmountRule rule;
    AmountGiven given;
    std::int64_t minor;  // 0: refused with `code`
    const char* code;
  };
  AmountRule bounded = choices({500, 1'000}, true);
  bounded.least = 200;
  for (const auto& [rule, given, minor, code] : {
           Row{fixed(700), {"", ""}, 700, ""},
           Row{fixed(700), {"1", "9999"}, 700, ""},
           Row{open(), {"", "12.5"}, 1'250, ""},
           Row{open(), {"", ""}, 0, "required"},
           Row{open(), {"", "  "}, 0, "required"},
           Row{open(), {"", "twelve"}, 0, "invalid"},
           Row{open(), {"", "1.234"}, 0, "invalid"},
           Row{open(), {"", "-1"}, 0, "invalid"},
           Row{open(), {"", "1e3"}, 0, "invalid"},
           Row{open(500, 1'000), {"", "4.99"}, 0, "too_small"},
           Row{open(500, 1'000), {"", "5"}, 500, ""},
           Row{open(500, 1'000), {"", "10"}, 1'000, ""},
           Row{open(500, 1'000), {"", "10.01"}, 0, "too_large"},
           Row{choices({500, 1'050}), {"5", ""}, 500, ""},
           Row{choices({500, 1'050}), {"10.5", ""}, 1'050, ""},
           Row{choices({500, 1'050}), {"10.50", ""}, 0, "not_a_choice"},
           Row{choices({500}), {"", "5"}, 0, "required"},
           Row{choices({500}), {"other", "5"}, 0, "not_a_choice"},
           Row{bounded, {"other", "7"}, 700, ""},
           Row{bounded, {"other", "1"}, 0, "too_small"},
           Row{bounded, {"other", ""}, 0, "required"},
           Row{bounded, {"5", "9"}, 500, ""},
       }) {
    SCOPED_TRACE(std::string(given.choice) + "|" + std::string(given.typed));
    const auto amount = choose_amount(rule, ghs, given);
    EXPECT_EQ(amount ? amount->minor : 0, minor);
    if (!amount) {
      EXPECT_EQ(amount.error().fields.at(0).field, "amount");
      EXPECT_EQ(amount.error().fields.at(0).code, code);
    }
  }
}

TEST(AmountRule, AmountsAreReadAsPeopleWriteThem) {
  struct Row {
    const char *typed, *plain;
  };
  for (const auto& [typed, plain] : {
           Row{"12", "12"},
           Row{"12.50", "12.50"},
           Row{"12,5", "12.5"},
           Row{"12,50", "12.50"},
           Row{"1,250", "1250"},
           Row{"1,250.50", "1250.50"},
           Row{"12,345,678", "12345678"},
           Row{"1 250,50", "1250.50"},
           Row{"1\u202F250,5", "1250.5"},
           Row{"1\u00A0250", "1250"},
           // What no reading makes an amount stays what it is, and is refused.
           Row{"1.250,50", "1.250,50"},
           Row{"1,25,000", "1,25,000"},
           Row{"1234,567", "1234,567"},
           Row{",500", ",500"},
           Row{"1,,500", "1,,500"},
           Row{"12,34,56", "12,34,56"},
       }) {
    EXPECT_EQ(plain_decimal(typed), plain) << typed;
  }
}

}  // namespace
}  // namespace epay::payments
