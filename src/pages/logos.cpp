#include "pages/logos.h"

#include <charconv>

#include "images/logo.h"
#include "merchants/image.h"

namespace epay::pages {
namespace {

std::optional<std::int64_t> parse_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) return std::nullopt;
  return id;
}

// Whatever a browser takes it for, it runs nothing.
http::Response show(const merchants::Image& image) {
  http::Response response;
  response.headers.add("Content-Type", image.content_type);
  response.headers.add("Cache-Control", "public, max-age=31536000, immutable");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  // Letters show it too.
  response.headers.add("Cross-Origin-Resource-Policy", "cross-origin");
  response.body = image.bytes;
  return response;
}

std::string_view field_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::unsupported_media: return "unsupported_type";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::invalid: return "damaged";
    case ErrorCode::too_many_requests: return "too_many";
    default: return "unavailable";
  }
}

Error beside(std::string_view field, Error error) {
  error.fields = {{std::string(field), std::string(field_code(error.code)), error.message}};
  return error;
}

}  // namespace

std::string image_url(MerchantId merchant, ImageId image) {
  return "/images/" + std::to_string(merchant.value) + "/" + std::to_string(image.value);
}

void add_images(http::Router& router, db::Database& database) {
  router.add("GET", "/images/{merchant}/{id}", [&database](http::Request& request) -> Task<http::Response> {
    const auto merchant = parse_id(request.path_parameters.at(0));
    const auto id = parse_id(request.path_parameters.at(1));
    if (!merchant || !id) co_return http::Response::text(404, "There is no such image\n");
    const auto image = co_await database.read(
        [&](db::Transaction& tx) { return merchants::find_image(tx, MerchantId{*merchant}, ImageId{*id}); });
    if (image) co_return show(*image);
    const bool gone = image.error().code == ErrorCode::not_found;
    co_return http::Response::text(gone ? 404 : 503, image.error().message + "\n");
  });
}

Task<Result<std::optional<ImageId>>> store_logo(db::Database& database, WorkThread& thread, MerchantId merchant,
                                                const http::Form& form, std::string_view field) {
  const http::FormFile* file = form.find_file(field);
  if (file == nullptr) co_return std::optional<ImageId>();
  auto logo = co_await images::make_logo_elsewhere(thread, file->bytes);
  if (!logo) co_return std::unexpected(beside(field, std::move(logo.error())));
  auto stored = co_await database.write([&](db::Transaction& tx) { return merchants::put_image(tx, merchant, *logo); });
  if (!stored) co_return std::unexpected(beside(field, std::move(stored.error())));
  co_return std::optional(*stored);
}

}  // namespace epay::pages
