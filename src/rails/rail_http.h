// How a connector talks to its rail: one request, and what was heard, sorted by what it proves (RAILS §7.3.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/log.h"
#include "http/client.h"
#include "http/json.h"
#include "rails/rail.h"

namespace epay::rails {

struct RailRequest {
  std::string method = "POST";
  std::string path;  // after the rail's base address, with its query
  http::Headers headers;
  std::string body;
  microseconds time_max = seconds(30);
  // The rail would take a repeat for another order: never sent on a connection that may have died meanwhile.
  bool once = false;
  // For the log: whose order it is.
  std::string_view about = {};
};

// An answer that was read whole. `json` is null where the body is no JSON.
struct RailAnswer {
  int status = 0;
  http::Json json;
  bool is_json = false;
};

// NotSent: no byte of it can have arrived. Unknown: it may have.
using Heard = std::variant<RailAnswer, NotSent, Unknown>;

// What a talk means that gave no answer to read; nothing where there is one.
std::optional<Reply> reply_without_answer(Heard& heard);

inline constexpr microseconds create_time_max = seconds(30);
inline constexpr microseconds query_time_max = seconds(15);
inline constexpr int requests_at_once_max = 64;  // to one rail; more are not sent now

class RailHttp {
 public:
  // `base` is the rail's address, "https://api.example.com/v1", without a slash at its end.
  RailHttp(Log& log, http::Client& client, std::string_view rail, std::string base);

  Task<Heard> send(RailRequest request);

 private:
  Log& log_;
  http::Client& client_;
  std::string_view rail_;
  std::string base_;
  int under_way_ = 0;
};

// "HTTP 502", "HTTP 400 RESOURCE_NOT_FOUND": an answer in a few words, for causes.
std::string in_words(const RailAnswer& answer);

// JSON for the log: secrets, codes and numbers of people hidden, cut where it is long.
std::string hidden(const http::Json& json);

}  // namespace epay::rails
