// CHECK: a condition that must be true whatever a user or a rail does. It stays on in release; when it is false the
// process ends, because going on would mean guessing about money.
#pragma once

namespace epay {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace epay

#define EPAY_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::epay::check_failed(#condition, __FILE__, __LINE__))
