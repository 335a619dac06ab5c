#include "app/listen_state.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "events/signing_secret.h"

namespace epay::app {
namespace {

class ListenStateTest : public testing::Test {
 protected:
  ListenStateTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "epay-listen-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~ListenStateTest() override { std::filesystem::remove_all(folder); }

  std::string folder;
  std::string path() const { return folder + "/below/state.json"; }
  const ListenState state{"https://pay.example.com", "app 0123456789abc", 17, Secret(std::string(32, 's'))};
};

TEST_F(ListenStateTest, ComesBackAsItWasSaved) {
  const auto file = ListenStateFile::open(path());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  const auto none = file->load();
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  for (const auto& cursor : {std::optional<std::int64_t>(17), std::optional<std::int64_t>()}) {
    ListenState wanted = state;
    wanted.cursor = cursor;
    ASSERT_TRUE(file->save(wanted).has_value());
    const auto loaded = file->load();
    ASSERT_TRUE(loaded.has_value() && loaded->has_value());
    EXPECT_EQ((*loaded)->server, state.server);
    EXPECT_EQ((*loaded)->account, state.account);
    EXPECT_EQ((*loaded)->cursor, cursor);
    EXPECT_TRUE((*loaded)->secret.equals(state.secret.reveal()));
  }
  using std::filesystem::perms;
  const auto mode = std::filesystem::status(path()).permissions();
  EXPECT_EQ(mode & (perms::group_all | perms::others_all), perms::none) << "it holds a secret";
}

TEST_F(ListenStateTest, IsOneListenersAlone) {
  {
    const auto first = ListenStateFile::open(path());
    ASSERT_TRUE(first.has_value());
    const auto second = ListenStateFile::open(path());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
  }
  EXPECT_TRUE(ListenStateFile::open(path()).has_value());
}

TEST_F(ListenStateTest, SaysWhenItCannotBeReadOrWritten) {
  const auto file = ListenStateFile::open(path());
  ASSERT_TRUE(file.has_value());
  for (const std::string text : {"", "{", "[]", "{}", R"({"server":"x","cursor":1,"secret":"psst"})",
                                 R"({"server":"x","cursor":-1,"secret":"whsec_c3Nzcw=="})",
                                 R"({"server":"x","cursor":"1x","secret":"whsec_c3Nzcw=="})"}) {
    std::ofstream(path()) << text;
    const auto loaded = file->load();
    ASSERT_FALSE(loaded.has_value()) << text;
    EXPECT_EQ(loaded.error().code, ErrorCode::unavailable);
  }
  std::filesystem::create_directories(path() + ".next");
  EXPECT_FALSE(file->save(state).has_value());
  std::ofstream(folder + "/plain") << "a file";
  EXPECT_FALSE(ListenStateFile::open(folder + "/plain/state.json").has_value());
}

TEST_F(ListenStateTest, HasAPlaceOfItsOwnForEachTunnel) {
  const char* const home = std::getenv("XDG_STATE_HOME");
  const std::string before = home != nullptr ? home : "";
  ::setenv("XDG_STATE_HOME", "/states", 1);
  const auto path_of = [](const char* server, const char* account, const char* to) {
    return *default_state_path(server, account, to);
  };
  const std::string one = path_of("https://a", "app 1", "http://localhost/x");
  EXPECT_TRUE(one.starts_with("/states/epay/listen-") && one.ends_with(".json")) << one;
  EXPECT_EQ(one, path_of("https://a", "app 1", "http://localhost/x"));
  EXPECT_NE(one, path_of("https://b", "app 1", "http://localhost/x"));
  EXPECT_NE(one, path_of("https://a", "app 2", "http://localhost/x"));
  EXPECT_NE(one, path_of("https://a", "app 1", "http://localhost/y"));
  home != nullptr ? ::setenv("XDG_STATE_HOME", before.c_str(), 1) : ::unsetenv("XDG_STATE_HOME");
}

}  // namespace
}  // namespace epay::app
