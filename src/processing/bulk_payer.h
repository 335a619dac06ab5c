// Pays the lines of files (payments/bulk_payout.h), some at a time. The process that leads does it; whichever does it
// after it goes on where it was. Reactor thread only.
#pragma once

#include <map>
#include <memory>

#include "base/log.h"
#include "db/database.h"
#include "payments/bulk_payout.h"
#include "processes/membership.h"
#include "processing/processor.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"

namespace epay::processing {

class BulkPayer {
 public:
  BulkPayer(Clock& clock, Log& log, db::Database& database, Membership& members, Processor& processor);
  ~BulkPayer();

  // Goes on with those that the store has running.
  void start();
  Task<void> stop(Ticks due);
  // Reads a file in, to be looked at. Error: unavailable.
  Task<Result<payments::BulkPayout>> read_in(Scope scope, std::string name, Currency currency,
                                             std::vector<payments::BulkLine> lines);
  // One was begun, by whichever process.
  void begin();
  // What another process has to say.
  void hear(const db::Notice& notice);

 private:
  struct Run;

  bool may_go_on() const { return !stopping_ && members_.leads(); }
  Task<void> look_into_store();
  Task<void> run(payments::BulkKey key);
  Task<void> pay_line(payments::BulkKey key, Currency currency, payments::BulkLine line);
  Task<void> pay(payments::BulkKey key, Currency currency, payments::BulkLine line);
  Task<Result<PaymentId>> made_before(payments::BulkKey key, payments::BulkLine line);

  Clock& clock_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  Processor& processor_;
  std::map<payments::BulkKey, std::unique_ptr<Run>> runs_;
  Signal look_again_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace epay::processing
