#include <cstdio>

#include "app/verbs.h"
#include "mail/letter.h"
#include "mail/mail.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::app {
namespace {

constexpr int mails_shown = 50;

void print_error_line(LogLevel, std::string_view line) {
  std::fprintf(stderr, "%.*s\n", int(line.size()), line.data());
}

Result<mail::Envelope> test_envelope(const mail::Address& from, const std::string& to, Timestamp now) {
  const auto letter = mail::write_letter(
      {}, to,
      {.subject = "Epay can send mail",
       .paragraphs = {"This mail was sent by `epay mail test`.", "If you read it, mail from Epay reaches you."}});
  const std::string id = "epay.test." + std::to_string(now.micros);
  auto content = mail::compose({id, now, from, to, letter.subject, letter.text, letter.html});
  if (!content) return std::unexpected(content.error());
  return mail::Envelope{id, from.email, to, *std::move(content)};
}

Task<void> send_and_stop(mail::Transport& transport, mail::Envelope envelope, const std::string& done,
                         runtime::Reactor& reactor, int& exit_code) {
  const auto sent = co_await transport.send(std::move(envelope));
  if (sent) {
    std::printf("%s\n", done.c_str());
    exit_code = 0;
  } else {
    exit_code = report({ErrorCode::unavailable, sent.error().message});
  }
  reactor.stop();
}

Task<int> list(MerchantId merchant, VerbContext& context) {
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<std::vector<mail::MailSummary>> {
    return mail::recent_mails(tx, merchant, mails_shown);
  });
  if (!found) co_return report(found.error());
  for (const auto& one : *found) {
    const std::string state = one.sent_at  ? "sent " + one.sent_at->to_wire()
                              : one.due_at ? "next " + one.due_at->to_wire()
                                           : std::string("given up");
    std::printf("mail %-8lld %s  tries %d  %-24s  %s  \"%s\"\n", static_cast<long long>(one.key.id.value),
                one.created_at.to_wire().c_str(), one.tries, state.c_str(), one.recipient.c_str(), one.subject.c_str());
    if (one.failure) std::printf("  %s\n", one.failure->c_str());
  }
  co_return 0;
}

}  // namespace

int mail_test(const MailVerbConfig& config) {
  const auto path = files_of(config.store);
  if (!path) return report(path.error());
  const auto settings = mail_settings(config.mail, *path);
  if (!settings) return report(settings.error());
  if (!mail::is_deliverable(config.to)) return report({ErrorCode::invalid, "--to: must be an address"});
  runtime::Reactor reactor;
  Log log(LogLevel::warning, [&reactor] { return reactor.clock().now(); }, print_error_line);
  const auto transport = open_transport(*settings, reactor.clock(), log);
  if (!transport) return report(transport.error());
  auto envelope = test_envelope(settings->from, config.to, reactor.clock().now());
  if (!envelope) return report(envelope.error());
  const std::string done = settings->smtp ? "sent to " + config.to + " through " + settings->smtp->url
                                          : "no --mail-smtp: written into the folder " + settings->folder;
  int exit_code = 1;
  TaskGroup tasks(reactor.clock(), log, "mail_test");
  tasks.spawn(send_and_stop(**transport, *std::move(envelope), done, reactor, exit_code));
  reactor.run();
  return exit_code;
}

int mail_list(const MailVerbConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return list(MerchantId{config.merchant_id}, context); },
      MasterKey::not_needed);
}

}  // namespace epay::app
