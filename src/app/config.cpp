#include "app/config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/sealed_store.h"
#include "base/duration.h"
#include "db/open.h"
#include "http/client.h"

#ifndef EPAY_VERSION
#define EPAY_VERSION "0"
#endif

namespace epay::app {
namespace {

std::unexpected<Error> bad_flag(const std::string& flag, const std::string& why) {
  return fail(ErrorCode::invalid, flag + ": " + why);
}

Result<std::vector<http::Cidr>> parse_blocks(const std::string& flag, const std::vector<std::string>& texts) {
  std::vector<http::Cidr> blocks;
  for (const std::string& text : texts) {
    const auto block = http::Cidr::parse(text);
    if (!block) return bad_flag(flag, "\"" + text + "\" is no address block such as 10.0.0.0/8");
    blocks.push_back(*block);
  }
  return blocks;
}

Result<microseconds> parse_flag(const std::string& flag, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return bad_flag(flag, duration.error().message);
  return *duration;
}

Result<webhooks::RetrySchedule> parse_schedule(const std::string& text) {
  if (text.empty()) return webhooks::RetrySchedule();
  std::vector<microseconds> waits;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const auto wait = parse_flag("--retry-schedule", text.substr(at, comma - at));
    if (!wait) return std::unexpected(wait.error());
    waits.push_back(*wait);
    at = comma + 1;
  }
  return webhooks::RetrySchedule(std::move(waits));
}

Result<std::string> checked_public_url(const std::string& text) {
  if (text.empty()) return text;
  const auto url = http::Url::parse(text);
  if (!url) return bad_flag("--public-url", url.error().message);
  if (url->target != "/") return bad_flag("--public-url", "must be a scheme and a host, without a path");
  return url->scheme + "://" + url->authority();
}

}  // namespace

std::string webhook_user_agent() { return "Epay-Webhooks/" EPAY_VERSION; }

Result<SocketAddress> parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return bad_flag("--listen", "must be HOST:PORT, such as 127.0.0.1:8080");
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const auto ip = runtime::IpAddress::parse(host);
  unsigned port = 65'536;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (!ip || parsed.ec != std::errc() || parsed.ptr != end || port > 65'535) {
    return bad_flag("--listen", "\"" + text + "\" must be an address and a port, such as 127.0.0.1:8080");
  }
  return SocketAddress{*ip, static_cast<std::uint16_t>(port)};
}

Result<std::string> files_of(const StoreConfig& config) {
  if (db::is_shared(config.database)) return std::string("epay");
  const auto path = db::sqlite_file(config.database);
  if (!path) return bad_flag("--database", "must be sqlite:PATH or postgresql://USER@HOST/NAME");
  return *path;
}

Result<Secret> create_key_file(const std::string& path, Random& random) {
  Secret key(random.bytes(Vault::key_bytes));
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(ErrorCode::unavailable, "cannot make the master key file " + path + ": " + std::strerror(errno));
  const ssize_t written = ::write(file, key.reveal().data(), key.reveal().size());
  const bool safe = written == ssize_t(key.reveal().size()) && ::fsync(file) == 0;
  ::close(file);
  if (!safe) return fail(ErrorCode::unavailable, "cannot write the master key file " + path);
  return key;
}

std::string master_key_path(const StoreConfig& config, const std::string& files) {
  return config.master_key_file.empty() ? files + ".key" : config.master_key_file;
}

std::string next_master_key_path(const std::string& key_path) { return key_path + ".next"; }

Result<Secret> read_key_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (file && bytes.size() == Vault::key_bytes) return Secret(std::move(bytes));
  return fail(ErrorCode::unavailable, "the master key file " + path + " must have " + std::to_string(Vault::key_bytes) +
                                          " bytes and has " + std::to_string(bytes.size()));
}

Result<Secret> load_master_key(const StoreConfig& config, Random& random) {
  const auto files = files_of(config);
  if (!files) return std::unexpected(files.error());
  const std::string path = master_key_path(config, *files);
  if (std::filesystem::exists(next_master_key_path(path))) {
    return fail(ErrorCode::unavailable, "a change of the master key was interrupted: `epay rotate-key` finishes it");
  }
  if (std::filesystem::exists(path)) return read_key_file(path);
  // A new key for an old store would leave every secret in it closed for ever. A store that cannot be read, or is of an
  // older schema, may hold some.
  if (db::asks_true(config.database, store::select_whether_any_secret)) {
    return fail(ErrorCode::unavailable, "the master key file " + path + " is missing, and the store has secrets that " +
                                            "only it opens: put it back from the backup, or name it with " +
                                            "--master-key-file");
  }
  return create_key_file(path, random);
}

Result<AppOptions> app_options(const ServeConfig& config) {
  AppOptions options;
  const auto listen = parse_listen(config.listen);
  if (!listen) return std::unexpected(listen.error());
  options.listen = *listen;
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return bad_flag("--tls-certificate", "needs --tls-key, and the other way round");
  }
  if (!config.tls_certificate.empty()) options.tls = runtime::TlsFiles{config.tls_certificate, config.tls_key};
  auto public_url = checked_public_url(config.public_url);
  if (!public_url) return std::unexpected(public_url.error());
  options.public_url = *std::move(public_url);
  auto proxies = parse_blocks("--trusted-proxy", config.trusted_proxies);
  if (!proxies) return std::unexpected(proxies.error());
  options.trusted_proxies = *std::move(proxies);
  auto blocks = parse_blocks("--allow-webhook-cidr", config.webhook_cidrs);
  if (!blocks) return std::unexpected(blocks.error());
  options.allowed_webhook_blocks = *std::move(blocks);
  const auto delay = parse_flag("--simulator-delay", config.simulator_delay);
  if (!delay) return std::unexpected(delay.error());
  options.simulator_delay = *delay;
  const auto header_time = parse_flag("--header-timeout", config.header_timeout);
  if (!header_time) return std::unexpected(header_time.error());
  options.limits.header_time_max = std::chrono::ceil<seconds>(*header_time);
  const auto body_time = parse_flag("--body-timeout", config.body_timeout);
  if (!body_time) return std::unexpected(body_time.error());
  options.limits.body_time_max = std::chrono::ceil<seconds>(*body_time);
  options.limits.connections_max = config.connections_max;
  if (config.rate_limit < 0) return bad_flag("--rate-limit", "must not be negative");
  options.rate_limit = config.rate_limit;
  options.prompts_per_number = config.prompt_limit;
  options.prompts_per_merchant = config.merchant_prompt_limit;
  const auto webhook_time = parse_flag("--webhook-timeout", config.webhook_timeout);
  if (!webhook_time) return std::unexpected(webhook_time.error());
  options.webhooks.exchange_time_max = *webhook_time;
  auto schedule = parse_schedule(config.retry_schedule);
  if (!schedule) return std::unexpected(schedule.error());
  options.webhooks.schedule = *std::move(schedule);
  options.webhooks.outside_look_every = seconds(1);
  options.webhooks.user_agent = webhook_user_agent();
  return options;
}

}  // namespace epay::app
