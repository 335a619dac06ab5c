// What an operator wrote about a rail: an object of the rails file, read member by member. Whatever is wrong is
// collected, and what nobody asked for is wrong too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/currency.h"
#include "base/ids.h"
#include "base/secret.h"
#include "http/json.h"

namespace epay::rails {

class Settings {
 public:
  // `place` names the object in messages: "rails[0]". `problems` is shared with its children, and outlives them.
  Settings(const http::Json& json, std::string place, std::vector<std::string>& problems);

  // Each notes a problem, and gives something to go on with, where the member is missing or wrong.
  std::string text(std::string_view name);
  std::string text_or(std::string_view name, std::string_view otherwise);
  // The secret itself, or {"file": "/run/secrets/…"}: what stands in that file, without its line end.
  Secret secret(std::string_view name);
  // Nothing where it is missing.
  std::optional<Secret> optional_secret(std::string_view name);
  // An http or https address without a path at its end: no slash there.
  std::string address(std::string_view name, std::string_view otherwise);
  Mode mode(std::string_view name);
  Currency currency(std::string_view name, std::string_view otherwise);
  bool flag_or(std::string_view name, bool otherwise);
  struct Range {
    int least = 0, most = 0;
  };
  int number_or(std::string_view name, int otherwise, Range range);
  // Nothing where it is missing.
  std::optional<Settings> object(std::string_view name);
  std::vector<std::string> texts(std::string_view name);

  // Notes every member that was not asked for.
  void end();
  void problem(std::string_view name, std::string_view what);

 private:
  const http::Json* member(std::string_view name);

  const http::Json& json_;
  std::string place_;
  std::vector<std::string>& problems_;
  std::vector<std::string> asked_;
};

}  // namespace epay::rails
