// The one door to chance.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace epay::runtime {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;

  // Uniform in [0, bound).
  std::uint64_t below(std::uint64_t bound);
  // Uniform choices of characters.
  std::string text(std::size_t length, std::string_view alphabet);
  std::string bytes(std::size_t count);
  template <std::size_t N>
  std::array<unsigned char, N> array() {
    std::array<unsigned char, N> out;
    fill(out);
    return out;
  }

  static constexpr std::string_view letters_and_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  static constexpr std::string_view hex_digits = "0123456789abcdef";
};

// The operating system's generator, by libsodium. Any thread.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  void fill(std::span<unsigned char> bytes) override;
};

}  // namespace epay::runtime

namespace epay {
using runtime::Random;
}
