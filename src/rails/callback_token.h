// The addresses at which rails call back that sign nothing: /cb/{rail}/{token}, where the token is our reference and a
// MAC of it, so that nobody but the rail can name one (RAILS §7.3.12).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"

namespace epay::rails {

class CallbackTokens {
 public:
  explicit CallbackTokens(const Vault& vault) : vault_(vault) {}

  // "https://pay.example.com/cb/mtn/0000010000a0000001b01.5f…"
  std::string address(std::string_view origin, std::string_view rail, std::string_view reference) const;
  // The reference in a token of this rail's addresses; nothing where we did not make it.
  std::optional<std::string> reference_in(std::string_view rail, std::string_view token) const;

 private:
  std::string mac(std::string_view rail, std::string_view reference) const;

  const Vault& vault_;
};

}  // namespace epay::rails
