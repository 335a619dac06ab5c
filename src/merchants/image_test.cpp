#include "merchants/image.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

using simulation::MemoryStore;

images::Logo logo(std::string bytes) { return {"image/webp", std::move(bytes), {64, 48}}; }

TEST(Image, BelongsToItsMerchant) {
  MemoryStore store;
  const MerchantId one = store.merchant().merchant, other = store.merchant().merchant;
  const auto put = [&](MerchantId merchant, std::string bytes) {
    return *store.write([&](db::Transaction& tx) { return put_image(tx, merchant, logo(std::move(bytes))); });
  };
  const std::string bytes("RIFF\0\xFF\n", 7);
  const ImageId first = put(one, bytes), second = put(one, "second"), foreign = put(other, "foreign");
  EXPECT_LT(first, second);
  const auto find = [&](MerchantId merchant, ImageId id) {
    return store.write([&](db::Transaction& tx) { return find_image(tx, merchant, id); });
  };
  EXPECT_EQ(find(one, first)->bytes, bytes);
  EXPECT_EQ(find(one, first)->content_type, "image/webp");
  EXPECT_EQ(find(other, foreign)->bytes, "foreign");
  EXPECT_EQ(find(other, first).error().code, ErrorCode::not_found);
  EXPECT_EQ(find(one, ImageId{0}).error().code, ErrorCode::not_found);
  (void)store.write([&](db::Transaction& tx) -> Result<> {
    delete_image(tx, other, first);
    delete_image(tx, one, second);
    return {};
  });
  EXPECT_TRUE(find(one, first).has_value());
  EXPECT_FALSE(find(one, second).has_value());
}

TEST(Image, OnlySoManyAreKept) {
  MemoryStore store;
  const MerchantId merchant = store.merchant().merchant;
  const auto put = [&](int times) {
    return store.write([&](db::Transaction& tx) -> Result<ImageId> {
      Result<ImageId> last = ImageId{};
      for (int i = 0; i < times; ++i) last = put_image(tx, merchant, logo("x"));
      return last;
    });
  };
  EXPECT_TRUE(put(images_max).has_value());
  EXPECT_EQ(put(1).error().code, ErrorCode::too_many_requests);
}

}  // namespace
}  // namespace epay::merchants
