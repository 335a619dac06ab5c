// Logos: taken from forms, shown for ever.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "db/database.h"
#include "http/form.h"
#include "http/router.h"
#include "runtime/work_thread.h"

namespace epay::pages {

// GET /images/{merchant}/{id}
void add_images(http::Router& router, db::Database& database);
std::string image_url(MerchantId merchant, ImageId image);

// Stores the image in a form's file field; nothing when none was chosen. Every error names the field; its code is for a
// text: unsupported_type, too_large, damaged, too_many, unavailable.
Task<Result<std::optional<ImageId>>> store_logo(db::Database& database, WorkThread& thread, MerchantId merchant,
                                                const http::Form& form, std::string_view field);

}  // namespace epay::pages
