// What the command line, the environment (EPAY_…) and the configuration file say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/app.h"
#include "app/mail_config.h"
#include "app/sms_config.h"

namespace epay::app {

// Common to all verbs.
struct StoreConfig {
  std::string database = "sqlite:epay.db";
  std::string master_key_file;  // empty: files_of(), ".key" added
};

struct MigrateConfig {
  bool all_stopped = false;  // whoever still has a place in the store was killed
  bool distribute = false;   // over the machines of the Citus extension
};

struct ServeConfig {
  StoreConfig store;
  std::string listen = "127.0.0.1:8080";
  std::string public_url;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> webhook_cidrs;
  std::string simulator_delay = "2s";
  std::string tls_certificate, tls_key;
  std::string webhook_timeout = "15s";
  std::string retry_schedule;  // "5s,5m": waits before the second try, the third, …
  std::string header_timeout = "10s";
  std::string body_timeout = "30s";
  std::int64_t rate_limit = AppOptions{}.rate_limit;
  std::size_t prompt_limit = AppOptions{}.prompts_per_number;
  std::size_t merchant_prompt_limit = AppOptions{}.prompts_per_merchant;
  std::size_t connections_max = http::ServerLimits{}.connections_max;
  MailConfig mail;
  SmsConfig sms;
  std::string rails_file;
  std::string banks_file;
  std::string stop_timeout = "20s";
  std::string log_level = "info";
  bool demo = false;
};

// What webhooks are sent as: "Epay-Webhooks/0.1.0".
std::string webhook_user_agent();
// Error: invalid, naming the flag.
Result<AppOptions> app_options(const ServeConfig& config);
Result<SocketAddress> parse_listen(const std::string& text);
// What the names of files beside the store begin with: the SQLite file, or "epay" in the working folder. Error:
// invalid.
Result<std::string> files_of(const StoreConfig& config);
// Where that key is, and where its successor is while it takes over (`epay rotate-key`).
std::string master_key_path(const StoreConfig& config, const std::string& files);
std::string next_master_key_path(const std::string& key_path);
// A new key in a new file, readable by its owner only. Error: unavailable.
Result<Secret> create_key_file(const std::string& path, Random& random);
// The key in such a file. Error: unavailable.
Result<Secret> read_key_file(const std::string& path);
// The key that seals secrets at rest; made, readable by its owner only, as long as the store holds none of them. Error:
// unavailable.
Result<Secret> load_master_key(const StoreConfig& config, Random& random);

}  // namespace epay::app
