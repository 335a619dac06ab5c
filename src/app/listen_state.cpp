#include "app/listen_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/crypto.h"
#include "base/json_writer.h"
#include "events/signing_secret.h"
#include "http/json.h"

namespace epay::app {
namespace {

constexpr std::size_t name_length = 16;
constexpr std::size_t state_bytes_max = 64 * 1024;

std::unexpected<Error> failed(const std::string& doing, const std::string& path) {
  return fail(ErrorCode::unavailable, "cannot " + doing + " " + path + ": " + std::generic_category().message(errno));
}

bool write_whole(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<ListenState> parse_state(const std::string& text) {
  const auto json = http::Json::parse(text);
  if (!json) return std::nullopt;
  const auto text_of = [&](std::string_view key) {
    const http::Json* found = json->find(key);
    return found != nullptr ? found->text : std::string();
  };
  auto secret = events::parse_shown_secret(text_of("secret"));
  if (!secret || text_of("server").empty()) return std::nullopt;
  ListenState state{.server = text_of("server"), .account = text_of("account"), .secret = *std::move(secret)};
  const std::string cursor = text_of("cursor");
  if (cursor.empty()) return state;
  std::int64_t number = 0;
  const char* const end = cursor.data() + cursor.size();
  const auto parsed = std::from_chars(cursor.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < 0) return std::nullopt;
  state.cursor = number;
  return state;
}

}  // namespace

Result<std::string> default_state_path(const std::string& server, const std::string& account,
                                       const std::string& forward_to) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return std::string(value != nullptr ? value : "");
  };
  std::string folder = variable("XDG_STATE_HOME");
  if (folder.empty() && !variable("HOME").empty()) folder = variable("HOME") + "/.local/state";
  if (folder.empty()) return fail(ErrorCode::invalid, "--state: give a file, for HOME and XDG_STATE_HOME are not set");
  const std::string hash = hex_encode(to_bytes(sha256(server + "\n" + account + "\n" + forward_to)));
  return folder + "/epay/listen-" + hash.substr(0, name_length) + ".json";
}

Result<ListenStateFile> ListenStateFile::open(std::string path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorCode::unavailable, "cannot make the folder " + folder.string() + ": " + error.message());
  const std::string lock_path = path + ".lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (lock < 0) return failed("make", lock_path);
  if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return ListenStateFile(std::move(path), lock);
  ::close(lock);
  return fail(ErrorCode::conflict,
              "another epay listens with " + path + " already; give this one a --state of its own");
}

ListenStateFile::ListenStateFile(ListenStateFile&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

ListenStateFile::~ListenStateFile() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::optional<ListenState>> ListenStateFile::load() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error) && !error) return std::nullopt;
  std::ifstream file(path_, std::ios::binary);
  std::string text(state_bytes_max, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto state = parse_state(text);
  if (!state) {
    return fail(ErrorCode::unavailable,
                path_ + " is no state of epay listen; remove it to begin anew, or give another --state");
  }
  return state;
}

Result<> ListenStateFile::save(const ListenState& state) const {
  JsonWriter json;
  json.begin_object().member("server", state.server).member("account", state.account).member("cursor", state.cursor);
  json.member("secret", events::show_verifier({.bytes = state.secret})).end_object();
  const std::string next = path_ + ".next";
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return failed("make", next);
  const bool written = write_whole(file, json.take() + "\n");
  const int why = errno;
  ::close(file);
  errno = why;
  if (!written) return failed("write", next);
  if (std::rename(next.c_str(), path_.c_str()) != 0) return failed("replace", path_);
  return {};
}

}  // namespace epay::app
