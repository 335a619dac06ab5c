#include "app/mail_config.h"

#include "base/duration.h"
#include "mail/file_transport.h"

namespace epay::app {
namespace {

std::unexpected<Error> bad_flag(const std::string& flag, const std::string& why) {
  return fail(ErrorCode::invalid, flag + ": " + why);
}

}  // namespace

Result<MailSettings> mail_settings(const MailConfig& config, const std::string& database) {
  MailSettings settings{.from = {"Epay", "epay@localhost"},
                        .folder = config.folder.empty() ? database + ".mails" : config.folder};
  if (!config.from.empty()) {
    auto from = mail::Address::parse(config.from);
    if (!from) return bad_flag("--mail-from", from.error().message);
    settings.from = *std::move(from);
  }
  const auto timeout = parse_duration(config.timeout);
  if (!timeout) return bad_flag("--mail-timeout", timeout.error().message);
  if (*timeout < seconds(1)) return bad_flag("--mail-timeout", "must be a second at least");
  if (config.smtp.empty()) {
    if (!config.user.empty()) return bad_flag("--mail-user", "needs --mail-smtp, the server to sign in to");
    if (config.tls_required) return bad_flag("--mail-tls-required", "needs --mail-smtp");
    return settings;
  }
  if (const auto checked = mail::check_smtp_url(config.smtp); !checked)
    return bad_flag("--mail-smtp", checked.error().message);
  if (!config.folder.empty()) return bad_flag("--mail-folder", "mails go to --mail-smtp: only one of the two");
  if (config.from.empty())
    return bad_flag("--mail-from", "is needed with --mail-smtp: the address that mails come from");
  if (config.user.empty() != config.password.empty())
    return bad_flag("--mail-user", "needs --mail-password, and the other way round");
  settings.smtp = mail::SmtpOptions{.url = config.smtp,
                                    .user = config.user,
                                    .password = Secret(config.password),
                                    .tls_required = config.tls_required,
                                    .certificates_file = config.certificates,
                                    .exchange_time_max = std::chrono::ceil<milliseconds>(*timeout)};
  return settings;
}

Result<std::unique_ptr<mail::Transport>> open_transport(const MailSettings& settings, Clock& clock, Log& log) {
  if (settings.smtp) return std::make_unique<mail::SmtpTransport>(clock, *settings.smtp);
  return mail::FileTransport::open(settings.folder, log);
}

}  // namespace epay::app
