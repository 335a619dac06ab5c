#include "db/sqlite_restore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "db/durable_files.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_database.h"

namespace epay::db {
namespace {

namespace fs = std::filesystem;

constexpr Migration test_migrations[] = {
    {1, "first", "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY) WITHOUT ROWID;"},
    {2, "second", "CREATE TABLE others (id BIGINT NOT NULL PRIMARY KEY) WITHOUT ROWID;"},
};
constexpr Sql insert_thing{"INSERT INTO things (id) VALUES ($1)"};
constexpr Sql insert_other{"INSERT INTO others (id) VALUES ($1)"};
constexpr Sql count_others{"SELECT count(*) FROM others"};
constexpr Sql sum_things{"SELECT coalesce(sum(id), 0) FROM things"};
constexpr Timestamp now{1'700'000'000'000'000};

class Restore : public testing::Test {
 protected:
  Restore() {
    std::string name = (fs::temp_directory_path() / "epay_restore_test_XXXXXX").string();
    EPAY_CHECK(mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Restore() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::unique_ptr<SqliteConnection> open(const std::string& name) const {
    auto opened = SqliteConnection::open(file(name), SqliteConnection::Access::read_write, seconds(1));
    EPAY_CHECK(opened.has_value());
    return *std::move(opened);
  }
  // A store of the first version with this thing in it.
  void make(const std::string& name, std::int64_t thing) const {
    const auto store = open(name);
    EPAY_CHECK(store->migrate(std::span(test_migrations).first(1), now).has_value());
    store->begin();
    store->execute(insert_thing, thing);
    EXPECT_GT(store->next_id(Sequence::payment), 0);
    EPAY_CHECK(store->commit() == SqliteConnection::CommitEnd::durable);
  }
  std::int64_t things(const std::string& name) const {
    return *open(name)->query_one(sum_things, [](const Row& row) { return row.integer(0); });
  }
  Result<std::optional<std::string>> run(bool replace, std::function<Result<>(Transaction&)> prepare) const {
    return restore({.from = file("copy"),
                    .to = file("store"),
                    .replace = replace,
                    .now = now,
                    .migrations = test_migrations,
                    .prepare = std::move(prepare)});
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
  }

  fs::path folder_;
};

Result<> nothing(Transaction&) { return {}; }

TEST_F(Restore, BringsTheCopyUpToDateAndLeavesNumbersOut) {
  make("copy", 7);
  const auto restored = run(false, [](Transaction& tx) -> Result<> {
    tx.execute(insert_other, 1);
    return {};
  });
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(*restored, std::nullopt);
  EXPECT_EQ(names(), (std::vector<std::string>{"copy", "store"}));
  EXPECT_EQ(things("store"), 7);
  const auto store = open("store");
  EXPECT_EQ(store->query_one(count_others, [](const Row& row) { return row.integer(0); }), 1);
  store->begin();
  EXPECT_GT(store->next_id(Sequence::payment), ids_skipped_by_restore);
  store->rollback();
}

TEST_F(Restore, WhatIsRefusedLeavesTheStoreAsItWas) {
  make("copy", 7);
  make("store", 1);
  const auto refused = run(true, [](Transaction& tx) -> Result<> {
    tx.execute(insert_other, 1);
    return fail(ErrorCode::unavailable, "not this one");
  });
  EXPECT_EQ(refused.error().message, "not this one");
  // A statement that fails, and one that breaks a rule, are refusals too.
  EXPECT_FALSE(run(true, [](Transaction& tx) -> Result<> {
    tx.execute(insert_thing, 7);
    return {};
  }));
  EXPECT_EQ(things("store"), 1);
  EXPECT_EQ(run(false, nothing).error().code, ErrorCode::invalid);
  EXPECT_EQ(names(), (std::vector<std::string>{"copy", "store"}));
}

TEST_F(Restore, KeepsWhatItReplaces) {
  make("copy", 7);
  make("store", 1);
  const auto restored = run(true, nothing);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(*restored, file("store.replaced-20231114T221320.000000Z"));
  EXPECT_EQ(things("store"), 7);
  EXPECT_EQ(things("store.replaced-20231114T221320.000000Z"), 1);
  // A name that is taken is not taken again.
  EXPECT_NE(run(true, nothing).error().message.find("cannot keep"), std::string::npos);
  EXPECT_EQ(things("store"), 7);
}

TEST_F(Restore, AStoreThatIsNoneIsReplacedToo) {
  make("copy", 7);
  std::ofstream(file("store")) << std::string(5000, 'x');
  ASSERT_TRUE(run(true, nothing));
  EXPECT_EQ(things("store"), 7);
  EXPECT_EQ(fs::file_size(file("store.replaced-20231114T221320.000000Z")), 5000u);
}

TEST_F(Restore, AStoreThatSomebodyHasOpenIsNotReplaced) {
  make("copy", 7);
  make("store", 1);
  const auto held = open("store");
  EXPECT_EQ(held->query_one(sum_things, [](const Row& row) { return row.integer(0); }), 1);
  EXPECT_NE(run(true, nothing).error().message.find("another process uses"), std::string::npos);
}

TEST_F(Restore, ACopyOfABackupTakenNowIsWhole) {
  make("store", 3);
  ASSERT_TRUE(SqliteDatabase::backup(file("store"), file("copy")));
  fs::remove(file("store"));
  ASSERT_TRUE(run(false, nothing));
  EXPECT_EQ(things("store"), 3);
}

TEST_F(Restore, FilesAreCopiedWholeOrNotAtAll) {
  std::ofstream(file("from")) << std::string(3'000'000, 'x');
  ASSERT_TRUE(copy_private_file(file("from"), file("to")));
  EXPECT_EQ(fs::file_size(file("to")), 3'000'000u);
  EXPECT_EQ(fs::status(file("to")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(copy_private_file(file("from"), file("to")));  // there already
  EXPECT_FALSE(copy_private_file(file("missing"), file("other")));
  EXPECT_FALSE(copy_private_file(folder_.string(), file("other")));  // a folder cannot be read
  EXPECT_FALSE(copy_private_file(file("from"), file("no/such/folder")));
  EXPECT_FALSE(give_private_name(file("from"), file("to")));  // never over a file
  EXPECT_EQ(names(), (std::vector<std::string>{"to"}));
}

}  // namespace
}  // namespace epay::db
