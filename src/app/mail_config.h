// What the flags say about mail to merchants.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "mail/message.h"
#include "mail/smtp_transport.h"
#include "mail/transport.h"
#include "runtime/clock.h"

namespace epay::app {

struct MailConfig {
  std::string smtp;  // empty: mails become files
  std::string from;
  std::string user, password;
  bool tls_required = false;
  std::string certificates;  // PEM file of the authorities to believe; empty: the system's
  std::string timeout = "30s";
  std::string folder;  // of the files; empty: beside the SQLite file, ".mails" added
};

struct MailSettings {
  mail::Address from;
  std::optional<mail::SmtpOptions> smtp;
  std::string folder;
};

// `database` is the SQLite file. Error: invalid, naming the flag.
Result<MailSettings> mail_settings(const MailConfig& config, const std::string& database);
// Error: unavailable.
Result<std::unique_ptr<mail::Transport>> open_transport(const MailSettings& settings, Clock& clock, Log& log);

}  // namespace epay::app
