// What an emulator knows, where it outlives it: records, each the latest of its kind and key.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace epay::emulators {

class StateFile {
 public:
  // Reads what is there; a last line that a kill cut off is dropped. An empty path keeps nothing. Error: unavailable.
  static Result<std::shared_ptr<StateFile>> open(const std::string& path);
  // Kept as long as this object: for emulators that crash in virtual time.
  static std::shared_ptr<StateFile> in_memory();
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  // Written when it returns: a kill of this process, though not of the machine, loses nothing. `json` is one line.
  void put(std::string_view kind, std::string_view key, std::string_view json);

  // What was there at the start, keys in the order in which they were first put. Each kind can be taken once; in memory
  // ever again, as it stands then.
  using Records = std::vector<std::pair<std::string, std::string>>;
  Records take(std::string_view kind);

 private:
  StateFile(int file, bool is_memory) : file_(file), is_memory_(is_memory) {}
  void read(std::string_view line);
  void keep(std::string_view kind, std::string_view key, std::string_view json);

  int file_;  // -1: none
  bool is_memory_;
  std::map<std::string, Records, std::less<>> records_;
  std::map<std::string, std::size_t, std::less<>> positions_;  // of kind and key
};

}  // namespace epay::emulators
