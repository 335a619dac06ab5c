// What sources disagree about, and what a test wants otherwise: named settings that may change while an emulator runs
// (RAILS §8).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"

namespace epay::emulators {

struct SwitchRule {
  std::string_view name;    // "mtn.callback.method"
  std::string_view values;  // "PUT|POST|alternate"; "duration"; empty for any text
  std::string_view normal;
};

class Switches {
 public:
  explicit Switches(const std::vector<SwitchRule>& rules);

  // The name must be a rule's.
  const std::string& get(std::string_view name) const;
  bool is(std::string_view name, std::string_view value) const { return get(name) == value; }
  microseconds duration(std::string_view name) const;
  // Where the switch stands at "alternate": the other values in turn.
  std::string next(std::string_view name);

  // Errors: not_found (no switch is called so), invalid (not one of its values).
  Result<> set(std::string_view name, std::string_view value);
  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, SwitchRule, std::less<>> rules_;
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::size_t, std::less<>> turns_;
};

// "250ms", as parse_duration() reads it. Part of a millisecond is dropped.
std::string to_text(microseconds duration);

}  // namespace epay::emulators
