// What our code says of a failure, whichever rail it was: MTN's names, which say the most (RAILS §1.7). Connectors map
// what their rail says to these where they know what it means; the pages have a text for each.
#pragma once

#include <string_view>

namespace epay::rails::failure {

inline constexpr std::string_view low_balance = "NOT_ENOUGH_FUNDS";
inline constexpr std::string_view limit = "PAYER_LIMIT_REACHED";
inline constexpr std::string_view rejected = "APPROVAL_REJECTED";
inline constexpr std::string_view too_late = "EXPIRED";
inline constexpr std::string_view no_wallet = "PAYER_NOT_FOUND";
inline constexpr std::string_view wrong_code = "INVALID_OTP";
inline constexpr std::string_view card_declined = "CARD_DECLINED";
inline constexpr std::string_view not_permitted = "NOT_ALLOWED";
// Wrong keys, wrong settings, a request that the rail cannot read: the operator's to mend.
inline constexpr std::string_view configuration = "CONFIGURATION";
inline constexpr std::string_view network = "SERVICE_UNAVAILABLE";
// Nothing is known but that it failed.
inline constexpr std::string_view declined = "DECLINED";

}  // namespace epay::rails::failure
