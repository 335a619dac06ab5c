#include "sms/file_transport.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/phone_number.h"

namespace epay::sms {
namespace {

std::unexpected<Error> cannot(const std::string& what) {
  return fail(ErrorCode::unavailable, "cannot " + what + ": " + std::generic_category().message(errno));
}

Result<> write_whole(const std::string& path, const std::string& content) {
  const std::string unfinished = path + ".part";
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return cannot("make " + unfinished);
  const ssize_t written = ::write(file, content.data(), content.size());
  const bool whole = written == static_cast<ssize_t>(content.size());
  if (::close(file) != 0 || !whole) return cannot("write " + unfinished);
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return cannot("name " + path);
  return {};
}

}  // namespace

Result<std::unique_ptr<FileTransport>> FileTransport::open(std::string folder, Log& log) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    return cannot("make the folder for text messages " + folder);
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return fail(ErrorCode::unavailable, "cannot write text messages into " + folder + ": it is no folder");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return cannot("write text messages into " + folder);
  return std::unique_ptr<FileTransport>(new FileTransport(std::move(folder), log));
}

Task<Result<>> FileTransport::send(Envelope envelope) {
  const std::string path = folder_ + "/" + envelope.id + ".txt";
  if (auto written = write_whole(path, "To: " + envelope.recipient + "\n\n" + envelope.text + "\n"); !written)
    co_return written;
  log_.info("text_message_written", {{"recipient", mask_number(envelope.recipient)}, {"path", path}});
  co_return Result<>();
}

}  // namespace epay::sms
