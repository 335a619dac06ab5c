// Who serves a store, or takes its place, is alone with it.
#pragma once

#include <string>

#include "base/result.h"

namespace epay::app {

// Until this process ends, however that happens: the lock is the kernel's, on `path` with ".lock" added. Two services
// on one file would both send every webhook. Error: unavailable.
Result<> be_alone_with(const std::string& path);

}  // namespace epay::app
