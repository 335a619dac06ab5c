#include "merchants/security_event.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

TEST(SecurityEvent, AreListedNewestFirstByPagesAndByMerchant) {
  simulation::MemoryStore store;
  const MerchantId merchant = store.merchant(0).merchant, other = store.merchant(0).merchant;
  store
      .write([&](db::Transaction& tx) -> Result<> {
        EXPECT_FALSE(has_logged_in(tx, merchant, UserId{1}));
        for (int i = 0; i < 5; ++i) {
          record_security_event(tx,
                                {.merchant = merchant,
                                 .kind = SecurityEventKind::role_changed,
                                 .user = UserId{1},
                                 .user_name = "Ama",
                                 .detail = std::to_string(i),
                                 .device = std::string(500, 'x'),
                                 .address = "10.0.0.1"},
                                store.clock.now());
        }
        record_security_event(tx, {.merchant = other, .kind = SecurityEventKind::logged_in, .user = UserId{1}},
                              store.clock.now());
        EXPECT_FALSE(has_logged_in(tx, merchant, UserId{1}));
        EXPECT_TRUE(has_logged_in(tx, other, UserId{1}));
        EXPECT_FALSE(has_logged_in(tx, other, UserId{2}));
        const auto first = list_security_events(tx, merchant, {}, 3);
        EXPECT_EQ(first.size(), 3u);
        EXPECT_EQ(first.at(0).detail, "4");
        EXPECT_EQ(first.at(0).user_name, "Ama");
        EXPECT_EQ(first.at(0).device.size(), 200u);
        const auto second = list_security_events(tx, merchant, first.at(2).id, 3);
        EXPECT_EQ(second.size(), 2u);
        EXPECT_EQ(second.at(1).detail, "0");
        EXPECT_EQ(list_security_events(tx, other, {}, 10).size(), 1u);
        return {};
      })
      .value();
}

}  // namespace
}  // namespace epay::merchants
