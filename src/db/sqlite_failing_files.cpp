#include "db/sqlite_failing_files.h"

#include <sqlite3.h>

#include <atomic>

#include "base/check.h"

namespace epay::db {
namespace {

std::atomic<LogFault> fault_now = LogFault::none;

// Ours, followed in memory by the file of SQLite's own.
struct File {
  sqlite3_file base;
  bool is_log;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }
bool fails(sqlite3_file* file, LogFault fault) { return reinterpret_cast<File*>(file)->is_log && fault_now == fault; }

// Calls the same method of SQLite's own file.
template <auto method>
struct Forward;
template <class... Args, int (*sqlite3_io_methods::*method)(sqlite3_file*, Args...)>
struct Forward<method> {
  static int call(sqlite3_file* file, Args... args) { return (real(file)->pMethods->*method)(real(file), args...); }
};

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  if (!fails(file, LogFault::full)) return real(file)->pMethods->xWrite(real(file), bytes, size, at);
  real(file)->pMethods->xWrite(real(file), bytes, size / 2, at);
  return SQLITE_FULL;
}

int sync(sqlite3_file* file, int flags) {
  return fails(file, LogFault::sync_failing) ? SQLITE_IOERR_FSYNC : real(file)->pMethods->xSync(real(file), flags);
}

void shared_memory_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

using Methods = sqlite3_io_methods;
const Methods methods = {
    .iVersion = 2,
    .xClose = Forward<&Methods::xClose>::call,
    .xRead = Forward<&Methods::xRead>::call,
    .xWrite = write,
    .xTruncate = Forward<&Methods::xTruncate>::call,
    .xSync = sync,
    .xFileSize = Forward<&Methods::xFileSize>::call,
    .xLock = Forward<&Methods::xLock>::call,
    .xUnlock = Forward<&Methods::xUnlock>::call,
    .xCheckReservedLock = Forward<&Methods::xCheckReservedLock>::call,
    .xFileControl = Forward<&Methods::xFileControl>::call,
    .xSectorSize = Forward<&Methods::xSectorSize>::call,
    .xDeviceCharacteristics = Forward<&Methods::xDeviceCharacteristics>::call,
    .xShmMap = Forward<&Methods::xShmMap>::call,
    .xShmLock = Forward<&Methods::xShmLock>::call,
    .xShmBarrier = shared_memory_barrier,
    .xShmUnmap = Forward<&Methods::xShmUnmap>::call,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* real_vfs() { return sqlite3_vfs_find("unix"); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  auto* ours = reinterpret_cast<File*>(file);
  ours->base.pMethods = nullptr;
  ours->is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const int opened = real_vfs()->xOpen(real_vfs(), name, ours->real(), flags, flags_out);
  if (ours->real()->pMethods != nullptr) ours->base.pMethods = &methods;
  return opened;
}

const char* registered_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs copy = *real_vfs();
    copy.zName = "failing";
    copy.szOsFile += static_cast<int>(sizeof(File));
    copy.xOpen = open;
    return copy;
  }();
  EPAY_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
  return vfs.zName;
}

}  // namespace

void set_log_fault(LogFault fault) { fault_now = fault; }
std::string failing_uri(const std::string& path) { return "file:" + path + "?vfs=" + registered_vfs(); }

}  // namespace epay::db
