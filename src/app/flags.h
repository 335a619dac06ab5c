// Flags, as every verb has them. The files that name a verb's flags include CLI11, which costs most of their compile
// time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/api_client.h"
#include "app/config.h"
#include "app/fee_verbs.h"
#include "app/listen.h"
#include "app/trigger.h"
#include "app/webhook_verbs.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace epay::app {

// Of a flag with one value the last one counts, so that a script's own may be followed by the caller's: ./run
// --database …
CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::string& value, const std::string& help);
CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::int64_t& value, const std::string& help);
CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::size_t& value, const std::string& help);
// May repeat, and have several values with commas between them.
CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::vector<std::string>& values,
                      const std::string& help);
CLI::Option* add_switch(CLI::App& verb, const std::string& name, bool& value, const std::string& help);

// Gives a flag its environment variable: EPAY_ and its name.
CLI::Option* with_environment(CLI::Option* flag);
template <class T>
CLI::Option* add_flag_with_environment(CLI::App& verb, const std::string& name, T& value, const std::string& help) {
  return with_environment(add_flag(verb, name, value, help));
}

void add_store_flags(CLI::App& verb, StoreConfig& store);
// --config, or EPAY_CONFIG: a file of flags, which with_config_file() reads.
void add_config_flag(CLI::App& verb);
// The arguments (without the program's name), with the flags of the file that they name in it, where its verb has them
// and neither the arguments nor the environment say otherwise: one file is good for all verbs. Error: invalid (the
// file cannot be read, a line is none, a flag is no verb's).
Result<std::vector<std::string>> with_config_file(CLI::App& epay, std::vector<std::string> arguments);

// Verbs with their flags. What a verb returns is put into `code`.
void add_webhook(CLI::App& epay, WebhookConfig& config, int& code);
// Under `epay merchant`.
void add_fees(CLI::App& merchant, FeeConfig& config, int& code);
void add_listen(CLI::App& epay, ListenConfig& config, int& code);
void add_trigger(CLI::App& epay, TriggerConfig& config, int& code);

}  // namespace epay::app
