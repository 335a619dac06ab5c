#include "mail/sender.h"

#include <gtest/gtest.h>

#include <deque>

#include "simulation/memory_store.h"

namespace epay::mail {
namespace {

using simulation::run_task;

constexpr MerchantId merchant{7};

std::unexpected<Error> busy() { return fail(ErrorCode::unavailable, "the mail server answered: 450 Busy"); }

// Keeps what it is given, and answers what the test wants; when that is said, it takes it.
class Mailbox final : public Transport {
 public:
  struct Sent {
    Timestamp at;
    Envelope envelope;
  };
  explicit Mailbox(Clock& clock) : clock_(clock) {}
  Task<Result<>> send(Envelope envelope) override {
    sent.push_back({clock_.now(), std::move(envelope)});
    Result<> answer;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    if (takes > microseconds(0)) co_await clock_.sleep(takes);
    co_return answer;
  }
  std::vector<std::string> recipients() const {
    std::vector<std::string> all;
    all.reserve(sent.size());
    for (const Sent& one : sent) all.push_back(one.envelope.recipient);
    return all;
  }

  std::vector<Sent> sent;
  std::deque<Result<>> answers;
  microseconds takes{0};

 private:
  Clock& clock_;
};

// A store whose disk may be full.
class FragileStore final : public db::Database {
 public:
  FragileStore(Clock& clock, Log& log, db::Database& inner)
      : clock_(clock), inner_(inner), tasks_(clock, log, "store") {}

  void set_process(ProcessId process) override { inner_.set_process(process); }

  bool full = false;
  int refused = 0;
  void drop_all() override { inner_.drop_all(); }

 protected:
  void submit_write(db::Job& job) override {
    if (!full) return tasks_.spawn(write_into(job));
    ++refused;
    job.fail({ErrorCode::unavailable, "database or disk is full"});
    clock_.post(job.waiting);
  }
  void submit_read(db::Job& job) override { tasks_.spawn(write_into(job)); }

 private:
  Task<void> write_into(db::Job& job) {
    // The job keeps its own answer; an error only has its changes undone.
    co_await inner_.write([&job](db::Transaction& tx) -> Result<> {
      if (job.run(tx)) return {};
      return fail(ErrorCode::conflict, "undo");
    });
    clock_.post(job.waiting);
  }

  Clock& clock_;
  db::Database& inner_;
  TaskGroup tasks_;
};

class SenderTest : public testing::Test {
 protected:
  ~SenderTest() override {
    store.clock.drop_all();
    store.database->drop_all();
  }

  std::unique_ptr<Sender> make() { return make(&mailbox); }
  std::unique_ptr<Sender> make(Transport* transport, SenderOptions options = {}) {
    options.from = {"Epay", "pay@example.com"};
    auto sender = std::make_unique<Sender>(store.clock, store.log, fragile, members, transport, options);
    sender->start();
    store.clock.run_ready();
    return sender;
  }
  void queue_mail(const std::string& recipient = "ama@example.com", const std::string& subject = "News") {
    const auto queued = store.write([&](db::Transaction& tx) -> Result<> {
      queue(tx, {merchant, recipient, subject, "Some news.\n", "<p>Some news.</p>"}, store.clock.now());
      return {};
    });
    ASSERT_TRUE(queued.has_value());
  }
  // In the order they were queued.
  std::vector<MailSummary> mails() {
    auto all = store.write(
        [](db::Transaction& tx) -> Result<std::vector<MailSummary>> { return recent_mails(tx, merchant, 1'000); });
    return {all->rbegin(), all->rend()};
  }
  std::size_t texts_kept() {
    static constexpr db::Sql count{"SELECT count(*) FROM mails WHERE text_body <> '' OR html_body IS NOT NULL"};
    return *store.write([](db::Transaction& tx) -> Result<std::size_t> {
      return *tx.query_one(count, [](const db::Row& row) { return std::size_t(row.integer(0)); });
    });
  }
  std::size_t lines_with(std::string_view text) const {
    return std::size_t(
        std::ranges::count_if(store.lines, [&](const std::string& line) { return line.contains(text); }));
  }

  simulation::MemoryStore store;
  FragileStore fragile{store.clock, store.log, *store.database};
  Membership members{store.clock, store.log, fragile};
  Mailbox mailbox{store.clock};
};

TEST_F(SenderTest, AMailIsSentAtOnceAndItsTextForgotten) {
  const auto sender = make();
  queue_mail();
  sender->notify();
  store.clock.run_ready();
  ASSERT_EQ(mailbox.sent.size(), 1u);
  const Envelope& envelope = mailbox.sent[0].envelope;
  EXPECT_EQ(envelope.recipient, "ama@example.com");
  EXPECT_EQ(envelope.from, "pay@example.com");
  EXPECT_TRUE(envelope.content.contains("\r\nSubject: News\r\n"));
  EXPECT_TRUE(envelope.content.contains("\r\nMessage-ID: <epay.7.1.1700000000000000@example.com>\r\n"));
  ASSERT_EQ(mails().size(), 1u);
  EXPECT_EQ(mails()[0].tries, 1);
  EXPECT_EQ(mails()[0].sent_at, store.clock.now());
  EXPECT_FALSE(mails()[0].due_at);
  EXPECT_EQ(texts_kept(), 0u);
  store.clock.run_for(hours(24 * 7));
  EXPECT_EQ(mailbox.sent.size(), 1u);
  EXPECT_EQ(lines_with("\"mail_sent\""), 1u);
  EXPECT_EQ(lines_with("ama@"), 0u);
}

TEST_F(SenderTest, WhatIsUndoneIsNotSent) {
  const auto sender = make();
  const auto undone = store.write([&](db::Transaction& tx) -> Result<> {
    queue(tx, {merchant, "ama@example.com", "News", "Some news.", {}}, store.clock.now());
    return fail(ErrorCode::conflict, "undo");
  });
  EXPECT_FALSE(undone.has_value());
  sender->notify();
  store.clock.run_for(hours(1));
  EXPECT_TRUE(mailbox.sent.empty());
  EXPECT_TRUE(mails().empty());
}

TEST_F(SenderTest, WhatAnotherProcessQueuesIsFoundWithinAMinute) {
  const auto sender = make();
  queue_mail();
  store.clock.run_for(seconds(59));
  EXPECT_TRUE(mailbox.sent.empty());
  store.clock.run_for(seconds(2));
  EXPECT_EQ(mailbox.sent.size(), 1u);
}

TEST_F(SenderTest, EarlierMailsGoFirstHoweverMany) {
  std::vector<std::string> wanted;
  for (int i = 0; i < 40; ++i) {
    wanted.push_back("n" + std::to_string(i) + "@example.com");
    queue_mail(wanted.back());
    store.clock.run_for(milliseconds(1));
  }
  const auto sender = make();
  store.clock.run_for(seconds(1));
  EXPECT_EQ(mailbox.recipients(), wanted);
}

TEST_F(SenderTest, TheScheduleEndsAndTheFailureStays) {
  mailbox.answers.assign(20, busy());
  queue_mail();
  const auto sender = make();
  store.clock.run_for(hours(24 * 7));
  const std::vector<microseconds> waits = {minutes(1), minutes(5), minutes(30), hours(2), hours(8), hours(24)};
  ASSERT_EQ(mailbox.sent.size(), waits.size() + 1);
  for (std::size_t i = 0; i < waits.size(); ++i) {
    EXPECT_EQ(mailbox.sent[i + 1].at - mailbox.sent[i].at, waits[i]) << "after try " << i + 1;
    EXPECT_EQ(mailbox.sent[i + 1].envelope.content, mailbox.sent[0].envelope.content);
  }
  EXPECT_EQ(mails()[0].tries, 7);
  EXPECT_FALSE(mails()[0].due_at);
  EXPECT_FALSE(mails()[0].sent_at);
  EXPECT_EQ(mails()[0].failure, "the mail server answered: 450 Busy");
  EXPECT_EQ(lines_with("\"mail_failed\""), 6u);
  EXPECT_EQ(lines_with("\"level\":\"error\",\"event\":\"mail_given_up\""), 1u);
}

TEST_F(SenderTest, AMailThatFailsForNowDoesNotHoldUpTheOthers) {
  mailbox.answers = {busy()};
  queue_mail("busy@example.com");
  queue_mail("free@example.com");
  const auto sender = make();
  EXPECT_EQ(mailbox.recipients(), (std::vector<std::string>{"busy@example.com", "free@example.com"}));
  store.clock.run_for(minutes(1));
  EXPECT_EQ(mailbox.sent.size(), 3u);
  EXPECT_TRUE(mails()[0].sent_at);
  EXPECT_FALSE(mails()[0].failure);
  EXPECT_EQ(mails()[0].tries, 2);
}

TEST_F(SenderTest, WhatIsRefusedForGoodIsGivenUpAtOnce) {
  mailbox.answers = {fail(ErrorCode::refused, "the mail server answered: 550 <ama@example.com> is unknown")};
  queue_mail();
  queue_mail("ama@example.com", "Two lines\r\nBcc: all@example.com");
  const auto sender = make();
  store.clock.run_for(hours(24 * 7));
  EXPECT_EQ(mailbox.sent.size(), 1u) << "what would be another mail's header is not even sent";
  ASSERT_EQ(mails().size(), 2u);
  for (const MailSummary& mail : mails()) {
    EXPECT_EQ(mail.tries, 1);
    EXPECT_FALSE(mail.due_at);
    EXPECT_FALSE(mail.sent_at);
  }
  EXPECT_EQ(mails()[0].failure, "the mail server answered: 550 <ama@example.com> is unknown");
  EXPECT_EQ(mails()[1].failure, "the mail's subject must be one line of UTF-8 text");
  EXPECT_EQ(lines_with("\"mail_given_up\""), 2u);
  EXPECT_EQ(lines_with("<a***@example.com> is unknown"), 1u);
  EXPECT_EQ(lines_with("ama@"), 0u);
}

TEST_F(SenderTest, AServerThatIsAwayIsAskedOnceAMinute) {
  for (const ErrorCode code : {ErrorCode::connection_failed, ErrorCode::timed_out, ErrorCode::unauthenticated}) {
    SCOPED_TRACE(int(code));
    mailbox.sent.clear();
    mailbox.answers.assign(3, fail(code, "away"));
    queue_mail("first@example.com");
    queue_mail("second@example.com");
    const auto sender = make();
    EXPECT_EQ(mailbox.sent.size(), 1u);
    store.clock.run_for(seconds(30));
    sender->notify();
    store.clock.run_for(seconds(29));
    EXPECT_EQ(mailbox.sent.size(), 1u) << "news do not make it better";
    store.clock.run_for(seconds(2));
    EXPECT_EQ(mailbox.recipients(), (std::vector<std::string>{"first@example.com", "second@example.com"}));
    store.clock.run_for(minutes(10));
    for (const MailSummary& mail : mails()) EXPECT_TRUE(mail.sent_at);
    run_task(store.clock, sender->stop(Ticks::never()));
  }
}

TEST_F(SenderTest, ACrashBeforeTheRecordSendsTheSameMailAgain) {
  mailbox.takes = seconds(1);
  queue_mail();
  auto sender = make();
  store.clock.run_for(milliseconds(500));
  ASSERT_EQ(mailbox.sent.size(), 1u);
  store.clock.drop_all();
  store.database->drop_all();
  sender.reset();
  EXPECT_EQ(mails()[0].tries, 0);
  store.clock.run_for(hours(1));
  sender = make();
  store.clock.run_for(seconds(2));
  ASSERT_EQ(mailbox.sent.size(), 2u);
  EXPECT_EQ(mailbox.sent[1].envelope.content, mailbox.sent[0].envelope.content);
  EXPECT_TRUE(mails()[0].sent_at);
}

TEST_F(SenderTest, AStoreThatCannotWriteDoesNotMakeItSendAgain) {
  mailbox.takes = seconds(1);
  queue_mail();
  const auto sender = make();
  fragile.full = true;
  store.clock.run_for(minutes(10));
  EXPECT_EQ(mailbox.sent.size(), 1u);
  EXPECT_GT(fragile.refused, 100) << "it keeps trying to write down that the mail is sent";
  fragile.full = false;
  store.clock.run_for(minutes(10));
  EXPECT_EQ(mailbox.sent.size(), 1u);
  EXPECT_EQ(mails()[0].tries, 1);
  EXPECT_TRUE(mails()[0].sent_at);
}

TEST_F(SenderTest, AStopLetsTheMailUnderWayEndAndBeginsNoOther) {
  mailbox.takes = seconds(2);
  queue_mail("first@example.com");
  queue_mail("second@example.com");
  const auto sender = make();
  const Ticks began = store.clock.ticks();
  run_task(store.clock, sender->stop(began + seconds(20)));
  EXPECT_EQ(store.clock.ticks() - began, seconds(2));
  EXPECT_EQ(mailbox.sent.size(), 1u);
  EXPECT_TRUE(mails()[0].sent_at);
  EXPECT_EQ(mails()[1].tries, 0);
}

TEST_F(SenderTest, AStopWaitsNoLongerThanItWasTold) {
  mailbox.takes = hours(1);
  queue_mail();
  const auto sender = make();
  const Ticks began = store.clock.ticks();
  run_task(store.clock, sender->stop(began + seconds(20)));
  EXPECT_EQ(store.clock.ticks() - began, seconds(20));
  EXPECT_EQ(mails()[0].tries, 0);
}

TEST_F(SenderTest, WithoutATransportMailsStayInTheStore) {
  const auto sender = make(nullptr);
  queue_mail();
  sender->notify();
  store.clock.run_for(hours(1));
  EXPECT_EQ(mails()[0].tries, 0);
  EXPECT_TRUE(mails()[0].due_at);
  run_task(store.clock, sender->stop(Ticks::never()));
}

}  // namespace
}  // namespace epay::mail
