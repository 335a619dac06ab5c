#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <cstdio>

#include "app/demo.h"
#include "app/key_mark.h"
#include "app/store_lock.h"
#include "app/verbs.h"
#include "base/duration.h"
#include "db/open.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::app {
namespace {

// Connections need descriptors: as many as we may have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<LogLevel> parse_level(const std::string& text) {
  if (text == "debug") return LogLevel::debug;
  if (text == "info") return LogLevel::info;
  if (text == "warning") return LogLevel::warning;
  if (text == "error") return LogLevel::error;
  return fail(ErrorCode::invalid, "--log-level: must be debug, info, warning or error");
}

// One line an event on standard output; a demo keeps its screen for people and shows only what needs them.
Log make_log(runtime::Reactor& reactor, LogLevel level, bool demo) {
  auto logger = std::make_shared<spdlog::logger>("epay", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  const LogLevel least = demo && level == LogLevel::info ? LogLevel::warning : level;
  return Log(
      least, [&reactor] { return reactor.clock().now(); },
      [logger](LogLevel, std::string_view line) { logger->info(line); });
}

// Host and number, for people who look at the store.
std::string process_name() {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = 0;
  return std::string(host) + ":" + std::to_string(::getpid());
}

struct Service {
  runtime::Reactor& reactor;
  Log& log;
  App& app;
  microseconds stop_timeout;
  int exit_code = 0;
  bool stopping = false;
};

Task<void> start(Service& service, const ServeConfig& config, VerbContext& context, Demo* demo) {
  const std::string key_path = master_key_path(config.store, *files_of(config.store));
  const auto checked = co_await check_key(context.database, context.vault, context.random, key_path);
  const auto address = checked ? co_await service.app.start() : std::unexpected(checked.error());
  if (!address) {
    service.exit_code = report(address.error());
    service.reactor.stop();
    co_return;
  }
  service.log.info("listening", {{"address", address->to_string()},
                                 {"tls", !config.tls_certificate.empty()},
                                 {"database", db::shown_address(config.store.database)}});
  if (demo == nullptr) co_return;
  const auto shown = co_await demo->start(context, *address, *files_of(config.store) + ".demo.json");
  if (!shown) {
    service.exit_code = report(shown.error());
    service.reactor.stop();
  }
}

Task<void> stop(Service& service) {
  service.log.info("stopping", {});
  co_await service.app.stop(service.reactor.clock().ticks() + service.stop_timeout);
  service.log.info("stopped", {});
  service.reactor.stop();
}

}  // namespace

int serve(const ServeConfig& config) {
  const auto options = app_options(config);
  if (!options) return report(options.error());
  const auto level = parse_level(config.log_level);
  if (!level) return report(level.error());
  const auto stop_timeout = parse_duration(config.stop_timeout);
  if (!stop_timeout) return report({ErrorCode::invalid, "--stop-timeout: " + stop_timeout.error().message});
  const auto path = files_of(config.store);
  if (!path) return report(path.error());
  auto mail = mail_settings(config.mail, *path);
  if (!mail) return report(mail.error());
  const auto sms = sms_settings(config.sms, *path);
  if (!sms) return report(sms.error());
  auto rails = load_rails(config.rails_file);
  if (!rails) return report(rails.error());
  auto banks = load_banks(config.banks_file);
  if (!banks) return report(banks.error());
  runtime::SystemRandom random;
  const auto master_key = load_master_key(config.store, random);
  if (!master_key) return report(master_key.error());
  const Vault vault(*master_key);
  if (const auto file = db::sqlite_file(config.store.database)) {
    const auto alone = be_alone_with(*file);
    if (!alone) return report(alone.error());
  }
  raise_descriptor_limit();

  runtime::Reactor reactor;
  Log log = make_log(reactor, *level, config.demo);
  auto database = db::open(reactor.clock(), log, config.store.database, {});
  if (!database) return report(database.error());

  const auto mail_transport = open_transport(*mail, reactor.clock(), log);
  if (!mail_transport) return report(mail_transport.error());
  log.info("mail", {{"goes_to", mail->smtp ? mail->smtp->url : mail->folder}});

  // The operator names the provider, who may be anywhere.
  http::Client sms_client(reactor.clock(), reactor.network(), http::AddressGuard({*http::Cidr::parse("::/0")}), {});
  const auto sms_transport = open_sms_transport(*sms, sms_client, log);
  if (!sms_transport) return report(sms_transport.error());
  log.info("text_messages", {{"go_to", sms->http ? std::string_view("a provider") : std::string_view(sms->folder)}});

  AppOptions app_options = *options;
  app_options.process_name = process_name();
  // The key may be changed while this process is cut off from the store (`epay rotate-key`).
  app_options.may_join = [&vault, key_path = master_key_path(config.store, *path)](db::Transaction& tx) -> Result<> {
    const KeyFit fit = fit_of(tx, vault);
    if (fit.opens != false) return {};
    return std::unexpected(not_the_stores(fit, key_path));
  };
  app_options.rails = *std::move(rails);
  app_options.banks = *std::move(banks);
  app_options.mail_transport = mail_transport->get();
  app_options.sms_transport = sms_transport->get();
  app_options.mail.from = mail->from;
  if (config.demo) app_options.allowed_webhook_blocks.push_back(*http::Cidr::parse("127.0.0.0/8"));
  App app(reactor.clock(), random, reactor.network(), log, **database, vault, std::move(app_options));
  VerbContext context{reactor.clock(), random, reactor.network(), **database, vault};
  std::optional<Demo> demo;
  if (config.demo) demo.emplace(reactor.clock(), random, reactor.network(), log);
  Service service{reactor, log, app, *stop_timeout};
  TaskGroup tasks(reactor.clock(), log, "serve");
  reactor.on_signal([&](int) {
    // A second signal does not wait any longer.
    if (service.stopping) return reactor.stop();
    service.stopping = true;
    tasks.spawn(stop(service));
  });
  tasks.spawn(start(service, config, context, demo ? &*demo : nullptr));
  reactor.run();
  // The writer finishes what is queued before anything that waits for it goes.
  database->reset();
  return service.exit_code;
}

}  // namespace epay::app
