#include "mail/file_transport.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "simulation/run_task.h"

namespace epay::mail {
namespace {

namespace fs = std::filesystem;

class FileTransportTest : public testing::Test {
 protected:
  FileTransportTest() {
    std::string pattern = (fs::temp_directory_path() / "epay-mail-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileTransportTest() override { fs::remove_all(folder_); }

  Result<> send(FileTransport& transport, const std::string& content) {
    return simulation::run_task(clock_, transport.send({"epay.7.1.1", "pay@example.com", "ama@example.com", content}));
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
  simulation::SimClock clock_;
  std::vector<std::string> lines_;
  Log log_{LogLevel::info, [] { return Timestamp{}; },
           [this](LogLevel, std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(FileTransportTest, AMailIsAFileOfItsOwnHoweverOftenItIsSent) {
  const auto transport = FileTransport::open((folder_ / "mails/").string(), log_);
  ASSERT_TRUE(transport.has_value());
  ASSERT_TRUE(send(**transport, "first\r\n").has_value());
  ASSERT_TRUE(send(**transport, "again\r\n").has_value());
  const fs::path file = folder_ / "mails/epay.7.1.1.eml";
  EXPECT_EQ(read(file), "again\r\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "mails"), {}), 1);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder_ / "mails").permissions(), fs::perms::owner_all);
  ASSERT_EQ(lines_.size(), 2u);
  EXPECT_TRUE(lines_[0].contains("\"event\":\"mail_written\",\"recipient\":\"a***@example.com\",\"path\":\"" +
                                 file.string() + "\""));
}

TEST_F(FileTransportTest, WhatCannotBeWrittenIsTriedAgain) {
  const auto transport = FileTransport::open((folder_ / "mails").string(), log_);
  ASSERT_TRUE(transport.has_value());
  fs::remove_all(folder_ / "mails");
  const auto sent = send(**transport, "first\r\n");
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(is_permanent(sent.error()));
}

TEST_F(FileTransportTest, AFolderIsNeeded) {
  std::ofstream(folder_ / "file") << "x";
  EXPECT_TRUE(FileTransport::open((folder_ / "file").string(), log_).error().message.ends_with("it is no folder"));
  EXPECT_FALSE(FileTransport::open((folder_ / "no/such").string(), log_).has_value());
}

}  // namespace
}  // namespace epay::mail
