// What the flags say about text messages to merchants.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "http/client.h"
#include "sms/http_transport.h"
#include "sms/transport.h"

namespace epay::app {

struct SmsConfig {
  std::string url;  // empty: text messages become files
  std::string method = "POST";
  std::string content_type = "application/json";
  std::string body;
  std::string from;
  std::vector<std::string> headers;  // "Authorization: Bearer …"
  std::string folder;                // of the files; empty: beside the SQLite file, ".texts" added
};

struct SmsSettings {
  std::optional<sms::HttpOptions> http;
  std::string folder;
};

// `database` is the SQLite file. Error: invalid, naming the flag.
Result<SmsSettings> sms_settings(const SmsConfig& config, const std::string& database);
// The client must outlive it. Error: unavailable.
Result<std::unique_ptr<sms::Transport>> open_sms_transport(const SmsSettings& settings, http::Client& client, Log& log);

}  // namespace epay::app
