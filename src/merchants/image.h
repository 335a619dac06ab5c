// Images of a merchant, as customers see them: logos. What an id shows never changes.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "db/database.h"
#include "images/logo.h"

namespace epay::merchants {

inline constexpr std::int64_t images_max = 500;  // of one merchant

struct Image {
  std::string content_type;
  std::string bytes;
};

// Error: too_many_requests (images_max are kept).
Result<ImageId> put_image(db::Transaction& tx, MerchantId merchant, const images::Logo& logo);
// Error: not_found.
Result<Image> find_image(db::Transaction& tx, MerchantId merchant, ImageId id);
// Where nothing shows it any more; nothing happens when there is none.
void delete_image(db::Transaction& tx, MerchantId merchant, ImageId id);

}  // namespace epay::merchants
