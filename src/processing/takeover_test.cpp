// What one of several processes had begun when it died, another brings to its end.
#include <gtest/gtest.h>

#include "mail/sender.h"
#include "processing/processor.h"
#include "rails/simulator/simulator.h"
#include "simulation/serving_together.h"
#include "webhooks/redeliverer.h"

namespace epay::processing {
namespace {

using events::DeliveryStatus;
using payments::PaymentStatus;
using simulation::run_task;

constexpr seconds taken_over_within{15};

class Mailbox final : public mail::Transport {
 public:
  Task<Result<>> send(mail::Envelope envelope) override {
    recipients.push_back(envelope.recipient);
    co_return Result<>();
  }
  std::vector<std::string> recipients;
};

class Takeover : public simulation::ServingTogether {
 protected:
  // A whole service but for its pages and API.
  struct Whole : rails::CallbackSink {
    explicit Whole(Takeover& all)
        : process(all, {}),
          redeliverer(process.clock, all.store.log, process.door, process.members, process.dispatcher),
          mails(process.clock, all.store.log, process.door, process.members, &all.mailbox,
                {.from = {"Epay", "pay@example.com"}}),
          processor(process.clock, all.store.random, all.store.log, process.door, process.members, rails,
                    process.dispatcher, {.origin = "http://10.0.0.9"}) {
      auto simulated = std::make_unique<rails::simulator::Simulator>(process.clock, all.store.random, all.store.log,
                                                                     process.door, process.members, *this,
                                                                     rails::simulator::Simulator::Options{seconds(2)});
      simulator = simulated.get();
      rails.add(std::move(simulated));
      process.door.on_notice([this](const db::Notice& notice) {
        redeliverer.hear(notice);
        mails.hear(notice);
        processor.hear(notice);
        simulator->hear(notice);
      });
    }
    void on_callback(std::string_view reference, rails::Claim claim) override {
      if (calls_back) processor.on_callback(reference, claim);
    }

    Process process;
    webhooks::Redeliverer redeliverer;
    mail::Sender mails;
    rails::Rails rails{process.clock};
    rails::simulator::Simulator* simulator = nullptr;
    Processor processor;
    bool calls_back = true;
  };

  std::unique_ptr<Whole> serve_whole() {
    auto whole = std::make_unique<Whole>(*this);
    EPAY_CHECK(run_task(store.clock, whole->process.members.start()).has_value());
    run_task(store.clock, whole->simulator->start());
    whole->process.dispatcher.start();
    whole->redeliverer.start();
    whole->mails.start();
    whole->processor.start();
    return whole;
  }
  static void kill_whole(std::unique_ptr<Whole>& whole) {
    whole->process.clock.drop_all();
    whole->process.door.drop_all();
    whole.reset();
  }
  Result<std::variant<Started, payments::StoredAnswer>> charge(Whole& whole, Scope scope, const std::string& reference,
                                                               const std::string& wallet = "0241234567") {
    return run_task(store.clock, whole.processor.start_charge({.scope = scope,
                                                               .reference = reference,
                                                               .amount = {2'250, Currency::ghs()},
                                                               .wallet = *PhoneNumber::parse(wallet),
                                                               .network = rails::find_network("mtn"),
                                                               .voucher = {},
                                                               .customer = {"Ama", "ama@example.com", "0240000000"},
                                                               .description = {},
                                                               .origin = "http://10.0.0.9",
                                                               .key = {}}));
  }
  PaymentStatus status_of(Scope scope, const std::string& reference) {
    return store.write([&](db::Transaction& tx) { return payments::find_payment(tx, scope, reference); })->status;
  }
  void queue_mail(Whole& whole, const std::string& recipient) {
    EXPECT_TRUE(run_task(store.clock, whole.process.door.write([&](db::Transaction& tx) -> Result<> {
      mail::queue(tx, {MerchantId{1}, recipient, "News", "Some news.\n", {}}, store.clock.now());
      return {};
    })));
    whole.mails.notify();
  }

  Mailbox mailbox;
};

TEST_F(Takeover, APaymentEndsWhoeverDies) {
  receive_at(1);
  const Scope scope = store.merchant();
  // The one that dies is once the leader and once not.
  for (const bool leader_dies : {true, false}) {
    auto first = serve_whole();
    auto second = serve_whole();
    store.clock.run_for(seconds(3));
    const std::string reference = leader_dies ? "led" : "followed";
    auto& dies = leader_dies ? first : second;
    auto& stays = leader_dies ? second : first;
    ASSERT_TRUE(charge(*dies, scope, reference));
    EXPECT_EQ(status_of(scope, reference), PaymentStatus::pending);
    received.clear();
    kill_whole(dies);
    store.clock.run_for(taken_over_within);
    EXPECT_EQ(status_of(scope, reference), PaymentStatus::succeeded);
    EXPECT_EQ(received.size(), 1u);
    kill_whole(stays);
    store.clock.run_for(seconds(1));
  }
}

// The rail does not call back: the attempt is asked for by whoever has taken it over.
TEST_F(Takeover, ThePollsOfTheDeadAreMade) {
  receive_at(1);
  const Scope scope = store.merchant();
  auto first = serve_whole();
  const auto second = serve_whole();
  second->calls_back = false;
  store.clock.run_for(seconds(3));
  ASSERT_TRUE(charge(*first, scope, "quiet"));
  kill_whole(first);
  store.clock.run_for(minutes(2));
  EXPECT_EQ(status_of(scope, "quiet"), PaymentStatus::succeeded);
  EXPECT_EQ(received.size(), 1u);
}

TEST_F(Takeover, ACallbackThatAnotherHearsIsEnough) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto first = serve_whole();
  const auto second = serve_whole();
  store.clock.run_for(seconds(3));
  ASSERT_TRUE(charge(*first, scope, "silent", "0240000480"));
  const auto started = store.write([&](db::Transaction& tx) { return payments::find_payment(tx, scope, "silent"); });
  store.clock.run_for(milliseconds(2'100));
  second->processor.on_callback(payments::rail_reference_of({scope, started->id, 1}), rails::Claim::nothing);
  store.clock.run_for(milliseconds(300));
  EXPECT_EQ(status_of(scope, "silent"), PaymentStatus::succeeded);
  EXPECT_EQ(received.size(), 1u);
}

// A code is told to the rail once, whichever processes it is given to at once.
TEST_F(Takeover, ACodeIsSubmittedByOneProcessAtATime) {
  const Scope scope = store.merchant();
  const auto first = serve_whole();
  const auto second = serve_whole();
  store.clock.run_for(seconds(3));
  ASSERT_TRUE(charge(*first, scope, "asks", "0240000491"));
  const auto payment = store.write([&](db::Transaction& tx) { return payments::find_payment(tx, scope, "asks"); });
  const payments::AttemptKey key{scope, payment->id, 1};
  ASSERT_TRUE(run_task(
      store.clock, first->process.door.write([&](db::Transaction& tx) { return payments::claim_asking(tx, key); })));
  const auto refused = run_task(store.clock, second->processor.submit_input(scope, "asks", "123456"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::in_progress);
  ASSERT_TRUE(run_task(store.clock, first->process.door.write([&](db::Transaction& tx) -> Result<> {
    payments::release_asking(tx, key);
    return {};
  })));
  EXPECT_TRUE(run_task(store.clock, second->processor.submit_input(scope, "asks", "123456")));
  store.clock.run_for(seconds(5));
  EXPECT_EQ(status_of(scope, "asks"), PaymentStatus::succeeded);
}

TEST_F(Takeover, MailIsSentByTheOneThatLeads) {
  auto first = serve_whole();
  const auto second = serve_whole();
  store.clock.run_for(seconds(3));
  queue_mail(*second, "one@example.com");
  store.clock.run_for(milliseconds(100));
  EXPECT_EQ(mailbox.recipients, std::vector<std::string>{"one@example.com"}) << "the leader has heard of it";
  kill_whole(first);
  queue_mail(*second, "two@example.com");
  store.clock.run_for(taken_over_within);
  EXPECT_EQ(mailbox.recipients, (std::vector<std::string>{"one@example.com", "two@example.com"}));
  store.clock.run_for(minutes(10));
  EXPECT_EQ(mailbox.recipients.size(), 2u);
}

TEST_F(Takeover, ARedeliveryGoesOnWhenItsDriverDies) {
  receive_at(1);
  answers_after = milliseconds(50);
  const Scope scope = store.merchant();
  record(scope, 300);
  ASSERT_TRUE(store.write([](db::Transaction& tx) -> Result<> {
    static constexpr db::Sql give_up{"UPDATE deliveries SET status = 3, tries = 10, due_at = NULL"};
    tx.execute(give_up);
    return {};
  }));
  auto first = serve_whole();
  const auto second = serve_whole();
  store.clock.run_for(seconds(3));
  const auto lane = endpoint_of(scope).key;
  const auto made = run_task(store.clock, second->process.door.write([&](db::Transaction& tx) {
    const Timestamp now = store.clock.now();
    return events::create_redelivery(tx, {lane, events::Redelivery::Kind::recover, false, {}, now, now});
  }));
  ASSERT_TRUE(made);
  second->redeliverer.begin(made->key);
  store.clock.run_for(milliseconds(600));
  const std::size_t so_far = received.size();
  EXPECT_GT(so_far, 5u) << "the leader has heard of it";
  EXPECT_LT(so_far, 200u);
  kill_whole(first);
  store.clock.run_for(minutes(3));
  const auto done = store.write([&](db::Transaction& tx) { return events::find_redelivery(tx, made->key); });
  EXPECT_EQ(done->status, events::Redelivery::Status::done);
  EXPECT_EQ(receipts().size(), 300u);
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 300u);
}

// A phone that somebody has in hand is in hand whichever process is asked.
TEST_F(Takeover, APhoneInHandIsInHandEverywhere) {
  const Scope scope = store.merchant();
  const auto first = serve_whole();
  const auto second = serve_whole();
  store.clock.run_for(seconds(3));
  const PhoneNumber number = *PhoneNumber::parse("0241234567");
  ASSERT_TRUE(run_task(store.clock, second->simulator->take_phone(number)));
  store.clock.run_for(milliseconds(100));
  ASSERT_TRUE(charge(*first, scope, "held"));
  store.clock.run_for(seconds(20));
  EXPECT_EQ(status_of(scope, "held"), PaymentStatus::pending);
  const auto phone = run_task(store.clock, second->simulator->look_at_phone(number));
  ASSERT_EQ(phone->prompts.size(), 1u);
  ASSERT_TRUE(run_task(store.clock, second->simulator->approve_prompt(number, phone->prompts[0].reference, "1234")));
  store.clock.run_for(seconds(1));
  EXPECT_EQ(status_of(scope, "held"), PaymentStatus::succeeded);
}

// Whoever looks at a payment hears of its change wherever it is made.
TEST_F(Takeover, AWatchHearsOfWhatAnotherProcessDoes) {
  const Scope scope = store.merchant();
  const auto first = serve_whole();
  const auto second = serve_whole();
  store.clock.run_for(seconds(3));
  ASSERT_TRUE(charge(*first, scope, "watched"));
  const auto payment = store.write([&](db::Transaction& tx) { return payments::find_payment(tx, scope, "watched"); });
  store.clock.run_for(milliseconds(500));
  Processor::Watch watch(second->processor, scope, payment->id);
  const Ticks began = store.clock.ticks();
  EXPECT_TRUE(run_task(store.clock, watch.changed(began + minutes(1))));
  EXPECT_LT(store.clock.ticks() - began, seconds(3));
  EXPECT_EQ(status_of(scope, "watched"), PaymentStatus::succeeded);
}

}  // namespace
}  // namespace epay::processing
