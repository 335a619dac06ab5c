#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <initializer_list>

#include "mail/mail.h"
#include "payments/payment.h"
#include "sms/text_message.h"

#ifndef EPAY_VERSION
#define EPAY_VERSION "0"
#endif

namespace epay::app {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Labels;

const prometheus::Histogram::BucketBoundaries seconds_buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                              0.1,    0.25,  0.5,    1,     2.5,  5,     15};

double in_seconds(microseconds duration) { return double(duration.count()) / 1e6; }

// A total that somebody else keeps.
void set_total(Counter& counter, double total) { counter.Increment(std::max(0.0, total - counter.Value())); }

// What is one of a few: all of them are there from the start, at 0, so that a rate can be made of the first.
class Counters {
 public:
  Counters(prometheus::Registry& registry, const char* name, const char* help, std::initializer_list<Labels> all)
      : family_(prometheus::BuildCounter().Name(name).Help(help).Register(registry)) {
    for (const Labels& labels : all) family_.Add(labels);
  }
  Counter& of(const Labels& labels) { return family_.Add(labels); }

 private:
  prometheus::Family<Counter>& family_;
};

Labels status_class(int status) { return {{"status", std::to_string(status / 100) + "xx"}}; }

const std::initializer_list<Labels> ends_of_a_try = {
    {{"result", "sent"}}, {{"result", "put_off"}}, {{"result", "given_up"}}};
const std::initializer_list<Labels> sides = {{{"side", "write"}}, {{"side", "read"}}};

}  // namespace

struct Metrics::Series {
  prometheus::Registry registry;
  Counters requests{registry,
                    "epay_http_requests_total",
                    "Answers by status class",
                    {status_class(200), status_class(300), status_class(400), status_class(500)}};
  prometheus::Histogram& request_seconds =
      histogram("epay_http_request_seconds", "From a request's last byte to its answer");
  Counters payments{registry,
                    "epay_payments_total",
                    "Payments, payouts and refunds that ended",
                    {{{"kind", "payment"}, {"status", "success"}},
                     {{"kind", "payment"}, {"status", "failed"}},
                     {{"kind", "payout"}, {"status", "success"}},
                     {{"kind", "payout"}, {"status", "failed"}},
                     {{"kind", "refund"}, {"status", "success"}},
                     {{"kind", "refund"}, {"status", "failed"}}}};
  Counters tries{registry,
                 "epay_webhook_tries_total",
                 "Delivery attempts by result",
                 {{{"result", "delivered"}}, {{"result", "failed"}}}};
  prometheus::Histogram& try_delay =
      histogram("epay_webhook_delay_seconds", "From due (the commit, for a first try) to sent");
  prometheus::Histogram& try_seconds = histogram("epay_webhook_exchange_seconds", "From sent to answered");
  Gauge& connections = gauge("epay_http_connections", "Open connections");
  Gauge& in_flight = gauge("epay_webhook_in_flight", "Deliveries being sent");
  Gauge& in_memory = gauge("epay_webhook_in_memory", "Waiting deliveries held in memory");
  Gauge& streams = gauge("epay_event_streams", "Readers of live events");
  Gauge& processes = gauge("epay_processes", "Processes that serve the store; 0 while this one is lost");
  Gauge& leads = gauge("epay_process_leads", "1 where this process does what one can do for all");
  Gauge& oldest_due =
      gauge("epay_webhook_oldest_due_seconds", "Age of the earliest delivery that could be sent and is not");

  Gauge& attempts_waiting = gauge("epay_attempts_open", "Attempts whose outcome a rail is to be asked for");
  Gauge& attempts_late = gauge("epay_attempts_overdue_seconds", "For how long the earliest of them should have been");
  Counters mail_tries{registry, "epay_mail_tries_total", "Tries to send a mail, by result", ends_of_a_try};
  Gauge& mails_waiting = gauge("epay_mails_waiting", "Mails that are neither sent nor given up");
  Gauge& mails_late = gauge("epay_mails_overdue_seconds", "For how long the earliest of them should have been tried");
  Counters text_message_tries{registry, "epay_text_message_tries_total", "Tries to send a text message, by result",
                              ends_of_a_try};
  Gauge& text_messages_waiting =
      gauge("epay_text_messages_waiting", "Text messages that are neither sent nor given up");
  Gauge& text_messages_late =
      gauge("epay_text_messages_overdue_seconds", "For how long the earliest of them should have been tried");

  prometheus::Family<Gauge>& rail_standing = prometheus::BuildGauge()
                                                 .Name("epay_rail_standing")
                                                 .Help("How a rail does: 0 operational, 1 delayed, 2 closed")
                                                 .Register(registry);
  prometheus::Family<Gauge>& rail_answer_seconds = prometheus::BuildGauge()
                                                       .Name("epay_rail_answer_seconds")
                                                       .Help("Mean time to a rail's answer in the last five minutes")
                                                       .Register(registry);
  prometheus::Family<Gauge>& rail_recent =
      prometheus::BuildGauge()
          .Name("epay_rail_recent")
          .Help("Exchanges with a rail and ends of its orders in the last five minutes")
          .Register(registry);
  Gauge& store_up = gauge("epay_store_up", "Whether the store answered just now");
  Counters store_bodies{registry, "epay_store_bodies_total", "What the store was asked to do", sides};
  Counters store_transactions{registry, "epay_store_transactions_total", "In how many transactions", sides};
  Counters store_seconds{registry, "epay_store_transaction_seconds_total", "How long those took", sides};
  prometheus::Family<Gauge>& store_waiting =
      prometheus::BuildGauge().Name("epay_store_waiting").Help("What waits for the store").Register(registry);

  Counters log_lines{registry,
                     "epay_log_lines_total",
                     "Lines of the log, written or not",
                     {{{"level", "warning"}}, {{"level", "error"}}}};
  Gauge& started_at = gauge("process_start_time_seconds", "When the process began, in seconds since 1970");
  Counters processor_seconds{registry, "process_cpu_seconds_total", "Processor time, of user and system", {Labels{}}};
  Gauge& resident = gauge("process_resident_memory_bytes", "Memory that the process has in use");
  Gauge& open_files = gauge("process_open_fds", "Open file descriptors");
  Gauge& open_files_max = gauge("process_max_fds", "Open file descriptors at most");

  Gauge& gauge(const char* name, const char* help, const Labels& labels = {}) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
  }
  prometheus::Histogram& histogram(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, seconds_buckets);
  }
  void set_work(const char* side, const db::WorkFigures& work) {
    const Labels labels{{"side", side}};
    set_total(store_bodies.of(labels), double(work.bodies));
    set_total(store_transactions.of(labels), double(work.transactions));
    set_total(store_seconds.of(labels), in_seconds(work.time));
    store_waiting.Add(labels).Set(double(work.waiting));
  }
  void set_files(const db::StoreFigures::Files& files) {
    gauge("epay_store_file_bytes", "Size of the store's file").Set(double(files.bytes));
    gauge("epay_store_log_bytes", "Size of its write-ahead log").Set(double(files.log_bytes));
    gauge("epay_store_disk_free_bytes", "Room on the disk that they are on").Set(double(files.disk_free_bytes));
  }
  void set_backlogs(const Backlogs& backlogs, Timestamp now);
  void set_process(const ProcessFigures& process);
  void set_rail(const rails::Rails::Report& report);
};

void Metrics::Series::set_backlogs(const Backlogs& backlogs, Timestamp now) {
  const auto set = [now](const Backlogs::Backlog& backlog, Gauge& waiting, Gauge& late) {
    waiting.Set(double(backlog.waiting));
    late.Set(in_seconds(std::max(microseconds(0), now - backlog.earliest_due.value_or(now))));
  };
  set(backlogs.attempts, attempts_waiting, attempts_late);
  set(backlogs.mails, mails_waiting, mails_late);
  set(backlogs.text_messages, text_messages_waiting, text_messages_late);
}

void Metrics::Series::set_process(const ProcessFigures& process) {
  set_total(processor_seconds.of({}), in_seconds(process.processor_time));
  resident.Set(double(process.resident_bytes));
  open_files.Set(double(process.open_files));
  open_files_max.Set(double(process.open_files_max));
}

void Metrics::Series::set_rail(const rails::Rails::Report& report) {
  const Labels of = {{"rail", std::string(report.rail->name())}, {"network", report.network}};
  rail_standing.Add(of).Set(double(static_cast<int>(report.standing)));
  rail_answer_seconds.Add(of).Set(in_seconds(report.figures.mean.value_or(microseconds(0))));
  const auto set = [&](const char* result, std::int64_t count) {
    Labels with = of;
    with.emplace("result", result);
    rail_recent.Add(with).Set(double(count));
  };
  set("answered", report.figures.answered);
  set("unanswered", report.figures.unanswered);
  set("succeeded", report.figures.succeeded);
  set("failed", report.figures.failed);
}

Result<Backlogs> backlogs(db::Transaction& tx) {
  const auto mails = mail::backlog(tx);
  const auto texts = sms::backlog(tx);
  return Backlogs{.mails = {mails.waiting, mails.earliest_due},
                  .text_messages = {texts.waiting, texts.earliest_due},
                  .attempts = {payments::count_polled_attempts(tx), payments::next_poll(tx)}};
}

Metrics::Metrics(Timestamp started_at) : series_(std::make_unique<Series>()) {
  series_->started_at.Set(double(started_at.micros) / 1e6);
  series_->gauge("epay_build_info", "Which Epay this is", {{"version", EPAY_VERSION}}).Set(1);
}
Metrics::~Metrics() = default;

void Metrics::request_answered(const http::Request& request, int status, microseconds took) {
  series_->requests.of(status_class(status)).Increment();
  // A stream lasts as long as its reader stays.
  if (!request.route.ends_with("/events/stream")) series_->request_seconds.Observe(in_seconds(took));
}

void Metrics::outcome_applied(const processing::OutcomeReport& report) {
  if (!report.final_now) return;
  series_->payments
      .of({{"kind", std::string(payments::name_of(report.kind))},
           {"status", std::string(payments::wire_name(report.status))}})
      .Increment();
}

void Metrics::delivery_tried(const webhooks::TryReport& report) {
  series_->tries.of({{"result", report.delivered ? "delivered" : "failed"}}).Increment();
  series_->try_delay.Observe(in_seconds(report.waited));
  series_->try_seconds.Observe(in_seconds(report.took));
}

void Metrics::mail_tried(std::string_view end) { series_->mail_tries.of({{"result", std::string(end)}}).Increment(); }

void Metrics::text_message_tried(std::string_view end) {
  series_->text_message_tries.of({{"result", std::string(end)}}).Increment();
}

std::string Metrics::text(const Gauges& gauges) {
  series_->connections.Set(double(gauges.connections));
  series_->in_flight.Set(double(gauges.deliveries_in_flight));
  series_->in_memory.Set(double(gauges.deliveries_in_memory));
  series_->streams.Set(double(gauges.streams));
  series_->processes.Set(gauges.processes);
  series_->leads.Set(gauges.leads ? 1 : 0);
  series_->oldest_due.Set(in_seconds(gauges.oldest_due_age));
  series_->store_up.Set(gauges.backlogs ? 1 : 0);
  if (gauges.backlogs) series_->set_backlogs(*gauges.backlogs, gauges.now);
  series_->set_work("write", gauges.store.writes);
  series_->set_work("read", gauges.store.reads);
  if (gauges.store.files) series_->set_files(*gauges.store.files);
  set_total(series_->log_lines.of({{"level", "warning"}}), double(gauges.warnings));
  set_total(series_->log_lines.of({{"level", "error"}}), double(gauges.errors));
  for (const auto& report : gauges.rails) series_->set_rail(report);
  series_->set_process(gauges.process);
  return prometheus::TextSerializer().Serialize(series_->registry.Collect());
}

}  // namespace epay::app
