// How long the fields of a request may be, in characters.
#pragma once

#include <algorithm>
#include <string_view>

namespace epay::api {

inline constexpr std::size_t reference_max = 100;
inline constexpr std::size_t name_max = 200;
inline constexpr std::size_t telephone_max = 32;
inline constexpr std::size_t description_max = 1'000;
inline constexpr std::size_t voucher_max = 12;

inline bool is_voucher(std::string_view text) {
  return text.size() == 6 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace epay::api
