#include "simulation/workload.h"

#include <algorithm>

#include "simulation/sim_random.h"

namespace epay::simulation {
namespace {

// Numbers with a scenario (RAILS §8), the dangerous ones more than once.
constexpr int scenarios[] = {450, 451, 452, 453, 454, 454, 455, 456, 462, 480, 480, 481, 481, 482, 482,
                             483, 484, 484, 484, 485, 485, 485, 486, 487, 488, 488, 490, 490, 491, 491};

class Planner {
 public:
  Planner(std::uint64_t seed, std::size_t processes) : random_(seed * 2 + 1) { plan_.processes = processes; }

  Plan make() {
    plan_.merchants = 1 + below(5);
    plan_.lasts = between(minutes(20), hours(5));
    plan_.latency_least = microseconds(50);
    plan_.latency_most = pick({microseconds(200), microseconds(5'000), microseconds(80'000), microseconds(600'000)});
    plan_.rail_delay =
        pick({microseconds(0), microseconds(300'000), microseconds(2'000'000), microseconds(30'000'000)});
    const std::size_t count = 20 + below(pick({20, 60, 200}));
    for (std::size_t i = 0; i < count; ++i) add_order(i);
    std::ranges::sort(plan_.orders, {}, &Order::due);
    // One seed in eight is calm: what it finds is not an accident.
    plan_.calm = below(8) == 0;
    if (!plan_.calm) add_faults();
    for (microseconds at = minutes(7); at < plan_.lasts; at += minutes(13)) {
      plan_.happenings.push_back({.at = at, .kind = Happening::Kind::audit});
    }
    std::ranges::sort(plan_.happenings, {}, &Happening::at);
    return std::move(plan_);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool once_in(std::uint64_t times) { return random_.once_in(times); }
  microseconds between(microseconds least, microseconds most) {
    return least + microseconds(below(static_cast<std::uint64_t>((most - least).count()) + 1));
  }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }

  void add_order(std::size_t number) {
    Order order;
    order.merchant = below(plan_.merchants);
    order.reference = "order-" + std::to_string(number);
    // Merchants choose their references alone: the same one at two of them is two payments.
    if (once_in(10)) order.reference = "shared-" + std::to_string(below(6));
    if (!once_in(3)) order.key = "key-" + std::to_string(number);
    order.due = between(seconds(0), plan_.lasts);
    // Rushes, too: much at the same moment.
    if (once_in(3)) order.due = plan_.lasts / 7 * static_cast<std::int64_t>(below(7));
    order.amount = {static_cast<std::int64_t>(1 + below(100'000)),
                    once_in(6) ? *Currency::parse("NGN") : Currency::ghs()};
    const auto kind = below(12);
    order.kind = kind < 6   ? Order::Kind::momo
                 : kind < 8 ? Order::Kind::card
                 : kind < 9 ? Order::Kind::payout
                            : Order::Kind::checkout;
    if (order.kind == Order::Kind::payout) order.amount.minor = static_cast<std::int64_t>(1 + below(30'000));
    choose_wallet(order);
    if (order.kind == Order::Kind::checkout) choose_tries(order);
    const std::string who = std::to_string(below(30));
    order.name = "Ama \"O'\" Ähm " + who;
    order.email = "ama" + who + "@example.com";
    order.telephone = "02441234" + who;
    if (once_in(2)) order.description = "For <" + order.reference + "> & more";
    order.patience = pick({microseconds(700'000), microseconds(5'000'000), microseconds(40'000'000)});
    order.gives_up = once_in(8);
    order.twice = once_in(6) && !order.key.empty();
    order.replays = once_in(4) && !order.key.empty();
    order.as_form = once_in(4);
    order.customer =
        pick({Order::Customer::approves, Order::Customer::approves, Order::Customer::declines, Order::Customer::never});
    order.customer_waits = pick({microseconds(1'000'000), microseconds(60'000'000), microseconds(900'000'000)});
    plan_.orders.push_back(order);
  }

  void choose_wallet(Order& order) {
    if (order.kind == Order::Kind::card || order.kind == Order::Kind::checkout) return;
    struct Network {
      const char* name;
      const char* prefix;
    };
    const Network network =
        pick<Network>({{"mtn", "024"}, {"vodafone", "020"}, {"telecel", "020"}, {"airtel", "027"}, {"tigo", "027"}});
    order.network = network.name;
    order.wallet = std::string(network.prefix) + "1234567";
    if (!once_in(3))
      order.wallet = std::string(network.prefix) + "0000" + std::to_string(scenarios[below(std::size(scenarios))]);
    const bool needs_voucher = order.kind == Order::Kind::momo && std::string_view(network.prefix) == "020";
    if (needs_voucher) order.voucher = once_in(8) ? "000000" : "123456";
  }

  void choose_tries(Order& order) {
    order.amount.currency = Currency::ghs();
    if (once_in(6)) return;
    for (std::uint64_t left = 1 + below(3); left > 0; --left) {
      std::string wallet = pick({"024", "020", "027", "card"});
      if (wallet != "card")
        wallet += once_in(2) ? "1234567" : "0000" + std::to_string(scenarios[below(std::size(scenarios))]);
      order.tries.push_back(std::move(wallet));
    }
    order.cancels = once_in(2);
    order.two_windows = once_in(3);
  }

  void add_faults() {
    using Kind = Happening::Kind;
    const auto some = [&](Kind kind, std::uint64_t most, microseconds longest, auto more) {
      for (std::uint64_t left = below(most + 1); left > 0; --left) {
        Happening happening{.at = between(seconds(1), plan_.lasts), .kind = kind};
        // Half of them strike where a rush is, some just before it.
        if (once_in(2))
          happening.at = plan_.lasts / 7 * static_cast<std::int64_t>(1 + below(6)) + between(seconds(-2), seconds(5));
        happening.lasts = between(seconds(1), longest);
        happening.merchant = below(plan_.merchants);
        more(happening);
        plan_.happenings.push_back(happening);
      }
    };
    const auto with_fault = [&](Happening& happening) { happening.fault = static_cast<int>(below(3)); };
    const auto with_bytes = [&](Happening& happening) { happening.bytes = below(pick({100, 700, 1500})); };
    some(Kind::service_unreachable, 4, minutes(2), with_fault);
    some(Kind::service_link_breaks, 25, seconds(1), with_bytes);
    some(Kind::receiver_unreachable, 5, minutes(40), with_fault);
    some(Kind::receiver_link_breaks, 25, seconds(1), with_bytes);
    some(Kind::receiver_mood, 12, minutes(50), [&](Happening& happening) {
      happening.mood = pick({Mood::slow, Mood::failing, Mood::hanging, Mood::closing});
    });
    some(Kind::disk_full, 4, minutes(12), [](Happening&) {});
    some(Kind::restart, 2, seconds(30), [](Happening&) {});
    if (once_in(3)) {
      some(Kind::wall_jump, 3, hours(3), [&](Happening& happening) {
        if (once_in(3)) happening.lasts = -happening.lasts;
        if (once_in(2)) happening.lasts /= 1000;
      });
    }
    if (plan_.processes > 1) some(Kind::store_cut, 12, seconds(45), with_fault);
    if (!once_in(4)) plan_.steps_between_crashes = pick({300, 2'000, 10'000, 40'000});
  }

  SimRandom random_;
  Plan plan_;
};

}  // namespace

int scenario_of(const std::string& wallet) {
  const bool known = wallet.starts_with("0240000") || wallet.starts_with("0200000") || wallet.starts_with("0270000");
  return known ? std::stoi(wallet.substr(7)) : 0;
}

const char* network_of(const std::string& wallet) {
  return wallet.starts_with("020") ? "telecel" : wallet.starts_with("027") ? "airteltigo" : "mtn";
}

bool may_fail(int scenario) {
  return (scenario >= 450 && scenario <= 464 && scenario != 453 && scenario != 454) || scenario == 490;
}

int Order::scenario() const { return scenario_of(wallet); }

bool Order::may_fail_at_rail() const {
  return may_fail(scenario()) || voucher == "000000" || customer == Customer::declines;
}

Plan make_plan(std::uint64_t seed, std::size_t processes) { return Planner(seed, processes).make(); }

}  // namespace epay::simulation
