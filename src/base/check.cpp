#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace epay {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "epay: CHECK failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace epay
