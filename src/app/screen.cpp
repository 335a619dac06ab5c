#include "app/screen.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/utf8.h"

namespace epay::app {
namespace {

bool on_terminal() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets a variable.
  static const bool shown = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return shown;
}

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::plain: return "";
    case Colour::green: return "\x1b[32m";
    case Colour::red: return "\x1b[31m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::dim: return "\x1b[2m";
  }
  return "";
}

// U+0080 to U+009F, which some terminals obey as they do an escape.
bool is_c1_control(std::string_view character) {
  return character.size() == 2 && character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

void print_line(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void print_notice(const std::string& text) { std::fprintf(stderr, "epay: %s\n", text.c_str()); }

std::string coloured(Colour colour, const std::string& text) {
  if (!on_terminal() || colour == Colour::plain) return text;
  return std::string(code_of(colour)) + text + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const auto byte = static_cast<unsigned char>(character[0]);
    const bool bad = length == 0 || byte < 0x20 || byte == 0x7F || is_c1_control(character);
    shown += bad ? std::string_view("?") : character;
    text.remove_prefix(character.size());
  }
  return shown;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

}  // namespace epay::app
