#include "app/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace epay::app {
namespace {

microseconds in_microseconds(const timeval& time) { return seconds(time.tv_sec) + microseconds(time.tv_usec); }

std::uint64_t resident_bytes() {
  std::uint64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;  // in pages
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_files() {
  std::error_code none;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", none), end; !none && entry != end;
       entry.increment(none)) {
    ++count;
  }
  return count;
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures{.resident_bytes = resident_bytes(), .open_files = open_files()};
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.processor_time = in_microseconds(usage.ru_utime) + in_microseconds(usage.ru_stime);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.open_files_max = limit.rlim_cur;
  return figures;
}

}  // namespace epay::app
