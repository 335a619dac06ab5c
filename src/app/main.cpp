#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/flags.h"
#include "app/verbs.h"
#ifdef EPAY_DEVELOPMENT
#include "emulators/emulator_verb.h"
#include "simulation/sim_verb.h"
#endif

namespace {

using namespace epay::app;

void add_mail_flags(CLI::App& verb, MailConfig& mail) {
  add_flag_with_environment(verb, "--mail-smtp", mail.smtp,
                            "the server that mails go to: smtp://HOST:PORT or smtps://HOST:PORT (default: files)");
  add_flag_with_environment(verb, "--mail-from", mail.from, "whom mails come from: Epay <pay@example.com>");
  add_flag_with_environment(verb, "--mail-user", mail.user, "to sign in to the mail server");
  add_flag_with_environment(verb, "--mail-password", mail.password, "its password; better given as EPAY_MAIL_PASSWORD");
  verb.add_flag("--mail-tls-required", mail.tls_required, "no mail without TLS (with a password that is always so)")
      ->envname("EPAY_MAIL_TLS_REQUIRED");
  // The variable is OpenSSL's, which our other connections heed too; libcurl does not by itself.
  add_flag(verb, "--mail-certificates", mail.certificates,
           "PEM file of the authorities to believe (default: the system's)")
      ->envname("SSL_CERT_FILE");
  add_flag_with_environment(verb, "--mail-timeout", mail.timeout, "longest whole exchange with the mail server");
  add_flag_with_environment(verb, "--mail-folder", mail.folder,
                            "where mails are put as files (default: beside the SQLite file, .mails added)");
}

void add_sms_flags(CLI::App& verb, SmsConfig& sms) {
  add_flag_with_environment(
      verb, "--sms-url", sms.url,
      "the provider that text messages go to; {to}, {text}, {from} and {id} are filled in (default: "
      "files)");
  add_flag_with_environment(verb, "--sms-method", sms.method, "how it is asked: POST, PUT or GET");
  add_flag_with_environment(verb, "--sms-content-type", sms.content_type, "what --sms-body is");
  add_flag_with_environment(verb, "--sms-body", sms.body,
                            "what it is told, filled in likewise: {\"to\":\"{to}\",\"message\":\"{text}\"}");
  add_flag_with_environment(verb, "--sms-from", sms.from, "what stands for {from}");
  add_flag_with_environment(verb, "--sms-header", sms.headers,
                            "NAME: VALUE that it wants; may repeat; a secret is better given as EPAY_SMS_HEADER");
  add_flag_with_environment(verb, "--sms-folder", sms.folder,
                            "where text messages are put as files (default: beside the SQLite file, .texts added)");
}

void add_serve(CLI::App& epay, ServeConfig& config, int& code) {
  CLI::App& verb = *epay.add_subcommand("serve", "Serves the API, the pages and the webhooks");
  add_store_flags(verb, config.store);
  add_flag_with_environment(verb, "--listen", config.listen, "address and port; port 0 takes a free one");
  add_flag_with_environment(verb, "--public-url", config.public_url, "how customers reach it: https://pay.example.com");
  add_flag_with_environment(verb, "--trusted-proxy", config.trusted_proxies,
                            "address block whose X-Forwarded-* headers are believed; may repeat");
  add_flag_with_environment(verb, "--allow-webhook-cidr", config.webhook_cidrs,
                            "private address block that webhooks may be sent to; may repeat");
  add_flag_with_environment(verb, "--simulator-delay", config.simulator_delay,
                            "how long a test payment takes to be decided");
  add_flag_with_environment(verb, "--tls-certificate", config.tls_certificate, "PEM file with the certificate chain");
  add_flag_with_environment(verb, "--tls-key", config.tls_key, "PEM file with its private key");
  add_flag_with_environment(verb, "--webhook-timeout", config.webhook_timeout,
                            "longest whole exchange with a receiver");
  add_flag_with_environment(
      verb, "--retry-schedule", config.retry_schedule,
      "waits before the second try of a webhook, the third, …: 5s,5m,30m (default: ten tries in three days)");
  add_flag_with_environment(verb, "--header-timeout", config.header_timeout, "longest time for a request's headers");
  add_flag_with_environment(verb, "--body-timeout", config.body_timeout,
                            "longest time for a request's body after its headers");
  add_flag_with_environment(verb, "--connections-max", config.connections_max, "open connections at most");
  add_flag_with_environment(verb, "--rate-limit", config.rate_limit,
                            "API requests a second of one merchant or unknown address; 0: any number");
  add_flag_with_environment(
      verb, "--prompt-limit", config.prompt_limit,
      "prompts that one number may get in ten minutes (of test payments: from checkouts); 0: any");
  add_flag_with_environment(verb, "--merchant-prompt-limit", config.merchant_prompt_limit,
                            "prompts that one merchant may send in ten minutes; 0: any number");
  add_mail_flags(verb, config.mail);
  add_sms_flags(verb, config.sms);
  add_flag_with_environment(verb, "--rails-file", config.rails_file,
                            "JSON file of the payment rails that are switched on, with their keys (docs/rails.md)");
  add_flag_with_environment(verb, "--banks-file", config.banks_file,
                            "JSON file of the banks that money can be sent to, in place of the built-in list");
  add_flag_with_environment(verb, "--stop-timeout", config.stop_timeout, "how long a stop waits for what is under way");
  add_flag_with_environment(verb, "--log-level", config.log_level, "debug, info, warning or error");
  verb.add_flag("--demo", config.demo, "a demo merchant, and a webhook receiver that shows what arrives");
  verb.callback([&] { code = serve(config); });
}

void add_merchant(CLI::App& epay, MerchantConfig& config, FeeConfig& fees, int& code) {
  CLI::App& merchant = *epay.add_subcommand("merchant", "Merchants' accounts")->require_subcommand(1);
  CLI::App& create = *merchant.add_subcommand("create", "Opens a verified account with an integration in test mode");
  add_store_flags(create, config.store);
  add_flag(create, "--name", config.name, "business name")->required();
  add_flag(create, "--email", config.email, "of the owner, who signs in with it")->required();
  add_flag(create, "--telephone", config.telephone, "of the owner")->required();
  add_flag_with_environment(create, "--password", config.password, "the owner's; better given as EPAY_PASSWORD");
  add_flag(create, "--webhook-url", config.webhook_url, "where payment notifications go");
  add_flag_with_environment(create, "--allow-webhook-cidr", config.webhook_cidrs,
                            "private address block it may be in; may repeat");
  create.add_flag("--json", config.json, "for programs");
  create.callback([&] { code = merchant_create(config); });
  CLI::App& list = *merchant.add_subcommand("list", "All merchants");
  add_store_flags(list, config.store);
  list.add_flag("--json", config.json, "one JSON object a line");
  list.callback([&] { code = merchant_list(config); });
  CLI::App& show = *merchant.add_subcommand("show", "One merchant");
  add_store_flags(show, config.store);
  show.add_option("id", config.merchant_id, "the merchant's number")->required();
  show.add_flag("--json", config.json, "for programs");
  show.callback([&] { code = merchant_show(config); });
  add_fees(merchant, fees, code);
}

void add_rails(CLI::App& epay, RailsVerbConfig& config, int& code) {
  CLI::App& verb = *epay.add_subcommand("rails", "What a rails file switches on, and whether the rails take its keys");
  add_store_flags(verb, config.store);
  add_flag_with_environment(verb, "--rails-file", config.rails_file, "the rails file (docs/rails.md)");
  add_flag(verb, "--currency", config.currency, "what for");
  verb.add_flag("--json", config.json, "one JSON object a line");
  verb.callback([&] { code = rails_check(config); });
}

void add_statement(CLI::App& epay, StatementConfig& config, int& code) {
  CLI::App& statement =
      *epay.add_subcommand("statement", "Rails' statements, held against the books")->require_subcommand(1);
  CLI::App& import = *statement.add_subcommand("import", "Takes a statement's lines, and says what differs");
  add_store_flags(import, config.store);
  import.add_option("file", config.file, "the CSV file that the rail wrote")->required();
  add_flag(import, "--rail", config.rail, "mtn, paystack, hubtel or mpgs")->required();
  add_flag(import, "--mode", config.mode, "whose money: live or test");
  add_flag(import, "--mapping", config.mapping_file, "JSON file that names its columns (docs/rails.md)");
  add_flag(import, "--since", config.since, "when the statement begins; its first line if not given");
  add_flag(import, "--until", config.until, "when it ends; its last line if not given");
  import.add_flag("--json", config.json, "for programs");
  import.callback([&] { code = statement_import(config); });
  CLI::App& list = *statement.add_subcommand("list", "The statements, the newest first");
  add_store_flags(list, config.store);
  list.add_flag("--json", config.json, "one JSON object a line");
  list.callback([&] { code = statement_list(config); });
  CLI::App& show = *statement.add_subcommand("show", "A statement and the books, to the last minor unit");
  add_store_flags(show, config.store);
  show.add_option("statement", config.statement, "its number")->required();
  show.add_flag("--json", config.json, "for programs");
  show.callback([&] { code = statement_show(config); });
  CLI::App& queue = *statement.add_subcommand("queue", "What waits for a person, of all statements");
  add_store_flags(queue, config.store);
  queue.add_flag("--json", config.json, "one JSON object a line");
  queue.callback([&] { code = statement_queue(config); });
  CLI::App& resolve = *statement.add_subcommand("resolve", "Says what a line turned out to be");
  add_store_flags(resolve, config.store);
  resolve.add_option("statement", config.statement, "its number")->required();
  resolve.add_option("line", config.line, "the line's number, as the queue shows it")->required();
  add_flag(resolve, "--as", config.as,
           "credited (what came in goes to a wallet), returned (the rail has put it right) or noted (nothing moves)")
      ->required();
  add_flag(resolve, "--merchant", config.merchant_id, "whose wallet, where the line has no order of ours");
  add_flag(resolve, "--note", config.note, "why, for whoever looks later")->required();
  resolve.callback([&] { code = statement_resolve(config); });
}

void add_page(CLI::App& epay, PageConfig& config, int& code) {
  CLI::App& page = *epay.add_subcommand("page", "Merchants' payment pages")->require_subcommand(1);
  CLI::App& create = *page.add_subcommand("create", "Makes a payment page");
  add_store_flags(create, config.store);
  add_flag(create, "--merchant", config.merchant_id, "the merchant's number")->required();
  add_flag(create, "--settings", config.settings,
           "as JSON, the name at least: {\"name\":\"Ag lounge\",\"amount\":{\"kind\":\"fixed\",\"fixed\":\"22.50\"}}")
      ->required();
  create.add_flag("--live", config.live, "for real money");
  create.add_flag("--json", config.json, "for programs");
  create.callback([&] { code = page_create(config); });
  CLI::App& list = *page.add_subcommand("list", "A merchant's payment pages");
  add_store_flags(list, config.store);
  add_flag(list, "--merchant", config.merchant_id, "the merchant's number")->required();
  list.add_flag("--json", config.json, "one JSON object a line");
  list.callback([&] { code = page_list(config); });
}

void add_mail(CLI::App& epay, MailVerbConfig& config, int& code) {
  CLI::App& mail = *epay.add_subcommand("mail", "An operator's view of mail to merchants")->require_subcommand(1);
  CLI::App& test = *mail.add_subcommand("test", "Sends one mail at once and says what became of it");
  add_store_flags(test, config.store);
  add_mail_flags(test, config.mail);
  add_flag(test, "--to", config.to, "the address it goes to")->required();
  test.callback([&] { code = mail_test(config); });
  CLI::App& list = *mail.add_subcommand("list", "A merchant's latest mails");
  add_store_flags(list, config.store);
  add_flag(list, "--merchant", config.merchant_id, "the merchant's number")->required();
  list.callback([&] { code = mail_list(config); });
}

#ifdef EPAY_DEVELOPMENT
void add_emulator(CLI::App& epay, epay::emulators::EmulatorConfig& config, int& code) {
  CLI::App& verb = *epay.add_subcommand("emulator", "Plays a payment rail, for tests and development");
  verb.add_option("rail", config.vendor, "mtn, paystack, hubtel or mpgs")->required();
  add_flag(verb, "--listen", config.listen, "address and port of the rail's API; port 0 takes a free one");
  add_flag(verb, "--control", config.control, "address and port where tests say what shall happen");
  add_flag(verb, "--clock", config.clock, "real, or manual: it stands still until a test moves it");
  add_flag(verb, "--state", config.state_file, "the file that keeps what it knows (default: none)");
  verb.add_option("--set", config.switches, "NAME=VALUE of a switch; may repeat");
  verb.callback([&] { code = epay::emulators::run_emulator(config); });
}
#endif

}  // namespace

int main(int argc, char** argv) {
  CLI::App epay("Epay: checkout as a service, with webhooks that arrive", "epay");
  epay.require_subcommand(1);
  int code = 0;
  ServeConfig serve_config;
  MerchantConfig merchant_config;
  FeeConfig fee_config;
  WebhookConfig webhook_config;
  StatementConfig statement_config;
  RailsVerbConfig rails_config;
  PageConfig page_config;
  MailVerbConfig mail_config;
  ListenConfig listen_config;
  TriggerConfig trigger_config;
  StoreConfig store_config;
  bool json = false, replace = false;
  std::string path;
  add_serve(epay, serve_config, code);
  add_merchant(epay, merchant_config, fee_config, code);
  add_webhook(epay, webhook_config, code);
  add_page(epay, page_config, code);
  add_rails(epay, rails_config, code);
  add_statement(epay, statement_config, code);
  add_mail(epay, mail_config, code);
  add_listen(epay, listen_config, code);
  add_trigger(epay, trigger_config, code);
  CLI::App& verify_verb = *epay.add_subcommand("verify", "Re-derives the books; exit code 1 names each difference");
  add_store_flags(verify_verb, store_config);
  verify_verb.add_flag("--json", json, "for programs");
  verify_verb.callback([&] { code = verify(store_config, json); });
  CLI::App& backup_verb = *epay.add_subcommand("backup", "Copies the store as it stands, while it is in use");
  add_store_flags(backup_verb, store_config);
  backup_verb.add_option("path", path, "the copy, a file that does not exist yet")->required();
  backup_verb.callback([&] { code = backup(store_config, path); });
  std::string move_from;
  CLI::App& move_verb = *epay.add_subcommand("move", "Brings a stopped epay from a SQLite file into PostgreSQL");
  move_verb.add_option("--from", move_from, "sqlite:PATH, which nobody serves")->required();
  move_verb.add_option("--to", store_config.database, "postgresql://USER@HOST/NAME, empty or of a move that stopped")
      ->required();
  move_verb.callback([&] { code = move(move_from, store_config); });
  CLI::App& restore_verb = *epay.add_subcommand("restore",
                                                "Puts a copy made by backup in the store's place, checked; makes what "
                                                "PostgreSQL's tools put back fit to be served");
  add_store_flags(restore_verb, store_config);
  restore_verb.add_option("path", path, "the copy; none where PostgreSQL's own tools have put one back");
  restore_verb.add_flag("--replace", replace, "also where there is a store, which is kept beside under another name");
  restore_verb.callback([&] { code = restore(store_config, path, replace); });
  CLI::App& rotate_verb = *epay.add_subcommand("rotate-key", "Seals the store's secrets under a new master key");
  add_store_flags(rotate_verb, store_config);
  rotate_verb.callback([&] { code = rotate_key(store_config); });
  CLI::App& migrate_verb = *epay.add_subcommand("migrate", "Brings the schema up to this version's");
  add_store_flags(migrate_verb, store_config);
  MigrateConfig migrate_config;
  migrate_verb.add_flag("--all-stopped", migrate_config.all_stopped,
                        "those that still have a place in the store were killed");
  migrate_verb.add_flag("--distribute", migrate_config.distribute,
                        "then spread the tables over the machines of PostgreSQL's extension citus, by merchant");
  migrate_verb.callback([&] { code = migrate(store_config, migrate_config); });
#ifdef EPAY_DEVELOPMENT
  epay::simulation::SimConfig sim_config;
  CLI::App& sim = *epay.add_subcommand("sim", "Runs the whole service in virtual time under seeds");
  sim.add_option("--seeds", sim_config.seeds, "A..B, or one number")->required();
  sim.add_option("--processes", sim_config.processes, "how many serve one store")->check(CLI::Range(1, 9));
  sim.add_flag("--trace", sim_config.trace, "print what happens");
  sim.callback([&] { code = epay::simulation::run_seeds(sim_config); });
  epay::emulators::EmulatorConfig emulator_config;
  add_emulator(epay, emulator_config, code);
#endif
  auto arguments = with_config_file(epay, {argv + 1, argv + argc});
  if (!arguments) return report(arguments.error());
  try {
    std::ranges::reverse(*arguments);  // as CLI11 wants them
    epay.parse(*std::move(arguments));
  } catch (const CLI::ParseError& stop) {
    return epay.exit(stop);
  }
  return code;
}
