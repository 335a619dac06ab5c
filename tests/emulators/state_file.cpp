#include "emulators/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/check.h"

namespace epay::emulators {
namespace {

constexpr char between = '\t';  // never in a kind, a key or JSON on one line

}  // namespace

std::shared_ptr<StateFile> StateFile::in_memory() { return std::shared_ptr<StateFile>(new StateFile(-1, true)); }

Result<std::shared_ptr<StateFile>> StateFile::open(const std::string& path) {
  if (path.empty()) return std::shared_ptr<StateFile>(new StateFile(-1, false));
  std::string text;
  {
    std::ifstream stream(path, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(stream), {});
  }
  const std::size_t whole = text.rfind('\n') + 1;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorCode::unavailable, path + " cannot be written: " + std::strerror(errno));
  std::shared_ptr<StateFile> state(new StateFile(file, false));
  if (whole < text.size() && ::ftruncate(file, static_cast<off_t>(whole)) != 0) {
    return fail(ErrorCode::unavailable, path + " cannot be cut: " + std::strerror(errno));
  }
  std::string_view rest = std::string_view(text).substr(0, whole);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    state->read(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return state;
}

StateFile::~StateFile() {
  if (file_ >= 0) ::close(file_);
}

void StateFile::read(std::string_view line) {
  const std::size_t first = line.find(between);
  const std::size_t second = line.find(between, first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return;
  keep(line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1));
}

void StateFile::keep(std::string_view kind, std::string_view key, std::string_view json) {
  Records& records = records_[std::string(kind)];
  std::string whole_key(kind);
  whole_key.append(1, between).append(key);
  const auto [position, is_new] = positions_.try_emplace(std::move(whole_key), records.size());
  if (is_new) records.emplace_back(key, "");
  records[position->second].second = json;
}

void StateFile::put(std::string_view kind, std::string_view key, std::string_view json) {
  if (is_memory_) keep(kind, key, json);
  if (file_ < 0) return;
  std::string line;
  line.reserve(kind.size() + key.size() + json.size() + 3);
  line.append(kind).append(1, between).append(key).append(1, between).append(json).append(1, '\n');
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto count = ::write(file_, rest.data(), rest.size());
    EPAY_CHECK(count > 0 || errno == EINTR);
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

StateFile::Records StateFile::take(std::string_view kind) {
  const auto found = records_.find(kind);
  if (found == records_.end()) return {};
  return is_memory_ ? found->second : std::move(found->second);
}

}  // namespace epay::emulators
