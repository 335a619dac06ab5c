// listen, trigger
#include <CLI/CLI.hpp>

#include "app/flags.h"

namespace epay::app {
namespace {

void add_api_flags(CLI::App& verb, ApiConfig& api) {
  add_flag_with_environment(verb, "--server", api.server, "the service: https://pay.example.com");
  add_flag_with_environment(verb, "--token", api.token, "an access token, good for an hour at most");
  add_flag_with_environment(verb, "--merchant-key", api.merchant_key,
                            "with --app-id and --app-secret: tokens are got, and renewed, with them");
  add_flag_with_environment(verb, "--app-id", api.app_id, "the integration's");
  add_flag_with_environment(verb, "--app-secret", api.app_secret, "its secret; better given as EPAY_APP_SECRET");
  add_config_flag(verb);
}

}  // namespace

void add_listen(CLI::App& epay, ListenConfig& config, int& code) {
  CLI::App& verb =
      *epay.add_subcommand("listen", "Forwards a merchant's events to a URL on this machine, as Epay would send them");
  add_api_flags(verb, config.api);
  add_flag(verb, "--forward-to", config.forward_to, "where each event is POSTed: http://localhost:3000/webhooks")
      ->required();
  add_flag(verb, "--events", config.types, "only these types, with commas between them")->delimiter(',');
  add_flag(verb, "--after", config.after, "begin after this event, or now (default: where the last run ended, or now)");
  add_flag(verb, "--secret", config.secret, "whsec_… to sign with (default: made once, and kept)");
  add_flag(verb, "--state", config.state_file,
           "the file that keeps how far it is, and the secret (default: one for each server, account and URL)");
  add_switch(verb, "--strict", config.strict, "stop at an event that is not taken, instead of going on");
  add_switch(verb, "--print-body", config.print_body, "show what is sent");
  add_switch(verb, "--json", config.json, "one JSON object a line");
  verb.callback([&] { code = listen(config); });
}

void add_trigger(CLI::App& epay, TriggerConfig& config, int& code) {
  CLI::App& verb = *epay.add_subcommand("trigger", "Makes a test event happen, through the real pipeline");
  add_api_flags(verb, config.api);
  verb.add_option("event", config.event, "payment.success, …: see --list");
  add_flag(verb, "--count", config.count, "how often")->capture_default_str();
  add_switch(verb, "--list", config.list, "show every type of event instead");
  add_switch(verb, "--json", config.json, "one JSON object a line");
  verb.callback([&] { code = trigger(config); });
}

}  // namespace epay::app
