// The mail outbox: what a transaction wants people to be told stands in the store before anybody tries to send it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::mail {

struct Mail {
  MerchantId merchant;    // whom it concerns
  std::string recipient;  // an address alone
  std::string subject;
  std::string text;
  std::optional<std::string> html;  // the same, for readers that show it
};

// Queues a mail inside the caller's transaction, so that the news and what it tells commit together. Call
// Sender::notify() when that is durable.
void queue(db::Transaction& tx, const Mail& mail, Timestamp now);

struct MailKey {
  MerchantId merchant;
  MailId id;
  friend auto operator<=>(const MailKey&, const MailKey&) = default;
};

struct QueuedMail {
  MailKey key;
  Mail mail;
  Timestamp created_at;
  int tries = 0;  // so far
};

// What is neither sent nor given up and is due by `now`, earliest due first.
std::vector<QueuedMail> due_mails(db::Transaction& tx, Timestamp now, int limit);
// When the next mail is due, in the past perhaps; nothing when none waits.
std::optional<Timestamp> next_mail_at(db::Transaction& tx);

// What is neither sent nor given up, for operators.
struct Backlog {
  std::int64_t waiting = 0;
  std::optional<Timestamp> earliest_due;
};
Backlog backlog(db::Transaction& tx);

// Counts a try that the mail server has taken, and forgets the texts.
void record_sent(db::Transaction& tx, MailKey key, Timestamp now);

struct FailedTry {
  std::string failure;
  std::optional<Timestamp> due_at;  // of the next try; nothing gives the mail up
};
void record_failure(db::Transaction& tx, MailKey key, const FailedTry& failed);

// For operators.
struct MailSummary {
  MailKey key;
  std::string recipient, subject;
  Timestamp created_at;
  int tries = 0;
  std::optional<Timestamp> due_at, sent_at;
  std::optional<std::string> failure;  // of the last try
};
// Newest first.
std::vector<MailSummary> recent_mails(db::Transaction& tx, MerchantId merchant, int limit);

}  // namespace epay::mail
