#include "simulation/sim_network.h"

#include <gtest/gtest.h>

#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_random.h"

namespace epay::simulation {
namespace {

class World {
 public:
  World() {
    listener = std::move(*network.listen(at, {}));
    near = std::move(*run_task(clock, network.connect(at, {}, Ticks::never())));
    far = std::move(*run_task(clock, listener->accept()));
  }
  std::string read(Stream& stream, microseconds patience = seconds(1)) {
    std::array<char, 100> bytes;
    const auto count = run_task(clock, stream.read_some(bytes, clock.ticks() + patience));
    return count ? std::string(bytes.data(), *count) : "error";
  }
  bool write(Stream& stream, std::string_view bytes, microseconds patience = seconds(1)) {
    return run_task(clock, stream.write(bytes, clock.ticks() + patience)).has_value();
  }

  SimClock clock;
  SimRandom random{1};
  SimNetwork network{clock, random};
  SocketAddress at{IpAddress::loopback(), 80};
  std::unique_ptr<runtime::Listener> listener;
  std::unique_ptr<Stream> near, far;
};

TEST(SimNetwork, DeliversInOrderAfterItsLatency) {
  World world;
  world.network.set_latency(milliseconds(1), milliseconds(50));
  std::string all;
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(world.write(*world.near, std::string(1, static_cast<char>('0' + i))));
  EXPECT_EQ(world.read(*world.far, microseconds(999)), "error");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(world.read(*world.far), std::string(1, static_cast<char>('0' + i)));
  world.near->close();
  EXPECT_EQ(world.read(*world.far), "");
  EXPECT_FALSE(world.write(*world.near, "x"));
}

TEST(SimNetwork, LetsAWriterWaitForItsReader) {
  World world;
  EXPECT_TRUE(world.write(*world.near, std::string(SimNetwork::window_bytes, 'x')));
  EXPECT_FALSE(world.write(*world.near, "x"));
  EXPECT_FALSE(world.near->is_reusable());
}

TEST(SimNetwork, BreaksWhereItIsToldTo) {
  World world;
  world.network.break_next_connection_after(world.at, 5);
  world.near = std::move(*run_task(world.clock, world.network.connect(world.at, {}, Ticks::never())));
  world.far = std::move(*run_task(world.clock, world.listener->accept()));
  EXPECT_TRUE(world.write(*world.near, "abc"));
  EXPECT_EQ(world.read(*world.far), "abc");
  EXPECT_TRUE(world.write(*world.far, "defg"));
  EXPECT_EQ(world.read(*world.near), "de");
  EXPECT_EQ(world.read(*world.near), "error");
  EXPECT_EQ(world.read(*world.far), "error");
}

Task<void> read_until_the_end(std::unique_ptr<Stream> stream, int& resumed) {
  std::array<char, 10> bytes;
  (void)co_await stream->read_some(bytes, Ticks::never());
  ++resumed;
}

TEST(SimNetwork, ForgetsEverythingInACrash) {
  World world;
  int resumed = 0;
  {
    Log log(LogLevel::info, [&] { return world.clock.now(); }, {});
    TaskGroup group(world.clock, log, "test");
    group.spawn(read_until_the_end(std::move(world.far), resumed));
    world.network.drop_all();
    world.clock.drop_all();
  }
  EXPECT_FALSE(world.write(*world.near, "x"));
  world.clock.run_for(hours(1));
  EXPECT_EQ(resumed, 0);
  EXPECT_EQ(world.network.open_streams(), 0u);
  EXPECT_TRUE(world.network.listen(world.at, {}).has_value());
}

TEST(SimRandom, IsTheSameForTheSameSeed) {
  SimRandom a(1), b(1), c(2);
  EXPECT_EQ(a.text(100, Random::hex_digits), b.text(100, Random::hex_digits));
  EXPECT_NE(a.next(), c.next());
}

}  // namespace
}  // namespace epay::simulation
