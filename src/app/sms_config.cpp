#include "app/sms_config.h"

#include "sms/file_transport.h"

namespace epay::app {
namespace {

std::unexpected<Error> bad_flag(const std::string& flag, const std::string& why) {
  return fail(ErrorCode::invalid, flag + ": " + why);
}

// "Name: value"
Result<std::pair<std::string, Secret>> parse_header(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    return bad_flag("--sms-header", "must be NAME: VALUE, such as Authorization: Bearer …");
  std::size_t value = colon + 1;
  while (value < text.size() && text[value] == ' ') ++value;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F)
      return bad_flag("--sms-header", "must be printable ASCII");
  }
  return std::pair(text.substr(0, colon), Secret(text.substr(value)));
}

}  // namespace

Result<SmsSettings> sms_settings(const SmsConfig& config, const std::string& database) {
  SmsSettings settings{.folder = config.folder.empty() ? database + ".texts" : config.folder};
  if (config.url.empty()) {
    if (!config.body.empty()) return bad_flag("--sms-body", "needs --sms-url, where it is sent to");
    if (!config.headers.empty()) return bad_flag("--sms-header", "needs --sms-url");
    return settings;
  }
  if (!config.folder.empty()) return bad_flag("--sms-folder", "text messages go to --sms-url: only one of the two");
  sms::HttpOptions options{.url = config.url,
                           .method = config.method,
                           .content_type = config.content_type,
                           .body = config.body,
                           .from = config.from};
  for (const std::string& text : config.headers) {
    auto header = parse_header(text);
    if (!header) return std::unexpected(header.error());
    options.headers.push_back(*std::move(header));
  }
  if (const auto checked = sms::check_http_options(options); !checked)
    return fail(ErrorCode::invalid, "--sms-" + checked.error().message);
  settings.http = std::move(options);
  return settings;
}

Result<std::unique_ptr<sms::Transport>> open_sms_transport(const SmsSettings& settings, http::Client& client,
                                                           Log& log) {
  if (settings.http) return std::make_unique<sms::HttpTransport>(client, *settings.http);
  return sms::FileTransport::open(settings.folder, log);
}

}  // namespace epay::app
