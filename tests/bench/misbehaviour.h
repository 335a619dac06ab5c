// What a receiver can do to a sender instead of answering.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/clock.h"
#include "runtime/network.h"

namespace epay::bench {

enum class Misbehaviour {
  hang,      // takes the request and never answers
  drip,      // the answer's header, then one byte a second
  flood,     // an answer of 10 GB
  close,     // closes in the middle of the answer's body
  redirect,  // sends elsewhere, to followed_path
  interim,   // answers 1xx for ever
  chunking,  // a chunked answer that is none
};

struct NamedMisbehaviour {
  std::string_view name;
  Misbehaviour kind;
};
inline constexpr std::array<NamedMisbehaviour, 7> misbehaviours{{{"hang", Misbehaviour::hang},
                                                                 {"drip", Misbehaviour::drip},
                                                                 {"flood", Misbehaviour::flood},
                                                                 {"close", Misbehaviour::close},
                                                                 {"redirect", Misbehaviour::redirect},
                                                                 {"interim", Misbehaviour::interim},
                                                                 {"chunking", Misbehaviour::chunking}}};
std::string_view name_of(Misbehaviour kind);
std::optional<Misbehaviour> parse_misbehaviour(std::string_view name);

inline constexpr std::string_view followed_path = "/followed";

// Answers a request, until the sender has had enough of it. Gives whether the connection can take another. `poured`
// counts the bytes of bodies that the kernel has taken.
Task<bool> misbehave(Misbehaviour kind, Stream& stream, Clock& clock, std::atomic<std::int64_t>& poured);

}  // namespace epay::bench
