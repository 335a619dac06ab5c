// What `epay listen` remembers between its runs: how far it is, and the secret that it signs with, so that a developer
// configures that once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace epay::app {

struct ListenState {
  std::string server;   // "https://pay.example.com"
  std::string account;  // ApiAccess::account()
  std::optional<std::int64_t> cursor;
  Secret secret;
};

// Where it is kept unless asked for otherwise: a file of its own for each server, account and local URL, in the user's
// folder of states (XDG_STATE_HOME, or ~/.local/state). Error: invalid (no such folder is known).
Result<std::string> default_state_path(const std::string& server, const std::string& account,
                                       const std::string& forward_to);

class ListenStateFile {
 public:
  // Makes the file's folder where it is missing. Errors: unavailable, conflict (another process listens with it).
  static Result<ListenStateFile> open(std::string path);
  ListenStateFile(ListenStateFile&& other) noexcept;
  ListenStateFile& operator=(ListenStateFile&&) = delete;
  ~ListenStateFile();

  const std::string& path() const { return path_; }
  // Nothing when there is none yet. Error: unavailable (unreadable, or no such state).
  Result<std::optional<ListenState>> load() const;
  // Readable by its owner alone; replaced as a whole, so that whoever is killed leaves the old one or the new one.
  // Error: unavailable.
  Result<> save(const ListenState& state) const;

 private:
  ListenStateFile(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // the kernel's: it goes with the process
};

}  // namespace epay::app
