// What the developer's tools print on standard output and standard error.
#pragma once

#include <string>
#include <string_view>

namespace epay::app {

// A line on standard output, at once.
void print_line(const std::string& line);
// "epay: " and the text on standard error.
void print_notice(const std::string& text);

enum class Colour { plain, green, red, yellow, dim };
// The text in a colour where standard output is a terminal, unless NO_COLOR is set.
std::string coloured(Colour colour, const std::string& text);
// Without what would make a terminal do something: others wrote it.
std::string printable(std::string_view text);
// Filled up with blanks to as many characters.
std::string padded(std::string text, std::size_t width);

}  // namespace epay::app
