#include "pages/logos.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "simulation/memory_store.h"

namespace epay::pages {
namespace {

std::string seed(const std::string& name) {
  std::ifstream stream(std::filesystem::path(EPAY_SOURCE_DIR) / "tests/seeds/images" / name, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

class World {
 public:
  World() { add_images(router, *store.database); }
  Result<std::optional<ImageId>> upload(std::string content_type, std::string bytes) {
    http::Form form;
    form.files.push_back({"logo", "../../logo.png", std::move(content_type), std::move(bytes)});
    return run(store_logo(*store.database, thread, merchant, form, "logo"));
  }
  http::Response get(const std::string& path) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    return run(router.answer(request));
  }
  template <class T>
  T run(Task<T> task) {
    return simulation::run_task(store.clock, std::move(task));
  }

  simulation::MemoryStore store;
  WorkThread thread{store.clock, {.threading = WorkThread::Threading::inline_steps}};
  MerchantId merchant = store.merchant().merchant;
  http::Router router;
};

TEST(Logos, AreShownAsImagesAndNothingElse) {
  World world;
  // What the client says of the file counts for nothing.
  const auto id = world.upload("text/html", seed("quadrants.png"));
  ASSERT_TRUE(id.has_value()) << id.error().message;
  const auto shown = world.get(image_url(world.merchant, **id));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.headers.get("Content-Type"), "image/webp");
  EXPECT_EQ(shown.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(shown.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(shown.headers.get("Content-Security-Policy"), "default-src 'none'; sandbox");
  EXPECT_TRUE(shown.body.starts_with("RIFF"));
  const std::string whose = std::to_string(world.merchant.value);
  const std::string which = std::to_string((*id)->value);
  for (const std::string path : {"/images/" + whose + "/999", "/images/999/" + which, "/images/x/" + which,
                                 "/images/" + whose + "/" + which + "x", "/images/-1/" + which,
                                 "/images/" + whose + "/99999999999999999999", "/images/" + whose}) {
    EXPECT_EQ(world.get(path).status, 404) << path;
  }
}

TEST(Logos, AFieldWithoutAFileIsNone) {
  World world;
  const auto none = world.run(store_logo(*world.store.database, world.thread, world.merchant, http::Form(), "logo"));
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(*none, std::nullopt);
}

TEST(Logos, ErrorsNameTheField) {
  World world;
  const std::pair<std::string, const char*> rows[] = {{seed("script.svg"), "unsupported_type"},
                                                      {seed("hundred_megapixels.png"), "too_large"},
                                                      {seed("quadrants.png").substr(0, 60), "damaged"}};
  for (const auto& [bytes, code] : rows) {
    const auto refused = world.upload("image/png", bytes);
    ASSERT_FALSE(refused.has_value()) << code;
    ASSERT_EQ(refused.error().fields.size(), 1u);
    EXPECT_EQ(refused.error().fields[0].field, "logo");
    EXPECT_EQ(refused.error().fields[0].code, code);
  }
}

}  // namespace
}  // namespace epay::pages
