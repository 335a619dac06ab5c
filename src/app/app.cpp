#include "app/app.h"

#include "api/api.h"
#include "api/rail_callbacks.h"
#include "api/replies.h"
#include "app/metrics.h"
#include "http/client.h"
#include "http/router.h"
#include "lists/search_indexer.h"
#include "pages/account/account.h"
#include "pages/assets.h"
#include "pages/checkout.h"
#include "pages/dashboard.h"
#include "pages/inline_script.h"
#include "pages/integrations.h"
#include "pages/logos.h"
#include "pages/money/money.h"
#include "pages/payment_pages.h"
#include "pages/problem.h"
#include "pages/reference.h"
#include "pages/simulator_card.h"
#include "pages/simulator_phone.h"
#include "pages/webhooks.h"
#include "processes/membership.h"
#include "processing/processor.h"
#include "rails/rails.h"
#include "rails/simulator/simulator.h"
#include "runtime/task_group.h"
#include "sms/sender.h"
#include "webhooks/redeliverer.h"

namespace epay::app {
namespace {

std::string local_origin(const AppOptions& options) {
  if (!options.public_url.empty()) return options.public_url;
  return (options.tls ? "https://" : "http://") + options.listen.to_string();
}

// A list of refunds or transfers may be long.
constexpr std::size_t rail_answer_max = 1024 * 1024;

// Where verbs of the command line change the store, they are noticed as soon as the dispatcher does.
microseconds redelivery_look_every(const AppOptions& options) {
  constexpr seconds nobody_else{30};
  const microseconds look_every = options.webhooks.outside_look_every;
  return look_every > microseconds(0) ? look_every : nobody_else;
}

template <class End>
std::string_view word_for(End end) {
  switch (end) {
    case End::sent: return "sent";
    case End::put_off: return "put_off";
    case End::given_up: return "given_up";
  }
  return "";
}

// The rails call back into the processor, which is made after them.
class LateCallbacks final : public rails::CallbackSink {
 public:
  void on_callback(std::string_view reference, rails::Claim claim) override {
    if (sink != nullptr) sink->on_callback(reference, claim);
  }
  rails::CallbackSink* sink = nullptr;
};

}  // namespace

struct App::Parts {
  Parts(Clock& c, Random& r, Network& n, Log& l, db::Database& d, const Vault& vault, AppOptions o)
      : clock(c),
        random(r),
        network(n),
        log(l),
        database(d),
        options(std::move(o)),
        metrics(c.now()),
        members(c, l, d, options.process_name),
        client(c, n, http::AddressGuard(options.allowed_webhook_blocks), {}),
        dispatcher(c, r, l, d, members, client, vault, options.webhooks),
        redeliverer(c, l, d, members, dispatcher, redelivery_look_every(options)),
        mail_sender(c, l, d, members, options.mail_transport, options.mail),
        sms_sender(c, l, d, members, options.sms_transport),
        passwords(c, r, options.passwords),
        rail_client(c, n, http::AddressGuard({*http::Cidr::parse("::/0")}),
                    {.body_bytes_kept = rail_answer_max, .body_bytes_max = rail_answer_max}),
        callback_tokens(vault),
        rails(c),
        processor(c, r, l, d, members, rails, dispatcher,
                  {.origin = local_origin(options),
                   .prompts_per_number = options.prompts_per_number,
                   .prompts_per_merchant = options.prompts_per_merchant,
                   .banks = options.banks}),
        bulk_payer(c, l, d, members, processor),
        search_indexer(c, l, d, members),
        api({.clock = c,
             .random = r,
             .log = l,
             .database = d,
             .members = members,
             .processor = processor,
             .bulk_payer = bulk_payer,
             .dispatcher = dispatcher,
             .redeliverer = redeliverer,
             .client = client,
             .vault = vault,
             .rate_limit = options.rate_limit,
             .webhook_timeout = options.webhooks.exchange_time_max}),
        checkout({.clock = c,
                  .random = r,
                  .log = l,
                  .database = d,
                  .members = members,
                  .processor = processor,
                  .vault = vault,
                  .on_mail = [this] { mail_sender.notify(); },
                  .options = options.checkout}),
        dashboard({.clock = c, .random = r, .log = l, .database = d, .router = router}),
        images(c, {.threading = options.passwords.threading}),
        account({.clock = c,
                 .random = r,
                 .log = l,
                 .database = d,
                 .vault = vault,
                 .passwords = passwords,
                 .dashboard = dashboard,
                 .images = images,
                 .mail_queued = [this] { mail_sender.notify(); },
                 .text_message_queued = [this] { sms_sender.notify(); }}),
        money_pages({.clock = c,
                     .random = r,
                     .log = l,
                     .database = d,
                     .processor = processor,
                     .bulk_payer = bulk_payer,
                     .dispatcher = dispatcher,
                     .dashboard = dashboard}),
        webhook_pages({.clock = c,
                       .random = r,
                       .database = d,
                       .dashboard = dashboard,
                       .dispatcher = dispatcher,
                       .redeliverer = redeliverer,
                       .client = client,
                       .vault = vault,
                       .timeout = options.webhooks.exchange_time_max}),
        integration_pages({.clock = c, .random = r, .database = d, .dashboard = dashboard}),
        payment_pages(
            {.clock = c, .random = r, .database = d, .dashboard = dashboard, .checkout = checkout, .images = images}),
        server(c, r, l, router,
               {.limits = options.limits,
                .trusted_proxies = options.trusted_proxies,
                .public_url = options.public_url,
                .tls = options.tls.has_value()}),
        tasks(c, l, "app") {
    const rails::RailTools tools{c, r, l, rail_client, callback_tokens};
    for (const auto& make : options.rails.makers) rails.add(make(tools));
    rails.set_routes(options.rails.routes);
    auto simulated = std::make_unique<rails::simulator::Simulator>(
        c, r, l, d, members, callbacks, rails::simulator::Simulator::Options{options.simulator_delay});
    simulator = simulated.get();
    rails.add(std::move(simulated));
    callbacks.sink = &processor;
    add_routes();
    connect();
  }

  // Who hears of whom.
  void connect() {
    members.ask_before_joining(options.may_join);
    server.set_observer([this](const http::Request& request, int status, microseconds took) {
      metrics.request_answered(request, status, took);
      log_request(request, status, took);
    });
    processor.set_observer([this](const processing::OutcomeReport& report) { metrics.outcome_applied(report); });
    dispatcher.add_observer([this](const webhooks::TryReport& report) { metrics.delivery_tried(report); });
    database.on_notice([this](const db::Notice& notice) {
      dispatcher.hear(notice);
      redeliverer.hear(notice);
      processor.hear(notice);
      bulk_payer.hear(notice);
      mail_sender.hear(notice);
      sms_sender.hear(notice);
      simulator->hear(notice);
    });
    dispatcher.on_letter([this] { mail_sender.notify(); });
    mail_sender.set_observer([this](mail::TryEnd end) { metrics.mail_tried(word_for(end)); });
    sms_sender.set_observer([this](sms::TryEnd end) { metrics.text_message_tried(word_for(end)); });
  }

  void add_routes() {
    api.add_routes(router);
    api::add_rail_callbacks(router, rails, callback_tokens, processor, log);
    account.add_routes(router);
    money_pages.add_routes();
    webhook_pages.add_routes();
    integration_pages.add_routes();
    payment_pages.add_routes();
    pages::add_simulator_card(router, *simulator, random);
    pages::add_simulator_phone(router, *simulator, clock, random);
    pages::add_reference(router);
    pages::add_assets(router);
    pages::add_images(router, database);
    checkout.add_routes(router);
    pages::add_inline_script(router);
    router.add("GET", "/healthz",
               [](http::Request&) -> Task<http::Response> { co_return http::Response::text(200, "ok\n"); });
    router.add("GET", "/readyz", [this](http::Request&) { return ready(); });
    router.add("GET", "/healthz/webhooks", [this](http::Request&) { return webhooks_health(); });
    router.add("GET", "/metrics", [this](http::Request&) { return figures(); });
    router.set_fallback([this](const http::Request& request, const std::string& allow) {
      if (pages::wants_page(request)) return pages::show_problem(request, allow.empty() ? 404 : 405, allow, random);
      if (allow.empty()) {
        return http::Response::json(404, api::error_body("invalid_request_error", "There is nothing at this address"));
      }
      auto response = http::Response::json(
          405, api::error_body("invalid_request_error", "This address takes " + allow + " requests only"));
      response.headers.add("Allow", allow);
      return response;
    });
  }

  // Never the path: a reference in it may be anything, a checkout's token is a secret.
  void log_request(const http::Request& request, int status, microseconds took) {
    constexpr std::size_t method_shown_max = 16;
    log.info("request", {{"request_id", request.id},
                         {"method", std::string_view(request.method).substr(0, method_shown_max)},
                         {"route", request.route},
                         {"status", status},
                         {"took_us", took.count()},
                         {"client", request.client.to_string()}});
  }

  Task<http::Response> ready() {
    if (stopping) co_return http::Response::text(503, "stopping\n");
    if (!members.is_alive()) co_return http::Response::text(503, "it has lost its place among the processes\n");
    const auto answered = co_await database.read([](db::Transaction&) -> Result<> { return {}; });
    co_return answered ? http::Response::text(200, "ready\n")
                       : http::Response::text(503, "the store does not answer\n");
  }

  microseconds oldest_due_age() const {
    const auto oldest = dispatcher.oldest_due();
    return oldest ? std::max(microseconds(0), clock.now() - *oldest) : microseconds(0);
  }

  // Turns when deliveries that could be sent are not: for alarms, not for load balancers.
  Task<http::Response> webhooks_health() {
    const microseconds age = oldest_due_age();
    const std::string text =
        "the oldest delivery that could be sent has waited for " + std::to_string(age.count() / 1'000) + " ms\n";
    co_return http::Response::text(age <= options.webhook_lag_max ? 200 : 503, text);
  }

  Task<http::Response> figures() {
    const auto waiting = co_await database.read(backlogs);
    co_return http::Response::text(200, metrics.text({.now = clock.now(),
                                                      .connections = server.connections(),
                                                      .deliveries_in_flight = dispatcher.in_flight(),
                                                      .deliveries_in_memory = dispatcher.in_memory(),
                                                      .oldest_due_age = oldest_due_age(),
                                                      .streams = dispatcher.feed().readers(),
                                                      .backlogs = waiting ? std::optional(*waiting) : std::nullopt,
                                                      .store = database.figures(),
                                                      .process = process_figures(),
                                                      .warnings = log.lines(LogLevel::warning),
                                                      .errors = log.lines(LogLevel::error),
                                                      .processes = members.is_alive() ? members.living() : 0,
                                                      .leads = members.leads(),
                                                      .rails = rails.reports()}));
  }

  Clock& clock;
  Random& random;
  Network& network;
  Log& log;
  db::Database& database;
  AppOptions options;
  Metrics metrics;
  Membership members;
  http::Client client;
  webhooks::Dispatcher dispatcher;
  webhooks::Redeliverer redeliverer;
  mail::Sender mail_sender;
  sms::Sender sms_sender;
  PasswordHasher passwords;
  LateCallbacks callbacks;
  http::Client rail_client;  // the operator names its addresses, which may be anywhere
  rails::CallbackTokens callback_tokens;
  rails::Rails rails;
  rails::simulator::Simulator* simulator = nullptr;
  processing::Processor processor;
  processing::BulkPayer bulk_payer;
  lists::SearchIndexer search_indexer;
  api::Api api;
  pages::CheckoutPages checkout;
  http::Router router;
  pages::Dashboard dashboard;
  WorkThread images;
  pages::account::Account account;
  pages::money::MoneyPages money_pages;
  pages::WebhookPages webhook_pages;
  pages::IntegrationPages integration_pages;
  pages::PaymentPages payment_pages;
  http::Server server;
  TaskGroup tasks;
  bool stopping = false;
};

App::App(Clock& clock, Random& random, Network& network, Log& log, db::Database& database, const Vault& vault,
         AppOptions options)
    : parts_(std::make_unique<Parts>(clock, random, network, log, database, vault, std::move(options))) {}

App::~App() = default;

Task<Result<SocketAddress>> App::start() {
  auto listener = parts_->network.listen(parts_->options.listen, parts_->options.tls);
  if (!listener) co_return std::unexpected(listener.error());
  const SocketAddress at = (*listener)->local();
  parts_->options.listen = at;
  parts_->processor.set_origin(local_origin(parts_->options));
  const auto joined = co_await parts_->members.start();
  if (!joined) co_return std::unexpected(joined.error());
  co_await parts_->simulator->start();
  parts_->dispatcher.start();
  parts_->redeliverer.start();
  parts_->mail_sender.start();
  parts_->sms_sender.start();
  parts_->processor.start();
  parts_->bulk_payer.start();
  parts_->checkout.start();
  parts_->search_indexer.start();
  parts_->tasks.spawn(parts_->server.serve(*std::move(listener)));
  co_return at;
}

Task<void> App::stop(Ticks due) {
  parts_->stopping = true;
  // Live streams would else be waited for.
  parts_->dispatcher.feed().close();
  parts_->processor.close_watches();
  parts_->processor.feed().close();
  // Half the time for requests, however slowly they come in; what they have begun gets the rest.
  const Ticks now = parts_->clock.ticks();
  co_await parts_->server.stop(now + (due - now) / 2);
  co_await parts_->simulator->stop(due);
  co_await parts_->bulk_payer.stop(due);
  co_await parts_->processor.stop(due);
  co_await parts_->checkout.stop(due);
  co_await parts_->search_indexer.stop(due);
  // Mails and webhooks under way end side by side.
  parts_->tasks.spawn(parts_->mail_sender.stop(due));
  parts_->tasks.spawn(parts_->sms_sender.stop(due));
  co_await parts_->redeliverer.stop(due);
  co_await parts_->dispatcher.stop(due);
  co_await parts_->members.stop(due);
  co_await parts_->tasks.wait_empty(due);
}

}  // namespace epay::app
