// One-time passwords by time (RFC 6238) as authenticator apps make them: SHA-1, six digits, steps of 30 s.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/timestamp.h"

namespace epay::merchants {

inline constexpr std::size_t totp_secret_bytes = 20;  // RFC 4226: as long as the hash
inline constexpr int totp_digits = 6;
inline constexpr seconds totp_step{30};
inline constexpr std::int64_t totp_steps_off_max = 1;  // of a telephone's clock, either way

std::int64_t totp_step_at(Timestamp now);
// The code of a step, with zeros in front.
std::string totp_code(const Secret& secret, std::int64_t step, int digits = totp_digits);
// The step, later than `last_used`, whose code this is; nothing when it is none of about now. Blanks are passed over.
std::optional<std::int64_t> matching_totp_step(const Secret& secret, std::string_view code, std::int64_t last_used,
                                               Timestamp now);

// What an app reads from a QR code: otpauth://totp/Epay:ama%40example.com?secret=…&issuer=Epay
std::string totp_uri(const Secret& secret, std::string_view account);
// The secret as people type it into an app: base32, in groups of four.
std::string shown_totp_secret(const Secret& secret);

}  // namespace epay::merchants
