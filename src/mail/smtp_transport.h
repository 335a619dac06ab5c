// Mail by SMTP, through libcurl. It blocks, so it runs on one thread of its own: docs/decisions/mail-is-an-outbox.md.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "base/timestamp.h"
#include "mail/transport.h"
#include "runtime/clock.h"

namespace epay::mail {

struct SmtpOptions {
  std::string url;  // smtp://HOST[:PORT], or smtps://HOST[:PORT] for TLS from the first byte on
  std::string user;
  Secret password;
  // No mail goes to an smtp:// server without STARTTLS; otherwise it is used when the server offers it. A password is
  // never sent without TLS, whatever this says.
  bool tls_required = false;
  std::string certificates_file;  // PEM, of the authorities to believe; empty: the system's
  milliseconds connect_time_max = seconds(10);
  milliseconds exchange_time_max = seconds(30);  // the whole of it
};

// Error: invalid.
Result<> check_smtp_url(std::string_view url);

class SmtpTransport final : public Transport {
 public:
  static constexpr std::size_t waiting_max = 64;

  // The clock must outlive it. `options.url` must be right.
  SmtpTransport(Clock& clock, SmtpOptions options);
  // Breaks off what is under way, which takes up to a second; nobody who waits is resumed.
  ~SmtpTransport() override;

  // A connection of its own for each mail. Errors, besides the transport's: unavailable when waiting_max are waiting.
  Task<Result<>> send(Envelope envelope) override;

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace epay::mail
