#include "emulators/switches.h"

#include <algorithm>

#include "base/check.h"
#include "base/duration.h"

namespace epay::emulators {
namespace {

constexpr std::string_view alternate = "alternate";

std::vector<std::string> split(std::string_view values) {
  std::vector<std::string> out;
  while (!values.empty()) {
    const std::string_view value = values.substr(0, values.find('|'));
    out.emplace_back(value);
    values.remove_prefix(std::min(values.size(), value.size() + 1));
  }
  return out;
}

bool fits(const SwitchRule& rule, std::string_view value) {
  if (rule.values.empty()) return true;
  if (rule.values == "duration") return parse_duration(value).has_value();
  const std::vector<std::string> values = split(rule.values);
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

Switches::Switches(const std::vector<SwitchRule>& rules) {
  for (const SwitchRule& rule : rules) {
    EPAY_CHECK(fits(rule, rule.normal));
    rules_.emplace(rule.name, rule);
    values_.emplace(rule.name, rule.normal);
  }
}

const std::string& Switches::get(std::string_view name) const {
  const auto found = values_.find(name);
  EPAY_CHECK(found != values_.end());
  return found->second;
}

microseconds Switches::duration(std::string_view name) const {
  const auto duration = parse_duration(get(name));
  EPAY_CHECK(duration.has_value());
  return *duration;
}

std::string Switches::next(std::string_view name) {
  const std::string& value = get(name);
  if (value != alternate) return value;
  std::vector<std::string> others = split(rules_.find(name)->second.values);
  std::erase(others, alternate);
  return others[turns_[std::string(name)]++ % others.size()];
}

Result<> Switches::set(std::string_view name, std::string_view value) {
  const auto rule = rules_.find(name);
  if (rule == rules_.end()) return fail(ErrorCode::not_found, "There is no switch " + std::string(name) + ".");
  if (!fits(rule->second, value)) {
    return fail(ErrorCode::invalid, std::string(name) + " takes " + std::string(rule->second.values) + ".");
  }
  values_[rule->first] = value;
  return {};
}

std::string to_text(microseconds duration) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count()) + "ms";
}

}  // namespace epay::emulators
