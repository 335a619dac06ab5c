// For tests: SQLite on files whose write-ahead log fails when told to, as a full or a dying disk does.
#pragma once

#include <string>

namespace epay::db {

enum class LogFault {
  none,
  full,          // a write to the log falls short: SQLITE_FULL
  sync_failing,  // the log cannot be synced: SQLITE_IOERR
};

// Of every database opened with failing_uri(). Set it back to none at the end of a test.
void set_log_fault(LogFault fault);
std::string failing_uri(const std::string& path);

}  // namespace epay::db
