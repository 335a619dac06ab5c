#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace epay::app {
namespace {

const prometheus::Histogram::BucketBoundaries seconds_buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                              0.1,    0.25,  0.5,    1,     2.5,  5,     15};

double in_seconds(microseconds duration) { return double(duration.count()) / 1e6; }

}  // namespace

struct Metrics::Series {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter().Name("epay_http_requests_total").Help("Answers by status class").Register(registry);
  prometheus::Histogram& request_seconds = prometheus::BuildHistogram()
                                               .Name("epay_http_request_seconds")
                                               .Help("From a request's last byte to its answer")
                                               .Register(registry)
                                               .Add({}, seconds_buckets);
  prometheus::Family<prometheus::Counter>& payments =
      prometheus::BuildCounter().Name("epay_payments_total").Help("Payments and payouts that ended").Register(registry);
  prometheus::Family<prometheus::Counter>& tries = prometheus::BuildCounter()
                                                       .Name("epay_webhook_tries_total")
                                                       .Help("Delivery attempts by result")
                                                       .Register(registry);
  prometheus::Histogram& try_delay = prometheus::BuildHistogram()
                                         .Name("epay_webhook_delay_seconds")
                                         .Help("From due (the commit, for a first try) to sent")
                                         .Register(registry)
                                         .Add({}, seconds_buckets);
  prometheus::Histogram& try_seconds = prometheus::BuildHistogram()
                                           .Name("epay_webhook_exchange_seconds")
                                           .Help("From sent to answered")
                                           .Register(registry)
                                           .Add({}, seconds_buckets);
  prometheus::Gauge& connections = gauge("epay_http_connections", "Open connections");
  prometheus::Gauge& in_flight = gauge("epay_webhook_in_flight", "Deliveries being sent");
  prometheus::Gauge& in_memory = gauge("epay_webhook_in_memory", "Waiting deliveries held in memory");
  prometheus::Gauge& streams = gauge("epay_event_streams", "Readers of live events");
  prometheus::Gauge& processes = gauge("epay_processes", "Processes that serve the store; 0 while this one is lost");
  prometheus::Gauge& leads = gauge("epay_process_leads", "1 where this process does what one can do for all");
  prometheus::Gauge& oldest_due =
      gauge("epay_webhook_oldest_due_seconds", "Age of the earliest delivery that could be sent and is not");

  prometheus::Gauge& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  }
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Metrics::request_answered(const http::Request& request, int status, microseconds took) {
  series_->requests.Add({{"status", std::to_string(status / 100) + "xx"}}).Increment();
  // A stream lasts as long as its reader stays.
  if (!request.route.ends_with("/events/stream")) series_->request_seconds.Observe(in_seconds(took));
}

void Metrics::outcome_applied(const processing::OutcomeReport& report) {
  if (!report.final_now) return;
  const bool payout = report.kind == payments::PaymentKind::payout;
  series_->payments
      .Add({{"kind", payout ? "payout" : "payment"}, {"status", std::string(payments::wire_name(report.status))}})
      .Increment();
}

void Metrics::delivery_tried(const webhooks::TryReport& report) {
  series_->tries.Add({{"result", report.delivered ? "delivered" : "failed"}}).Increment();
  series_->try_delay.Observe(in_seconds(report.waited));
  series_->try_seconds.Observe(in_seconds(report.took));
}

std::string Metrics::text(const Gauges& gauges) {
  series_->connections.Set(double(gauges.connections));
  series_->in_flight.Set(double(gauges.deliveries_in_flight));
  series_->in_memory.Set(double(gauges.deliveries_in_memory));
  series_->streams.Set(double(gauges.streams));
  series_->processes.Set(gauges.processes);
  series_->leads.Set(gauges.leads ? 1 : 0);
  series_->oldest_due.Set(in_seconds(gauges.oldest_due_age));
  return prometheus::TextSerializer().Serialize(series_->registry.Collect());
}

}  // namespace epay::app
