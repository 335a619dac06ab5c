// Drives redeliveries (events/redelivery.h): hands their deliveries to the dispatcher a few at a time, at the pace at
// which the endpoint takes them, so that what is new never waits for what is sent again. Reactor thread only.
#pragma once

#include <map>

#include "base/log.h"
#include "db/database.h"
#include "events/redelivery.h"
#include "processes/membership.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"
#include "webhooks/dispatcher.h"

namespace epay::webhooks {

class Redeliverer {
 public:
  // `look_every`: how soon one is noticed that a verb of the command line has begun.
  Redeliverer(Clock& clock, Log& log, db::Database& database, Membership& members, Dispatcher& dispatcher,
              microseconds look_every = seconds(30));
  ~Redeliverer();

  // Goes on with those that the store has running.
  void start();
  Task<void> stop(Ticks due);
  // One was created or resumed. The process that leads drives it.
  void begin(events::RedeliveryKey key);
  // What another process has to say.
  void hear(const db::Notice& notice);

 private:
  struct Run;

  bool may_go_on() const { return !stopping_ && members_.leads(); }
  Task<void> run(events::RedeliveryKey key);
  Task<void> look_into_store();
  void on_try(const TryReport& report);

  Clock& clock_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  Dispatcher& dispatcher_;
  microseconds look_every_;
  std::map<events::RedeliveryKey, std::unique_ptr<Run>> runs_;
  Signal look_again_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace epay::webhooks
