// A mail in plain good looks: some paragraphs and perhaps one thing to click, as text and as HTML.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mail/mail.h"

namespace epay::mail {

struct Link {
  std::string label;  // "Choose a new password"
  std::string url;
};

// Plain text throughout; line breaks in the subject become blanks.
struct Letter {
  std::string subject;
  std::vector<std::string> paragraphs;
  std::optional<Link> link;  // stands after the paragraphs
  std::string footer;        // small print, why one gets this; may be empty
};

// The letter, ready to be queued.
Mail write_letter(MerchantId merchant, std::string recipient, const Letter& letter);

}  // namespace epay::mail
