// What a password must be. Each refusal has a reason that a person can act on.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

namespace epay::merchants {

inline constexpr std::size_t password_min = 10;  // characters
inline constexpr std::size_t password_max_bytes = 256;

enum class PasswordFault {
  too_short,
  too_long,
  common,    // among those that are tried first, also with digits or signs added
  personal,  // made of what is known of its owner
  simple     // few different characters, or a run of neighbours
};

// `personal`: the owner's address, names and telephone. Nothing when the password will do.
std::optional<PasswordFault> password_fault(std::string_view password,
                                            std::initializer_list<std::string_view> personal);

// "password_short" and so on: keys of texts.
std::string_view code_of(PasswordFault fault);

}  // namespace epay::merchants
