// Which way a refund goes, and what is asked when somebody says that money has come back.
#include <gtest/gtest.h>

#include <deque>

#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "payments/verify.h"
#include "processing/processor.h"
#include "simulation/serving_together.h"

namespace epay::processing {
namespace {

using payments::PaymentStatus;
using rails::OrderKind;
using simulation::run_task;

// A rail with the capabilities of a test's choice, which answers what it is told to, and success otherwise.
class PlainRail final : public rails::Rail {
 public:
  explicit PlainRail(rails::RailId id) : id_(id) {}
  rails::RailId id() const override { return id_; }
  rails::Capabilities capabilities() const override { return can; }
  bool serves_mode(Mode mode) const override { return mode == Mode::test; }
  bool serves(const rails::Need& need) const override { return need.kind == OrderKind::payout ? pays_out : takes; }
  Task<rails::Reply> collect(rails::Order order) override { return answer(std::move(order)); }
  Task<rails::Reply> pay_out(rails::Order order) override { return answer(std::move(order)); }
  Task<rails::Reply> refund(rails::Order order) override { return answer(std::move(order)); }
  Task<rails::Reply> submit_input(rails::Order order, std::string) override { return answer(std::move(order)); }
  Task<rails::Reply> query(rails::Order order) override {
    ++queries;
    return answer(std::move(order));
  }

  rails::Capabilities can;
  bool takes = true, pays_out = true;
  std::deque<rails::Reply> answers;
  std::vector<rails::Order> orders;
  int queries = 0;

 private:
  Task<rails::Reply> answer(rails::Order order) {
    orders.push_back(order);
    if (answers.empty()) co_return rails::Succeeded{order.amount, "R" + std::to_string(orders.size())};
    rails::Reply reply = std::move(answers.front());
    answers.pop_front();
    co_return reply;
  }
  rails::RailId id_;
};

class RefundsOfRails : public simulation::ServingTogether {
 protected:
  RefundsOfRails() {
    auto taking = std::make_unique<PlainRail>(rails::RailId::paystack);
    auto sending = std::make_unique<PlainRail>(rails::RailId::mtn_momo);
    takes = taking.get();
    sends = sending.get();
    takes->pays_out = false;
    sends->takes = false;
    rails.add(std::move(taking));
    rails.add(std::move(sending));
    process = serve();
    processor =
        std::make_unique<Processor>(process->clock, store.random, store.log, process->door, process->members, rails,
                                    process->dispatcher, Processor::Options{.origin = "http://10.0.0.9"});
    processor->start();
  }
  ~RefundsOfRails() override {
    process->clock.drop_all();
    process->door.drop_all();
    processor.reset();
    process.reset();
  }

  std::string pay(bool card = false) {
    const std::string reference = "p" + std::to_string(++made_);
    ChargeRequest charge{.scope = scope,
                         .reference = reference,
                         .amount = {1'000, Currency::ghs()},
                         .customer = {"Ama", "ama@example.com", "0240000000"},
                         .origin = "http://10.0.0.9"};
    if (card) {
      charge.channel = rails::Channel::card;
    } else {
      charge.wallet = *PhoneNumber::parse("0241234567");
      charge.network = rails::find_network("mtn");
    }
    EPAY_CHECK(run_task(store.clock, processor->start_charge(std::move(charge))).has_value());
    return reference;
  }
  Result<payments::Payment> refund(const std::string& of, std::optional<std::int64_t> minor = {}) {
    RefundRequest wanted{.scope = scope, .payment_reference = of, .origin = "http://10.0.0.9"};
    if (minor) wanted.amount = Money{*minor, Currency::ghs()};
    auto started = run_task(store.clock, processor->start_refund(std::move(wanted)));
    if (!started) return std::unexpected(started.error());
    return std::get<Started>(*started).payment;
  }
  Result<payments::Payment> pay_out(std::string reference) {
    auto started =
        run_task(store.clock, processor->start_payout({.scope = scope,
                                                       .reference = std::move(reference),
                                                       .amount = {100, Currency::ghs()},
                                                       .payee = {payments::Method::momo, "0241234567", "mtn"},
                                                       .description = "Wages",
                                                       .origin = "http://10.0.0.9"}));
    if (!started) return std::unexpected(started.error());
    return std::get<Started>(*started).payment;
  }
  PaymentStatus status_of(PaymentId id) {
    return store
        .write(
            [&](db::Transaction& tx) -> Result<PaymentStatus> { return payments::find_payment(tx, scope, id)->status; })
        .value();
  }
  std::vector<std::string> wrong() {
    return *store.write([](db::Transaction& tx) -> Result<std::vector<std::string>> {
      auto sentences = ledger::verify(tx);
      for (auto& sentence : payments::verify(tx)) sentences.push_back(sentence);
      return sentences;
    });
  }

  Scope scope = store.merchant();
  rails::Rails rails{store.clock};
  PlainRail* takes = nullptr;
  PlainRail* sends = nullptr;
  std::unique_ptr<Process> process;
  std::unique_ptr<Processor> processor;

 private:
  int made_ = 0;
};

TEST_F(RefundsOfRails, TheRailThatTookTheMoneyGivesItBack) {
  takes->can = {.refunds = true, .partial_refunds = true};
  const std::string of = pay();
  const auto made = refund(of, 300);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->status, PaymentStatus::succeeded);
  ASSERT_EQ(takes->orders.size(), 2u);
  const rails::Order& order = takes->orders[1];
  EXPECT_EQ(order.kind, OrderKind::refund);
  EXPECT_EQ(order.amount, (Money{300, Currency::ghs()}));
  ASSERT_TRUE(order.original);
  EXPECT_EQ(order.original->reference, takes->orders[0].reference);
  EXPECT_EQ(order.original->rail_id, "R1");
  EXPECT_EQ(order.original->amount, (Money{1'000, Currency::ghs()}));
  EXPECT_TRUE(sends->orders.empty());
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(RefundsOfRails, WhereItGivesNothingBackTheWalletIsPaid) {
  const std::string of = pay();
  const auto made = refund(of);
  ASSERT_TRUE(made);
  ASSERT_EQ(sends->orders.size(), 1u);
  EXPECT_EQ(sends->orders[0].kind, OrderKind::payout);
  EXPECT_EQ(sends->orders[0].wallet->national(), "0241234567");
  EXPECT_EQ(sends->orders[0].network, "mtn");
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(RefundsOfRails, APartGoesToTheWalletWhereTheRailGivesOnlyTheWholeBack) {
  takes->can = {.refunds = true};
  const std::string whole = pay(), parts = pay();
  ASSERT_TRUE(refund(whole));
  EXPECT_TRUE(sends->orders.empty());
  ASSERT_TRUE(refund(parts, 400));
  // What is left is a part too.
  ASSERT_TRUE(refund(parts));
  EXPECT_EQ(sends->orders.size(), 2u);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(RefundsOfRails, ACardsMoneyHasNoOtherWayBack) {
  const std::string of = pay(true);
  const auto refused = refund(of);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  sends->pays_out = false;
  EXPECT_EQ(refund(pay()).error().code, ErrorCode::unsupported);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

// The way is stored: the poll asks the rail that was told, for what it was told.
TEST_F(RefundsOfRails, SilenceIsAskedAboutTheSameWay) {
  const std::string of = pay();
  sends->answers = {rails::Unknown{"reset"}, rails::Pending{}};
  const auto made = refund(of);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->status, PaymentStatus::pending);
  takes->can = {.refunds = true, .partial_refunds = true};
  store.clock.run_for(minutes(2));
  EXPECT_EQ(status_of(made->id), PaymentStatus::succeeded);
  EXPECT_EQ(sends->queries, 2);
  EXPECT_EQ(sends->orders.back().kind, OrderKind::payout);
  EXPECT_EQ(takes->orders.size(), 1u);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(RefundsOfRails, ACallbackThatItCameBackIsAskedAboutUntilItIsKnown) {
  pay();
  const auto made = pay_out("wages");
  ASSERT_TRUE(made);
  ASSERT_EQ(made->status, PaymentStatus::succeeded);
  const std::string reference = payments::rail_reference_of({scope, made->id, 1});
  // The rail does not answer at first, and then says that it is looking into it.
  sends->answers = {rails::Unknown{"reset"}, rails::Pending{}, rails::Reversed{"RETURNED"}};
  processor->on_callback(reference, rails::Claim::reversed);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(sends->queries, 1);
  EXPECT_EQ(status_of(made->id), PaymentStatus::succeeded);
  store.clock.run_for(hours(1));
  EXPECT_EQ(sends->queries, 3);
  EXPECT_EQ(status_of(made->id), PaymentStatus::reversed);
  processor->on_callback(reference, rails::Claim::reversed);
  store.clock.run_for(hours(1));
  EXPECT_EQ(sends->queries, 3) << "it is known";
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(RefundsOfRails, AClaimThatTheRailDeniesRaisesAnAlertAndMovesNothing) {
  pay();
  const auto made = pay_out("wages");
  store.lines.clear();
  processor->on_callback(payments::rail_reference_of({scope, made->id, 1}), rails::Claim::reversed);
  store.clock.run_for(hours(1));
  EXPECT_EQ(sends->queries, 1);
  EXPECT_EQ(status_of(made->id), PaymentStatus::succeeded);
  const auto alerts = std::ranges::count_if(
      store.lines, [](const std::string& line) { return line.find("callback_contradicts") != std::string::npos; });
  EXPECT_EQ(alerts, 1);
  // Neither has a payment of a customer's a way to come back.
  processor->on_callback(payments::rail_reference_of({scope, PaymentId{1}, 1}), rails::Claim::reversed);
  store.clock.run_for(hours(1));
  EXPECT_EQ(takes->queries, 0);
}

TEST_F(RefundsOfRails, ABankIsNamedAsTheRailNamesIt) {
  pay();
  PayoutRequest wanted{.scope = scope,
                       .reference = "rent",
                       .amount = {100, Currency::ghs()},
                       .payee = {payments::Method::bank, "0011223344", "gcb"},
                       .payee_name = "Kofi",
                       .description = "Rent",
                       .origin = "http://10.0.0.9"};
  const auto refused = run_task(store.clock, processor->start_payout(wanted));
  ASSERT_FALSE(refused) << "the rail has no code of the bank";
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(sends->orders.empty());
}

}  // namespace
}  // namespace epay::processing
