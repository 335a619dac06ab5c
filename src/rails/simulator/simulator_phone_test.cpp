// The test phone, in virtual time, with the simulator's books in a store of its own.
#include <gtest/gtest.h>

#include "rails/simulator/simulator.h"
#include "simulation/memory_store.h"

namespace epay::rails::simulator {
namespace {

using simulation::run_task;

PhoneNumber number(std::string_view text) { return *PhoneNumber::parse(text); }
const PhoneNumber phone = number("0240000900");
const PhoneNumber other = number("0244123456");

std::string words(const Reply& reply) {
  struct {
    std::string operator()(const Pending& p) const {
      return p.next == Pending::Next::input ? "input" : p.next == Pending::Next::redirect ? "redirect" : "wait";
    }
    std::string operator()(const Succeeded& s) const { return "succeeded " + s.amount.to_decimal(); }
    std::string operator()(const Failed& f) const { return f.code; }
    std::string operator()(const Reversed& r) const { return r.code; }
    std::string operator()(const NotFound&) const { return "not found"; }
    std::string operator()(const NotSent& n) const { return n.cause; }
    std::string operator()(const Unknown& u) const { return u.cause; }
  } const to_words;
  return std::visit(to_words, reply);
}

class World : public CallbackSink {
 public:
  explicit World(microseconds delay = seconds(2)) : options{delay} { restart(); }
  void on_callback(std::string_view reference, Claim claim) override {
    callbacks.push_back(std::string(reference) + (claim == Claim::failed ? " failed" : " succeeded"));
  }
  // As after a crash: what is not in the books is gone.
  void restart() {
    store.clock.drop_all();
    store.database->drop_all();
    simulator.reset();
    simulator =
        std::make_unique<Simulator>(store.clock, store.random, store.log, *store.database, members, *this, options);
    run(simulator->start());
  }
  template <class T>
  T run(Task<T> task) {
    return run_task(store.clock, std::move(task));
  }
  void pass(microseconds time) { run(wait(store.clock, time)); }
  static Task<void> wait(Clock& clock, microseconds time) { co_await clock.sleep(time); }

  Order order(const std::string& reference, const PhoneNumber& wallet) {
    const Timestamp now = store.clock.now();
    return {.merchant = merchant,
            .reference = reference,
            .wallet = wallet,
            .network = "mtn",
            .amount = {1'250, Currency::ghs()},
            .description = "Two tickets",
            .created_at = now,
            .expires_at = now + minutes(10)};
  }
  std::string collect(const Order& wanted) { return words(run(simulator->collect(wanted))); }
  std::string ask(const Order& wanted) { return words(run(simulator->query(wanted))); }
  Phone look(const PhoneNumber& wallet = phone) { return *run(simulator->look_at_phone(wallet)); }
  ErrorCode error_of(Task<Result<SimulatedOrder>> task) {
    const auto answered = run(std::move(task));
    EXPECT_FALSE(answered.has_value());
    return answered.has_value() ? ErrorCode::unavailable : answered.error().code;
  }

  simulation::MemoryStore store;
  Membership members{store.clock, store.log, *store.database};
  Simulator::Options options;
  MerchantId merchant = store.merchant().merchant;
  std::vector<std::string> callbacks;
  std::unique_ptr<Simulator> simulator;
};

TEST(TestPhone, IsWhatItsNumbersSay) {
  struct Row {
    const char* number;
    bool test_phone, sent_code, vouchers;
  };
  const Row rows[] = {
      {"0240000900", true, false, false},  {"0240000989", true, false, false}, {"0240000990", true, true, false},
      {"0240000999", true, true, false},   {"0200000900", true, false, true},  {"0270000999", true, true, false},
      {"0240000899", false, false, false}, {"0240000491", false, true, false}, {"0240001900", false, false, false},
      {"0244123456", false, false, false}, {"0500000900", false, false, true}, {"0570000900", false, false, false},
      {"0280000900", false, false, false},
  };
  for (const Row& row : rows) {
    const PhoneNumber n = number(row.number);
    EXPECT_EQ(is_test_phone(n), row.test_phone) << row.number;
    EXPECT_EQ(is_sent_code(n), row.sent_code) << row.number;
    EXPECT_EQ(makes_vouchers(n), row.vouchers) << row.number;
  }
}

TEST(TestPhone, APaymentWaitsForItsPerson) {
  for (const microseconds delay : {microseconds(0), microseconds(seconds(2))}) {
    World world(delay);
    const Order order = world.order("one", phone);
    EXPECT_EQ(world.collect(order), "wait");
    world.pass(minutes(4));
    EXPECT_EQ(world.ask(order), "wait");
    const Phone shown = world.look();
    ASSERT_EQ(shown.prompts.size(), 1u);
    EXPECT_TRUE(shown.is_in_hand());
    EXPECT_EQ(shown.prompts[0].reference, "one");
    EXPECT_EQ(shown.prompts[0].merchant, "shop1");
    EXPECT_EQ(shown.prompts[0].description, "Two tickets");
    EXPECT_EQ(shown.prompts[0].amount.to_decimal(), "12.5");

    const auto approved = world.run(world.simulator->approve_prompt(phone, "one", "1234"));
    EXPECT_EQ(approved->status, OrderStatus::succeeded);
    EXPECT_EQ(world.callbacks, std::vector<std::string>{"one succeeded"});
    EXPECT_EQ(world.ask(order), "succeeded 12.5");
    const Phone after = world.look();
    EXPECT_TRUE(after.prompts.empty());
    ASSERT_EQ(after.orders.size(), 1u);
    EXPECT_EQ(after.orders[0].status, OrderStatus::succeeded);
    EXPECT_EQ(after.orders[0].decided_at, world.store.clock.now());
    world.pass(minutes(10));
    EXPECT_EQ(world.ask(order), "succeeded 12.5");
    EXPECT_EQ(world.callbacks.size(), 1u);
  }
}

TEST(TestPhone, DeclinedMistypedAndIgnoredPaymentsFailAsTheNetworkSays) {
  World world;
  for (const char* reference : {"declined", "mistyped", "mended", "ignored"})
    world.collect(world.order(reference, phone));
  EXPECT_EQ(world.run(world.simulator->decline_prompt(phone, "declined"))->failure, "APPROVAL_REJECTED");

  for (int wrong = 1; wrong <= wrong_pins_max; ++wrong) {
    const auto answered = world.run(world.simulator->approve_prompt(phone, "mistyped", "0000"));
    EXPECT_EQ(answered->wrong_pins, wrong);
    EXPECT_EQ(answered->is_open(), wrong < wrong_pins_max);
  }
  EXPECT_EQ(world.ask(world.order("mistyped", phone)), "PAYMENT_NOT_APPROVED");

  for (int wrong = 1; wrong < wrong_pins_max; ++wrong) {
    world.run(world.simulator->approve_prompt(phone, "mended", "0000"));
  }
  EXPECT_EQ(world.look().prompts.back().reference, "mended");
  EXPECT_EQ(world.look().prompts.back().wrong_pins, 2);
  EXPECT_EQ(world.run(world.simulator->approve_prompt(phone, "mended", "0001"))->status, OrderStatus::succeeded);

  world.pass(prompt_life - seconds(1));
  EXPECT_EQ(world.ask(world.order("ignored", phone)), "wait");
  world.pass(seconds(2));
  EXPECT_EQ(world.ask(world.order("ignored", phone)), "EXPIRED");
  EXPECT_TRUE(world.look().prompts.empty());
  EXPECT_EQ(world.callbacks,
            (std::vector<std::string>{"declined failed", "mistyped failed", "mended succeeded", "ignored failed"}));
}

TEST(TestPhone, APromptEndsWithItsOrderWhereThatIsSooner) {
  World world;
  Order order = world.order("short", phone);
  order.expires_at = order.created_at + minutes(1);
  world.collect(order);
  world.pass(seconds(61));
  EXPECT_EQ(world.ask(order), "EXPIRED");
}

TEST(TestPhone, APromptThatWasPutOffCanStillBeApproved) {
  World world;
  const Order order = world.order("later", phone);
  world.collect(order);
  EXPECT_TRUE(world.run(world.simulator->put_prompt_off(phone, "later", true)).has_value());
  EXPECT_TRUE(world.look().prompts.empty());
  ASSERT_EQ(world.look().put_off.size(), 1u);
  // The network is told to send it again.
  EXPECT_EQ(world.collect(order), "wait");
  EXPECT_EQ(world.look().prompts.size(), 1u);
  EXPECT_EQ(world.look().orders.size(), 1u) << "it is the same order";
  world.run(world.simulator->put_prompt_off(phone, "later", true));
  world.run(world.simulator->put_prompt_off(phone, "later", false));
  EXPECT_EQ(world.look().prompts.size(), 1u);
  world.run(world.simulator->put_prompt_off(phone, "later", true));
  EXPECT_EQ(world.run(world.simulator->approve_prompt(phone, "later", "9999"))->status, OrderStatus::succeeded);
}

TEST(TestPhone, RefusesWhatIsNotThere) {
  World world;
  world.collect(world.order("one", phone));
  world.run(world.simulator->pay_out(world.order("payout", phone)));
  world.collect(world.order("plain", other));
  Simulator& simulator = *world.simulator;
  const PhoneNumber neighbour = number("0240000901");
  for (const char* bad : {"", "1", "12345", "12a4", "١٢٣٤"}) {
    EXPECT_EQ(world.error_of(simulator.approve_prompt(phone, "one", bad)), ErrorCode::invalid) << bad;
  }
  EXPECT_EQ(world.look().prompts.at(0).wrong_pins, 0) << "what is no PIN counts for nothing";
  for (const char* reference : {"", "none", "payout", "plain"}) {
    EXPECT_EQ(world.error_of(simulator.approve_prompt(phone, reference, "1234")), ErrorCode::not_found) << reference;
    EXPECT_EQ(world.error_of(simulator.decline_prompt(phone, reference)), ErrorCode::not_found) << reference;
    EXPECT_EQ(world.error_of(simulator.put_prompt_off(phone, reference, true)), ErrorCode::not_found) << reference;
  }
  EXPECT_EQ(world.error_of(simulator.approve_prompt(neighbour, "one", "1234")), ErrorCode::not_found);
  EXPECT_EQ(world.error_of(simulator.decline_prompt(neighbour, "one")), ErrorCode::not_found);
  EXPECT_EQ(world.error_of(simulator.approve_prompt(other, "plain", "1234")), ErrorCode::not_found);

  world.run(simulator.decline_prompt(phone, "one"));
  EXPECT_EQ(world.error_of(simulator.approve_prompt(phone, "one", "1234")), ErrorCode::conflict);
  EXPECT_EQ(world.error_of(simulator.decline_prompt(phone, "one")), ErrorCode::conflict);
  EXPECT_EQ(world.error_of(simulator.put_prompt_off(phone, "one", true)), ErrorCode::conflict);
  EXPECT_EQ(world.ask(world.order("one", phone)), "APPROVAL_REJECTED");
}

TEST(TestPhone, ACodeComesBySmsAndThenThePrompt) {
  World world;
  const PhoneNumber coded = number("0240000990");
  const Order right = world.order("right", coded), wrong = world.order("wrong", coded),
              late = world.order("late", coded);
  for (const Order& order : {right, wrong, late}) EXPECT_EQ(world.collect(order), "input");
  EXPECT_TRUE(world.look(coded).prompts.empty());
  EXPECT_EQ(world.error_of(world.simulator->approve_prompt(coded, "right", "1234")), ErrorCode::conflict);
  std::map<std::string, std::string> codes;
  for (const SimulatedOrder& order : world.look(coded).orders) codes[order.reference] = order.code.value_or("");
  EXPECT_EQ(codes["right"].size(), 6u);
  EXPECT_NE(codes["right"], codes["wrong"]);

  EXPECT_EQ(words(world.run(world.simulator->submit_input(right, codes["right"]))), "wait");
  EXPECT_EQ(world.look(coded).prompts.size(), 1u);
  world.run(world.simulator->approve_prompt(coded, "right", "1234"));
  EXPECT_EQ(world.ask(right), "succeeded 12.5");

  EXPECT_EQ(words(world.run(world.simulator->submit_input(wrong, codes["right"]))), "INVALID_OTP");
  world.pass(prompt_life + seconds(1));
  EXPECT_EQ(world.ask(late), "EXPIRED");
}

TEST(TestPhone, TelecelsVouchersPayOnce) {
  World world;
  const PhoneNumber telecel = number("0200000905");
  const auto collect = [&](const char* reference, const std::string& code) {
    Order order = world.order(reference, telecel);
    order.network = "telecel";
    order.voucher = code;
    EXPECT_EQ(world.collect(order), "wait");
    world.pass(seconds(3));
    return world.ask(order);
  };
  EXPECT_FALSE(world.run(world.simulator->make_voucher(phone)).has_value()) << "MTN has none";
  const auto voucher = world.run(world.simulator->make_voucher(telecel));
  ASSERT_TRUE(voucher.has_value());
  EXPECT_EQ(voucher->code.size(), 6u);
  EXPECT_EQ(collect("wrong", "123456"), "INVALID_VOUCHER");
  EXPECT_EQ(collect("right", voucher->code), "succeeded 12.5");
  EXPECT_EQ(collect("again", voucher->code), "INVALID_VOUCHER");
  EXPECT_TRUE(world.look(telecel).vouchers.at(0).used);

  const auto old = world.run(world.simulator->make_voucher(telecel));
  world.pass(voucher_life);
  EXPECT_EQ(collect("old", old->code), "INVALID_VOUCHER");

  for (std::size_t i = 0; i < vouchers_at_once_max; ++i) {
    EXPECT_TRUE(world.run(world.simulator->make_voucher(telecel)).has_value());
  }
  EXPECT_EQ(world.run(world.simulator->make_voucher(telecel)).error().code, ErrorCode::too_many_requests);
  // Without a voucher Telecel prompts too.
  Order prompted = world.order("prompted", telecel);
  prompted.network = "telecel";
  world.collect(prompted);
  EXPECT_EQ(world.look(telecel).prompts.size(), 1u);
}

TEST(TestPhone, MoneyThatIsSentArrives) {
  World world;
  const Order order = world.order("payout", phone);
  EXPECT_EQ(words(world.run(world.simulator->pay_out(order))), "wait");
  EXPECT_TRUE(world.look().prompts.empty());
  world.pass(seconds(3));
  EXPECT_EQ(world.ask(order), "succeeded 12.5");
  ASSERT_EQ(world.look().orders.size(), 1u);
  EXPECT_TRUE(world.look().orders[0].payout);
  EXPECT_EQ(world.look().orders[0].merchant, "shop1");
}

TEST(TestPhone, AnyNumberWaitsWhileItIsInSomebodysHand) {
  World world(microseconds(0));
  EXPECT_EQ(world.collect(world.order("before", other)), "succeeded 12.5");
  EXPECT_TRUE(world.run(world.simulator->take_phone(other)).has_value());
  EXPECT_TRUE(world.look(other).is_in_hand());
  EXPECT_EQ(world.look(other).held_until, world.store.clock.now() + phone_held_for);
  const Order during = world.order("during", other);
  EXPECT_EQ(world.collect(during), "wait");

  EXPECT_TRUE(world.run(world.simulator->put_phone_down(other)).has_value());
  EXPECT_FALSE(world.look(other).is_in_hand());
  EXPECT_EQ(world.look(other).prompts.size(), 1u) << "what was on the screen stays";
  EXPECT_EQ(world.collect(during), "wait") << "the books know it";
  EXPECT_EQ(world.run(world.simulator->approve_prompt(other, "during", "1234"))->status, OrderStatus::succeeded);

  // A number with a scenario waits like any other, and has its scenario again afterwards.
  const PhoneNumber rejecting = number("0240000451");
  world.run(world.simulator->take_phone(rejecting));
  const Order taken = world.order("taken", rejecting);
  EXPECT_EQ(world.collect(taken), "wait");
  world.run(world.simulator->approve_prompt(rejecting, "taken", "1234"));
  EXPECT_EQ(world.ask(taken), "succeeded 12.5");
  world.pass(phone_held_for);
  EXPECT_FALSE(world.look(rejecting).is_in_hand());
  const Order after = world.order("after", rejecting);
  world.collect(after);
  world.pass(seconds(1));
  EXPECT_EQ(world.ask(after), "APPROVAL_REJECTED");
}

TEST(TestPhone, OnlySoManyNumbersAreInHandAtOnce) {
  World world;
  for (std::size_t i = 0; i < phones_held_max; ++i) {
    ASSERT_TRUE(world.run(world.simulator->take_phone(number("055" + std::to_string(1'000'000 + i)))).has_value());
  }
  EXPECT_EQ(world.run(world.simulator->take_phone(other)).error().code, ErrorCode::too_many_requests);
  EXPECT_TRUE(world.run(world.simulator->take_phone(phone)).has_value()) << "it is always in hand";
  EXPECT_TRUE(world.run(world.simulator->take_phone(number("0551000000"))).has_value()) << "once more";
  world.pass(phone_held_for + hours(1));
  EXPECT_TRUE(world.run(world.simulator->take_phone(other)).has_value());
}

TEST(TestPhone, RemembersEverythingAcrossARestart) {
  World world;
  const PhoneNumber coded = number("0240000995");
  world.run(world.simulator->take_phone(other));
  const Order waiting = world.order("waiting", phone), held = world.order("held", other),
              sms = world.order("sms", coded);
  for (const Order& order : {waiting, held, sms}) world.collect(order);
  world.run(world.simulator->approve_prompt(phone, "waiting", "0000"));
  world.run(world.simulator->put_prompt_off(other, "held", true));
  const std::string code = world.look(coded).orders.at(0).code.value_or("");
  world.restart();

  EXPECT_EQ(world.look().prompts.at(0).wrong_pins, 1);
  EXPECT_EQ(world.look(other).put_off.size(), 1u);
  EXPECT_TRUE(world.look(other).is_in_hand());
  EXPECT_EQ(world.collect(world.order("new", other)), "wait");
  EXPECT_EQ(words(world.run(world.simulator->submit_input(sms, code))), "wait");
  world.run(world.simulator->approve_prompt(phone, "waiting", "1234"));
  EXPECT_EQ(world.ask(waiting), "succeeded 12.5");
  world.pass(prompt_life + seconds(1));
  EXPECT_EQ(world.ask(held), "EXPIRED");
}

TEST(TestPhone, ShowsTheLatestOnly) {
  World world;
  for (std::size_t i = 0; i < phone_orders_shown_max + 5; ++i) {
    world.collect(world.order("order" + std::to_string(i), phone));
    world.pass(seconds(1));
  }
  const Phone shown = world.look();
  EXPECT_EQ(shown.orders.size(), phone_orders_shown_max);
  EXPECT_EQ(shown.orders.front().reference, "order" + std::to_string(phone_orders_shown_max + 4));
  EXPECT_EQ(shown.prompts.front().reference, "order5");
}

}  // namespace
}  // namespace epay::rails::simulator
