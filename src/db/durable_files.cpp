#include "db/durable_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

namespace epay::db {
namespace {

constexpr mode_t owner_alone = S_IRUSR | S_IWUSR;

std::unexpected<Error> failed(const std::string& doing) {
  return fail(ErrorCode::unavailable, doing + ": " + std::strerror(errno));
}

// Nothing else in this process may have a database open that is opened here: closing it drops the process's locks.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, owner_alone)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool copy_bytes(int from, int to) {
  constexpr std::size_t block_bytes = 1 << 20;
  const auto block = std::make_unique<std::array<char, block_bytes>>();
  for (;;) {
    const ssize_t got = ::read(from, block->data(), block->size());
    if (got == 0) return true;
    if (got < 0 && errno != EINTR) return false;
    if (got > 0 && !write_all(to, {block->data(), static_cast<std::size_t>(got)})) return false;
  }
}

}  // namespace

Result<> copy_private_file(const std::string& from, const std::string& to) {
  const Descriptor source(from, O_RDONLY);
  if (!source.is_open()) return failed("cannot read " + from);
  const Descriptor copy(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!copy.is_open()) return failed("cannot make " + to);
  if (copy_bytes(source.number(), copy.number()) && ::fsync(copy.number()) == 0) return {};
  const auto error = failed("cannot copy " + from + " to " + to);
  ::unlink(to.c_str());
  return error;
}

Result<> give_private_name(const std::string& part, const std::string& to) {
  bool named = false;
  {
    const Descriptor file(part, O_RDONLY);
    // A link, other than a new name, does not take the place of a file.
    named = file.is_open() && ::fchmod(file.number(), owner_alone) == 0 && ::fsync(file.number()) == 0 &&
            ::link(part.c_str(), to.c_str()) == 0;
  }
  const auto error = failed("cannot make " + to + " durable");
  ::unlink(part.c_str());
  if (!named) return error;
  return sync_folder_of(to);
}

Result<> sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const Descriptor folder(parent.empty() ? std::string(".") : parent.string(), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || ::fsync(folder.number()) != 0)
    return failed("cannot make the folder of " + path + " durable");
  return {};
}

}  // namespace epay::db
