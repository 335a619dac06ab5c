#include "app/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace epay::app {

Result<> be_alone_with(const std::string& path) {
  const std::string lock = path + ".lock";
  const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return fail(ErrorCode::unavailable, "cannot make " + lock + ": " + std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return {};
  ::close(file);
  return fail(ErrorCode::unavailable, "another epay serves " + path + " already");
}

}  // namespace epay::app
