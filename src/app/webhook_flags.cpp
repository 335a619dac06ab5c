// webhook …
#include <CLI/CLI.hpp>

#include "app/flags.h"

namespace epay::app {
namespace {

// The verbs of `epay webhook`, which share one configuration.
struct Webhook {
  CLI::App& parent;
  WebhookConfig& config;
  int& code;

  CLI::App& add(const std::string& name, const std::string& help, int (*run)(const WebhookConfig&)) const {
    CLI::App& verb = *parent.add_subcommand(name, help);
    add_store_flags(verb, config.store);
    add_switch(verb, "--json", config.json, "for programs");
    verb.callback([run, &code = code, &config = config] { code = run(config); });
    return verb;
  }
  CLI::Option* merchant(CLI::App& verb) const {
    return add_flag(verb, "--merchant", config.merchant_id, "the merchant's number");
  }
  CLI::Option* endpoint(CLI::App& verb) const {
    return add_flag(verb, "--endpoint", config.endpoint_id, "the endpoint's number");
  }
  void delivery(CLI::App& verb) const {
    add_flag(verb, "--delivery", config.delivery, "its webhook id: msg_17_4")->required();
  }
  void redelivery(CLI::App& verb) const {
    add_flag(verb, "--redelivery", config.redelivery_id, "the redelivery's number")->required();
  }
  void url(CLI::App& verb) const {
    add_flag(verb, "--url", config.url, "where events go")->required();
    add_flag_with_environment(verb, "--allow-webhook-cidr", config.webhook_cidrs,
                              "private address block it may be in; may repeat");
  }
  void span(CLI::App& verb) const {
    endpoint(verb)->required();
    add_flag(verb, "--since", config.since, "2026-01-25 12:53:29 (UTC), 2026-01-25T12:53:29Z, or how long ago: 24h")
        ->required();
    add_flag(verb, "--until", config.until, "the same (default: now)");
  }
};

void add_endpoint_verbs(const Webhook& webhook) {
  WebhookConfig& config = webhook.config;
  CLI::App& set = webhook.add("set", "Sets a merchant's webhook URL and shows its secret", webhook_set);
  webhook.merchant(set)->required();
  webhook.url(set);
  CLI::App& list = webhook.add("list", "A merchant's endpoints and latest deliveries", webhook_list);
  webhook.merchant(list)->required();
  CLI::App& create = webhook.add("create", "Adds an endpoint and shows its secret", webhook_create);
  webhook.merchant(create)->required();
  webhook.url(create);
  add_flag(create, "--events", config.types, "types it asks for, with commas between them, or * for all")
      ->delimiter(',');
  add_flag(create, "--description", config.description, "what it is for");
  CLI::App& rotate = webhook.add("rotate", "Gives an endpoint a new secret", webhook_rotate);
  webhook.endpoint(rotate)->required();
  add_flag(rotate, "--old-secret-hours", config.old_secret_hours, "how long the present one goes on signing")
      ->capture_default_str();
  webhook.endpoint(webhook.add("show", "An endpoint's settings, secrets and health", webhook_show))->required();
  webhook.endpoint(webhook.add("enable", "Sends to an endpoint again", webhook_enable))->required();
  webhook.endpoint(webhook.add("disable", "Sends nothing to an endpoint for now", webhook_disable))->required();
  webhook.endpoint(webhook.add("delete", "Removes an endpoint", webhook_delete))->required();
  webhook.endpoint(webhook.add("test", "Sends an endpoint a ping", webhook_test))->required();
}

void add_delivery_verbs(const Webhook& webhook) {
  WebhookConfig& config = webhook.config;
  CLI::App& deliveries = webhook.add("deliveries", "The latest deliveries", webhook_deliveries);
  webhook.merchant(deliveries);
  webhook.endpoint(deliveries);
  add_flag(deliveries, "--status", config.status, "waiting, delivered, failed, blocked or cancelled");
  webhook.delivery(webhook.add("attempts", "What each try of a delivery gave", webhook_attempts));
  webhook.delivery(webhook.add("resend", "Sends a delivery again", webhook_resend));
  webhook.span(webhook.add("recover", "Sends again what failed since some time", webhook_recover));
  CLI::App& replay = webhook.add("replay", "Sends every event since some time", webhook_replay);
  webhook.span(replay);
  add_switch(replay, "--delivered-too", config.delivered_too, "also what the endpoint has had already");
  webhook.merchant(webhook.add("redeliveries", "A merchant's recoveries and replays", webhook_redeliveries))
      ->required();
  webhook.redelivery(webhook.add("cancel", "Stops a redelivery", webhook_cancel));
  webhook.redelivery(webhook.add("resume", "Goes on with a redelivery that was stopped", webhook_resume));
}

}  // namespace

void add_webhook(CLI::App& epay, WebhookConfig& config, int& code) {
  CLI::App& parent =
      *epay.add_subcommand("webhook", "An operator's view of endpoints and deliveries")->require_subcommand(1);
  const Webhook webhook{parent, config, code};
  add_endpoint_verbs(webhook);
  add_delivery_verbs(webhook);
  CLI::App& events = *parent.add_subcommand("events", "Every type of event");
  add_switch(events, "--json", config.json, "one JSON object a line");
  events.callback([&] { code = list_event_types(config.json); });
}

}  // namespace epay::app
