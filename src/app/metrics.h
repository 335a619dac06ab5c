// Figures for operators, in Prometheus' text form at /metrics.
#pragma once

#include <memory>
#include <string>

#include "http/message.h"
#include "processing/processor.h"
#include "webhooks/dispatcher.h"

namespace epay::app {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void request_answered(const http::Request& request, int status, microseconds took);
  void outcome_applied(const processing::OutcomeReport& report);
  void delivery_tried(const webhooks::TryReport& report);

  struct Gauges {
    std::size_t connections = 0;
    int deliveries_in_flight = 0;
    std::size_t deliveries_in_memory = 0;
    microseconds oldest_due_age{0};
    std::size_t streams = 0;
    int processes = 1;
    bool leads = true;
  };
  std::string text(const Gauges& gauges);

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

}  // namespace epay::app
