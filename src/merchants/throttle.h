// Slows down who tries again and again: some tries are free, then each has to wait twice as long as the one before, up
// to a limit. Nobody is shut out for ever, and whoever is made to wait is told how long.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/timestamp.h"
#include "db/database.h"

namespace epay::merchants {

struct Throttle {
  std::string_view name;  // of what is counted, so that a subject has a count for each
  int free;               // tries without a wait
  seconds first_wait;
  seconds wait_max;
  hours forgotten_after;  // without another try
};

// By the account that a password is tried for. From a browser that has signed in to it before, its tries count by
// themselves, so that strangers do not keep out the owner.
inline constexpr Throttle password_tries{"password", 5, seconds(30), minutes(15), hours(24)};
inline constexpr Throttle password_tries_of_address{"address", 30, seconds(10), minutes(15), hours(1)};
inline constexpr Throttle code_tries{"code", 5, seconds(30), minutes(15), hours(24)};
inline constexpr Throttle letters{"letters", 3, minutes(2), hours(6), hours(24)};  // to an address that asks for them
inline constexpr Throttle strangers{"strangers", 20, seconds(30), hours(1), hours(6)};  // forms of an address
inline constexpr Throttle text_messages{"texts", 3, minutes(5), hours(24), hours(48)};  // to a number, of a merchant
inline constexpr Throttle text_messages_of_address{"texts", 20, minutes(5), hours(24), hours(24)};

// `wait`: it may not be made yet, and was not counted. `used`: which try it is.
struct Try {
  std::optional<microseconds> wait;
  std::int64_t used = 0;
};
// Counts a try before it is made, so that many at once get no further than one after the other.
Try take_try(db::Transaction& tx, const Throttle& throttle, std::string_view subject, Timestamp now);
// Forgets all tries: the right password was given.
void forgive(db::Transaction& tx, const Throttle& throttle, std::string_view subject);
// Takes one try back that was none: somebody at the same address has signed in. A wait that others have earned stays.
void give_back_try(db::Transaction& tx, const Throttle& throttle, std::string_view subject);

}  // namespace epay::merchants
