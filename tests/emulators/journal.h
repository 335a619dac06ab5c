// Everything that was asked of an emulator and everything it has told, in order: what tests assert upon.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/timestamp.h"
#include "emulators/state_file.h"
#include "http/message.h"

namespace epay::emulators {

struct JournalEntry {
  std::int64_t number = 0;  // counted by the journal, from 1
  Timestamp at;
  std::string kind;  // "request", "callback"
  std::string method, target;
  http::Headers headers;
  std::string body;
  std::string order;  // the key of the order that it is about, where that is known
  std::string fault;  // which fault was made, as it was given
  int status = 0;     // 0: not answered
  std::string answer;
};

class Journal {
 public:
  // Of a body or an answer, so much is kept.
  static constexpr std::size_t body_bytes_kept = 64 * 1024;
  // What is older than the latest so many is forgotten.
  static constexpr std::size_t entries_max = 200'000;

  explicit Journal(StateFile& state);

  // Gives it its number.
  std::int64_t begin(JournalEntry entry);
  // Kept from now on, also over a restart.
  void end(std::int64_t number, int status, std::string_view answer);
  // Of an entry that has begun; null when it is forgotten.
  JournalEntry* find(std::int64_t number);

  struct Filter {
    std::string kind, method, path, order;  // empty: any; `path` is part of the target
    std::int64_t after = 0;                 // only what has a greater number
  };
  // A JSON array.
  std::string to_json(const Filter& filter) const;

 private:
  StateFile& state_;
  std::vector<JournalEntry> entries_;  // by number
  std::int64_t last_ = 0;
};

}  // namespace epay::emulators
