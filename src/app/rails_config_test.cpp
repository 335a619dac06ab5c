#include "app/rails_config.h"

#include <gtest/gtest.h>

namespace epay::app {
namespace {

constexpr std::string_view both = R"({
  "rails": [
    {"rail": "mtn", "mode": "live", "target_environment": "mtnghana",
     "collection": {"subscription_key": "s", "api_user": "u", "api_key": "k"}},
    {"rail": "paystack", "mode": "live", "secret_key": "sk_live_x"}
  ],
  "routes": [
    {"merchant": "7", "method": "momo", "network": "vodafone", "currency": "GHS", "mode": "live", "kind": "collect",
     "rails": ["paystack", "simulator"]}
  ]
})";

TEST(RailsConfig, ReadsRailsAndRoutes) {
  const auto settings = parse_rails(std::string(both));
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->makers.size(), 2U);
  ASSERT_EQ(settings->routes.size(), 1U);
  const rails::Route& route = settings->routes[0];
  EXPECT_TRUE(route.fits({.merchant = {7}, .mode = Mode::live, .network = "telecel"}));
  EXPECT_FALSE(route.fits({.merchant = {8}, .mode = Mode::live, .network = "telecel"}));
  EXPECT_FALSE(route.fits({.merchant = {7}, .mode = Mode::live, .network = "mtn"}));
  EXPECT_FALSE(
      route.fits({.merchant = {7}, .mode = Mode::live, .kind = rails::OrderKind::payout, .network = "telecel"}));
}

TEST(RailsConfig, NamesEveryProblemAtItsPlace) {
  struct Row {
    const char* text;
    const char* problem;
  };
  const Row rows[] = {
      {"[", ""},
      {"[]", "the file: must be an object with \"rails\" in it"},
      {R"({"rails":{}})", "rails: must be a list"},
      {R"({"rials":[]})", "rials: is not known here"},
      {R"({"rails":[{"rail":"vodafone"}]})", "rails[0].rail: there is no rail \"vodafone\"; there are mtn, paystack"},
      {R"({"rails":[{"rail":"paystack","mode":"live"}]})", "rails[0].secret_key: is missing"},
      {R"({"rails":[{"rail":"paystack","mode":"live","secret_key":"k","colour":"red"}]})",
       "rails[0].colour: is not known here"},
      {R"({"rails":[{"rail":"mtn","mode":"live","target_environment":"mtnghana"}]})",
       "rails[0].collection: is missing, and so is disbursement: one of the two is needed"},
      {R"({"routes":[{"rails":["mtnn"]}]})", "routes[0].rails: there is no rail \"mtnn\""},
      {R"({"routes":[{"merchant":"seven","rails":["mtn"]}]})",
       "routes[0].merchant: must be a merchant's number, as text"},
  };
  for (const Row& row : rows) {
    const auto settings = parse_rails(row.text);
    ASSERT_FALSE(settings.has_value()) << row.text;
    EXPECT_NE(settings.error().message.find(row.problem), std::string::npos) << settings.error().message;
  }
}

TEST(RailsConfig, WithoutAFileThereAreNoRails) { EXPECT_TRUE(load_rails("")->makers.empty()); }

}  // namespace
}  // namespace epay::app
