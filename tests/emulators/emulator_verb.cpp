#include "emulators/emulator_verb.h"

#include <charconv>
#include <cstdio>

#include "base/json_writer.h"
#include "emulators/emulator.h"
#include "emulators/json_text.h"
#include "emulators/manual_clock.h"
#include "runtime/reactor.h"

namespace epay::emulators {
namespace {

constexpr std::string_view clock_record = "clock";

void print(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

int report(const Error& error, int code) {
  std::fprintf(stderr, "epay: %s\n", error.message.c_str());
  return code;
}

Result<SocketAddress> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto ip = IpAddress::parse(text.substr(0, colon == std::string::npos ? 0 : colon));
  std::uint16_t port = 0;
  const char* begin = text.data() + colon + 1;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), port);
  if (!ip || error != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorCode::invalid, "\"" + text + "\" is no address and port, such as 127.0.0.1:4000");
  }
  return SocketAddress{*ip, port};
}

Result<EmulatorOptions> options_of(const EmulatorConfig& config) {
  EmulatorOptions options{.vendor = config.vendor, .state_file = config.state_file};
  for (const std::string& text : config.switches) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return fail(ErrorCode::invalid, "--set takes NAME=VALUE, not " + text);
    options.switches.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return options;
}

// Where a manual clock stood when a former run ended.
Timestamp start_of(const std::string& path, Timestamp otherwise) {
  const auto state = StateFile::open(path);
  if (!state) return otherwise;
  const auto records = (*state)->take(clock_record);
  return records.empty() ? otherwise : Timestamp{std::stoll(records.front().second)};
}

Task<void> advance_and_keep(ManualClock& clock, Emulator& emulator, microseconds by) {
  co_await clock.advance(by, [&emulator] { return emulator.engine().sender().under_way() > 0; });
  emulator.engine().state().put(clock_record, "now", std::to_string(clock.now().micros));
}

}  // namespace

int run_emulator(const EmulatorConfig& config) {
  const auto at = parse_address(config.listen);
  if (!at) return report(at.error(), 2);
  const auto control_at = parse_address(config.control);
  if (!control_at) return report(control_at.error(), 2);
  auto options = options_of(config);
  if (!options) return report(options.error(), 2);
  const bool is_manual = config.clock == "manual";
  if (!is_manual && config.clock != "real") return report({ErrorCode::invalid, "--clock takes real or manual"}, 2);

  runtime::Reactor reactor;
  runtime::SystemRandom random;
  Log log(
      LogLevel::warning, [&reactor] { return reactor.clock().now(); },
      [](LogLevel, std::string_view line) { print(std::string(line)); });
  std::optional<ManualClock> manual;
  if (is_manual) manual.emplace(reactor.clock(), start_of(config.state_file, reactor.clock().now()));
  Clock& clock = manual ? static_cast<Clock&>(*manual) : reactor.clock();
  auto emulator = Emulator::open({clock, reactor.clock(), reactor.network(), random, log}, *std::move(options));
  if (!emulator) return report(emulator.error(), emulator.error().code == ErrorCode::unavailable ? 1 : 2);
  Control::Advance advance;
  if (manual) {
    advance = [&manual, &emulator](microseconds by) { return advance_and_keep(*manual, **emulator, by); };
  }
  const auto address = (*emulator)->listen(*at);
  if (!address) return report(address.error(), 1);
  const auto control_address = (*emulator)->listen_control(*control_at, std::move(advance));
  if (!control_address) return report(control_address.error(), 1);
  // Whoever reads the line may stop us at once.
  reactor.on_signal([&](int) { reactor.stop(); });
  JsonWriter line;
  print(line.begin_object()
            .member("event", "listening")
            .member("rail", config.vendor)
            .member("address", address->to_string())
            .member("control", control_address->to_string())
            .end_object()
            .take());
  reactor.run();
  return 0;
}

}  // namespace epay::emulators
