#include "merchants/image.h"

#include "merchants/image_store.h"

namespace epay::merchants {

Result<ImageId> put_image(db::Transaction& tx, MerchantId merchant, const images::Logo& logo) {
  const auto kept =
      tx.query_one(store::count_images, [](const db::Row& row) { return row.integer(0); }, merchant).value_or(0);
  if (kept >= images_max) {
    return fail(ErrorCode::too_many_requests, "There are " + std::to_string(images_max) + " images already");
  }
  const ImageId id{tx.next_id(db::Sequence::image)};
  tx.execute(store::insert_image, merchant, id, logo.content_type, db::Bytes{logo.bytes}, logo.size.width,
             logo.size.height);
  return id;
}

Result<Image> find_image(db::Transaction& tx, MerchantId merchant, ImageId id) {
  auto image = tx.query_one(
      store::select_image, [](const db::Row& row) { return Image{row.string(0), row.string(1)}; }, merchant, id);
  if (!image) return fail(ErrorCode::not_found, "There is no such image");
  return *std::move(image);
}

void delete_image(db::Transaction& tx, MerchantId merchant, ImageId id) {
  tx.execute(store::delete_image, merchant, id);
}

}  // namespace epay::merchants
