// Figures for operators, in Prometheus' text form at /metrics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/process_figures.h"
#include "base/log.h"
#include "db/database.h"
#include "http/message.h"
#include "processing/processor.h"
#include "rails/rails.h"
#include "webhooks/dispatcher.h"

namespace epay::app {

// What waits in the store until it is done.
struct Backlogs {
  struct Backlog {
    std::int64_t waiting = 0;
    std::optional<Timestamp> earliest_due;
  };
  Backlog mails, text_messages, attempts;
};
Result<Backlogs> backlogs(db::Transaction& tx);

class Metrics {
 public:
  explicit Metrics(Timestamp started_at);
  ~Metrics();

  void request_answered(const http::Request& request, int status, microseconds took);
  void outcome_applied(const processing::OutcomeReport& report);
  void delivery_tried(const webhooks::TryReport& report);
  // `end`: "sent", "put_off" or "given_up".
  void mail_tried(std::string_view end);
  void text_message_tried(std::string_view end);

  struct Gauges {
    Timestamp now;
    std::size_t connections = 0;
    int deliveries_in_flight = 0;
    std::size_t deliveries_in_memory = 0;
    microseconds oldest_due_age{0};
    std::size_t streams = 0;
    std::optional<Backlogs> backlogs;  // nothing when the store does not answer
    db::StoreFigures store;
    ProcessFigures process;
    std::int64_t warnings = 0, errors = 0;  // lines of the log
    int processes = 1;
    bool leads = true;
    std::vector<rails::Rails::Report> rails;
  };
  std::string text(const Gauges& gauges);

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

}  // namespace epay::app
