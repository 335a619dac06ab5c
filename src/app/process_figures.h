// What the system says about this process.
#pragma once

#include <cstdint>

#include "base/timestamp.h"

namespace epay::app {

struct ProcessFigures {
  microseconds processor_time{0};
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0, open_files_max = 0;
};
ProcessFigures process_figures();

}  // namespace epay::app
