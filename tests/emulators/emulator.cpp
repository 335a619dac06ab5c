#include "emulators/emulator.h"

#include "base/check.h"
#include "emulators/fault_stream.h"
#include "emulators/hubtel/hubtel.h"
#include "emulators/mpgs/mpgs.h"
#include "emulators/mtn/mtn.h"
#include "emulators/paystack/paystack.h"

namespace epay::emulators {
namespace {

// Every emulator has these.
const std::vector<SwitchRule> common_switches = {
    {"decide.after", "duration", "200ms"},    // how long an order takes whose scenario does not say
    {"callback.timeout", "duration", "30s"},  // over one whole exchange
    {"wallet.opening", "", "100000"},         // what a wallet, bank account or card has, in major units
    {"merchant.opening", "", "1000000"},      // and the merchant for payouts
    {"clock.ahead", "duration", "0"},         // how wrong the rail's clock is in what it says
    {"clock.behind", "duration", "0"},
};

struct VendorRow {
  std::string_view name;
  std::vector<SwitchRule> (*switches)();
  std::unique_ptr<Vendor> (*make)(Engine& engine);
};

const VendorRow vendors[] = {
    {"mtn", mtn::switches, mtn::make},
    {"paystack", paystack::switches, paystack::make},
    {"hubtel", hubtel::switches, hubtel::make},
    {"mpgs", mpgs::switches, mpgs::make},
};

const VendorRow* find_vendor(std::string_view name) {
  for (const VendorRow& row : vendors) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// The merchant's collections begin with nothing; payouts need something to pay out.
Money opening(const Switches& switches, std::string_view account, Currency currency) {
  const bool is_empty = account == "merchant:collection" || account.starts_with("rail:");
  if (is_empty) return {0, currency};
  const std::string& amount = switches.get(account.starts_with("merchant:") ? "merchant.opening" : "wallet.opening");
  return Money::parse(amount, currency).value_or(Money{0, currency});
}

}  // namespace

std::string vendor_names() {
  std::string names;
  for (const VendorRow& row : vendors) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

Result<std::unique_ptr<Emulator>> Emulator::open(Seams seams, EmulatorOptions options,
                                                 std::shared_ptr<StateFile> state) {
  const VendorRow* row = find_vendor(options.vendor);
  if (row == nullptr) return fail(ErrorCode::not_found, "There is no rail " + options.vendor + ": " + vendor_names());
  std::vector<SwitchRule> rules = common_switches;
  for (const SwitchRule& rule : row->switches()) rules.push_back(rule);
  Switches switches(rules);
  for (const auto& [name, value] : options.switches) {
    const auto set = switches.set(name, value);
    if (!set) return std::unexpected(set.error());
  }
  if (state == nullptr) {
    auto opened = StateFile::open(options.state_file);
    if (!opened) return std::unexpected(opened.error());
    state = *std::move(opened);
  }
  std::unique_ptr<Emulator> emulator(new Emulator(seams, std::move(state), std::move(switches)));
  emulator->vendor_ = row->make(emulator->engine_);
  Vendor& vendor = *emulator->vendor_;
  emulator->gate_.set_error_words([&vendor](int status, std::string_view text) { return vendor.error(status, text); });
  emulator->gate_.on_expire_tokens([&vendor] { vendor.expire_tokens(); });
  vendor.add_routes(emulator->gate_);
  emulator->engine_.start(vendor);
  return emulator;
}

Emulator::Emulator(Seams seams, std::shared_ptr<StateFile> state, Switches switches)
    : seams_(seams),
      state_(std::move(state)),
      switches_(std::move(switches)),
      journal_(*state_),
      ledger_(*state_,
              [this](std::string_view account, Currency currency) { return opening(switches_, account, currency); }),
      gate_(seams.clock, seams.io_clock, journal_, faults_),
      engine_(seams, *state_, switches_, journal_, ledger_),
      tasks_(seams.io_clock, seams.log, "emulator") {}

Emulator::~Emulator() = default;

Result<SocketAddress> Emulator::serve(http::Server& server, std::unique_ptr<runtime::Listener> listener) {
  const SocketAddress address = listener->local();
  tasks_.spawn(server.serve(std::move(listener)));
  return address;
}

Result<SocketAddress> Emulator::listen(SocketAddress at) {
  auto listener = seams_.network.listen(at, std::nullopt);
  if (!listener) return std::unexpected(listener.error());
  server_ =
      std::make_unique<http::Server>(seams_.io_clock, seams_.random, seams_.log, gate_.router(), http::ServerOptions{});
  return serve(*server_, with_faults(seams_.io_clock, *std::move(listener)));
}

Result<SocketAddress> Emulator::listen_control(SocketAddress at, Control::Advance advance) {
  auto listener = seams_.network.listen(at, std::nullopt);
  if (!listener) return std::unexpected(listener.error());
  control_ = std::make_unique<Control>(engine_, *vendor_, journal_, faults_, std::move(advance));
  control_server_ = std::make_unique<http::Server>(seams_.io_clock, seams_.random, seams_.log, control_->router(),
                                                   http::ServerOptions{});
  return serve(*control_server_, *std::move(listener));
}

}  // namespace epay::emulators
