#include "processes/membership.h"

#include <gtest/gtest.h>

#include <optional>

#include "simulation/memory_store.h"
#include "simulation/shared_store.h"

namespace epay::processes {
namespace {

using simulation::SharedStore;

class Members : public testing::Test {
 protected:
  struct Member {
    Member(Members& all, const std::string& name)
        : door(all.store.clock, all.store.log, all.store.path, all.doors),
          membership(all.store.clock, all.store.log, door, name) {
      membership.on_change([this] { ++changes; });
    }
    SharedStore door;
    Membership membership;
    int changes = 0;
  };

  ~Members() override { store.clock.drop_all(); }

  std::unique_ptr<Member> start(const std::string& name) {
    auto member = std::make_unique<Member>(*this, name);
    EXPECT_TRUE(run_task(store.clock, member->membership.start()));
    return member;
  }
  // As kill -9: what it waits for never comes. The others' timers go on.
  void kill(std::unique_ptr<Member>& member) {
    member->door.set_cut(SharedStore::Cut::hangs);
    dead.push_back(std::move(member));
  }
  std::vector<Process> rows() {
    return *store.write([](db::Transaction& tx) -> Result<std::vector<Process>> { return list_processes(tx); });
  }
  bool has_row(ProcessId id) {
    const auto all = rows();
    return std::ranges::any_of(all, [&](const Process& one) { return one.id == id; });
  }

  simulation::MemoryStore store{simulation::MemoryStore::Where::sqlite};  // which its doors open again
  SharedStore::Doors doors;
  std::vector<std::unique_ptr<Member>> dead;
};

TEST_F(Members, JoinUnderIdsOfTheirOwnAndOneLeads) {
  const auto first = start("first");
  const auto second = start("second");
  EXPECT_NE(first->membership.id(), second->membership.id());
  EXPECT_TRUE(first->membership.leads());
  EXPECT_FALSE(second->membership.leads());
  EXPECT_EQ(second->membership.living(), 2);
  store.clock.run_for(Membership::beat_every);
  EXPECT_EQ(first->membership.living(), 2);
  const auto all = rows();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "first");
}

// Neither at first, nor when it was lost and comes back.
TEST_F(Members, OneThatIsNotAdmittedStaysOut) {
  const auto first = start("first");
  bool admits = false;
  Member second(*this, "second");
  second.membership.ask_before_joining([&admits](db::Transaction&) -> Result<> {
    if (admits) return {};
    return fail(ErrorCode::conflict, "not you");
  });
  const auto refused = run_task(store.clock, second.membership.start());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "not you");
  EXPECT_FALSE(second.membership.is_alive());
  EXPECT_EQ(rows().size(), 1u);
  admits = true;
  ASSERT_TRUE(run_task(store.clock, second.membership.start()));
  second.door.set_cut(SharedStore::Cut::fails);
  store.clock.run_for(seconds(30));
  admits = false;
  second.door.set_cut(SharedStore::Cut::none);
  store.clock.run_for(seconds(30));
  EXPECT_FALSE(second.membership.is_alive());
  EXPECT_EQ(rows().size(), 1u);
  admits = true;
  store.clock.run_for(seconds(5));
  EXPECT_TRUE(second.membership.is_alive());
  EXPECT_EQ(rows().size(), 2u);
  run_task(store.clock, second.membership.stop(store.clock.ticks() + seconds(5)));
}

TEST_F(Members, StayAliveForHours) {
  const auto first = start("first");
  const auto second = start("second");
  store.clock.run_for(seconds(5));
  const int changes = first->changes;
  store.clock.run_for(hours(6));
  EXPECT_TRUE(first->membership.is_alive());
  EXPECT_TRUE(second->membership.is_alive());
  EXPECT_EQ(first->changes, changes);
  EXPECT_EQ(rows().size(), 2u);
}

TEST_F(Members, OneThatLeavesIsGoneAtOnceAndAnotherLeads) {
  const auto first = start("first");
  const auto second = start("second");
  const ProcessId id = first->membership.id();
  run_task(store.clock, first->membership.stop(store.clock.ticks() + seconds(5)));
  EXPECT_FALSE(has_row(id));
  EXPECT_FALSE(first->membership.is_alive());
  store.clock.run_for(Membership::beat_every);
  EXPECT_TRUE(second->membership.leads());
  EXPECT_EQ(second->membership.living(), 1);
}

// Whoever stops does not wait for a store that does not answer.
TEST_F(Members, OneThatLeavesWithoutAStoreIsGoneByItsSilence) {
  const auto first = start("first");
  const auto second = start("second");
  store.clock.run_for(seconds(3));
  first->door.set_cut(SharedStore::Cut::hangs);
  const Ticks due = store.clock.ticks() + seconds(5);
  run_task(store.clock, first->membership.stop(due));
  EXPECT_LE(store.clock.ticks(), due + milliseconds(1));
  store.clock.run_for(Membership::taken_over_within);
  EXPECT_TRUE(second->membership.leads());
}

TEST_F(Members, OneThatDiesIsGoneWithinTheBound) {
  auto first = start("first");
  const auto second = start("second");
  store.clock.run_for(milliseconds(1'900));
  const ProcessId id = first->membership.id();
  kill(first);
  const Ticks died = store.clock.ticks();
  const int changes = second->changes;
  while (has_row(id)) store.clock.run_for(milliseconds(100));
  EXPECT_LE(store.clock.ticks() - died, Membership::taken_over_within);
  EXPECT_TRUE(second->membership.leads());
  EXPECT_EQ(second->membership.living(), 1);
  EXPECT_GT(second->changes, changes);
}

// Whatever a cut does to its bodies: it counts itself out before the others do, and comes back as another.
TEST_F(Members, OneThatIsCutOffIsLostBeforeItIsDeadToTheOthers) {
  for (const auto cut : {SharedStore::Cut::fails, SharedStore::Cut::hangs, SharedStore::Cut::loses_replies}) {
    for (int offset = 0; offset < 2'000; offset += 130) {
      const auto first = start("first");
      const auto second = start("second");
      store.clock.run_for(milliseconds(4'000 + offset));
      const ProcessId id = first->membership.id();
      first->door.set_cut(cut);
      const Ticks until = store.clock.ticks() + seconds(30);
      std::optional<Ticks> lost_at;
      while (store.clock.ticks() < until) {
        store.clock.run_for(milliseconds(50));
        ASSERT_FALSE(first->membership.leads() && second->membership.leads());
        if (first->membership.is_alive() && first->membership.id() == id) ASSERT_TRUE(has_row(id));
        if (!lost_at && !first->membership.is_alive()) lost_at = store.clock.ticks();
      }
      ASSERT_TRUE(lost_at);
      EXPECT_EQ(first->membership.id(), ProcessId());
      EXPECT_TRUE(second->membership.is_alive());
      first->door.set_cut(SharedStore::Cut::none);
      store.clock.run_for(seconds(5));
      EXPECT_TRUE(first->membership.is_alive());
      EXPECT_NE(first->membership.id(), id);
      EXPECT_EQ(first->membership.living(), 2);
      EXPECT_TRUE(second->membership.leads());
      for (const auto* member : {&first, &second}) {
        run_task(store.clock, (*member)->membership.stop(store.clock.ticks() + seconds(5)));
      }
      // A join whose reply was lost has left a row behind that nobody beats.
      store.clock.run_for(seconds(1));
      ASSERT_TRUE(store.write([](db::Transaction& tx) -> Result<> {
        for (const Process& one : list_processes(tx)) leave(tx, one.id);
        return {};
      }));
    }
  }
}

TEST_F(Members, AllComeBackWhenTheStoreWasAwayForAll) {
  const auto first = start("first");
  const auto second = start("second");
  const ProcessId ids[] = {first->membership.id(), second->membership.id()};
  for (const auto* member : {&first, &second}) (*member)->door.set_cut(SharedStore::Cut::fails);
  store.clock.run_for(seconds(30));
  EXPECT_FALSE(first->membership.is_alive());
  EXPECT_FALSE(second->membership.is_alive());
  for (const auto* member : {&first, &second}) (*member)->door.set_cut(SharedStore::Cut::none);
  store.clock.run_for(seconds(8));
  EXPECT_TRUE(first->membership.is_alive());
  EXPECT_TRUE(second->membership.is_alive());
  EXPECT_EQ(rows().size(), 2u) << "each takes its own old row away";
  for (const ProcessId id : ids) EXPECT_FALSE(has_row(id));
  EXPECT_NE(first->membership.leads(), second->membership.leads());
}

// A clock that is set by hours changes nothing: only what each has seen itself counts.
TEST_F(Members, DoNotBelieveWallClocks) {
  const auto first = start("first");
  const auto second = start("second");
  for (const microseconds by : {microseconds(hours(5)), microseconds(-hours(9))}) {
    store.clock.jump_wall(by);
    store.clock.run_for(seconds(20));
    EXPECT_TRUE(first->membership.is_alive());
    EXPECT_TRUE(second->membership.is_alive());
    EXPECT_EQ(rows().size(), 2u);
  }
}

TEST_F(Members, AStoreForOneHasNone) {
  Membership alone(store.clock, store.log, *store.database);
  ASSERT_TRUE(run_task(store.clock, alone.start()));
  store.clock.run_for(hours(1));
  EXPECT_EQ(alone.id(), ProcessId());
  EXPECT_TRUE(alone.is_alive());
  EXPECT_TRUE(alone.leads());
  EXPECT_EQ(alone.living(), 1);
  EXPECT_TRUE(rows().empty());
}

TEST_F(Members, WhatIsClaimedIsFreeWhenItsOwnerIsDeadOrNobody) {
  auto first = start("first");
  const auto second = start("second");
  const ProcessId ids[] = {first->membership.id(), second->membership.id()};
  const auto free_for_second = [&](ProcessId owner) {
    return *run_task(store.clock,
                     second->door.read([owner](db::Transaction& tx) -> Result<bool> { return is_free(tx, owner); }));
  };
  EXPECT_TRUE(free_for_second(ProcessId()));
  EXPECT_TRUE(free_for_second(ids[1]));
  EXPECT_FALSE(free_for_second(ids[0]));
  kill(first);
  store.clock.run_for(Membership::taken_over_within);
  EXPECT_TRUE(free_for_second(ids[0]));
}

}  // namespace
}  // namespace epay::processes
