// The mobile money networks as customers know them: web/networks.json. How a prompt is approved on each is among the
// texts: approval.NAME (one step a line) and, where the network wants a voucher first, voucher.NAME.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/phone_number.h"
#include "pages/texts.h"

namespace epay::pages {

struct NetworkChoice {
  std::string name;   // on the wire: "mtn"
  std::string label;  // "MTN MoMo"
  std::vector<std::string> prefixes;
};

std::span<const NetworkChoice> network_choices();
// The one that has given out numbers like this, "" where none is known. Only a guess: numbers move between networks.
std::string_view guess_network(const PhoneNumber& number);
// "MTN MoMo"; the name itself where it is not known.
std::string network_label(std::string_view name);
// The lines of a text.
std::vector<std::string> steps_of(std::string_view key, const Texts& texts);

// "024 123 4567"
std::string spaced_number(std::string_view national);

}  // namespace epay::pages
