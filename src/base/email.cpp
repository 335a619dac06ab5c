#include "base/email.h"

namespace epay {

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > email_max) return false;
  if (text.find('@', at + 1) != std::string_view::npos) return false;
  for (unsigned char c : text) {
    if (c <= 0x20 || c == 0x7F || c == ',' || c == ';' || c == '<' || c == '>' || c == '"') return false;
  }
  return true;
}

}  // namespace epay
