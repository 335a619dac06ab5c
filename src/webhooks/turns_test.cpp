#include "webhooks/turns.h"

#include <gtest/gtest.h>

namespace epay::webhooks {
namespace {

TEST(Turns, MerchantsAreServedOneAfterTheOtherHoweverManyEndpointsTheyHave) {
  Turns turns;
  for (int endpoint = 1; endpoint <= 3; ++endpoint) turns.push({MerchantId{1}, EndpointId{endpoint}});
  turns.push({MerchantId{2}, EndpointId{10}});
  turns.push({MerchantId{3}, EndpointId{20}});
  turns.push({MerchantId{3}, EndpointId{21}});
  EXPECT_EQ(turns.size(), 6u);
  std::vector<std::int64_t> served;
  while (const auto lane = turns.pop()) served.push_back(lane->endpoint.value);
  EXPECT_EQ(served, (std::vector<std::int64_t>{1, 10, 20, 2, 21, 3}));
  EXPECT_TRUE(turns.empty());
}

}  // namespace
}  // namespace epay::webhooks
