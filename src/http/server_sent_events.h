// Server-sent events, as the HTML standard's section 9.2 writes and reads them: lines of fields, a blank line ends an
// event.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/timestamp.h"
#include "http/message.h"

namespace epay::http {

struct ServerSentEvent {
  std::string id;     // what a client that reconnects names as the last it has seen; empty: none
  std::string event;  // its type; empty: "message"
  std::string data;
  std::optional<milliseconds> retry = {};  // how long a client is to wait before it reconnects
  friend bool operator==(const ServerSentEvent&, const ServerSentEvent&) = default;
};

// A comment, for connections on which nothing happens: proxies keep them, and the server notices that a client is gone.
inline constexpr std::string_view heartbeat_on_wire = ":\n\n";

// `id` and `event` hold no line ends, and `id` no NUL: no client could read them. Each line end of `data` (LF, CR or
// CR LF) arrives as LF. An empty id is left out, so the client's last one stays.
std::string to_wire(const ServerSentEvent& event);

// A response that streams events and heartbeats: kept by no cache, and held back by no proxy (nginx listens to
// X-Accel-Buffering).
Response event_stream(std::function<Task<void>(BodyWriter&)> stream);

// Reads a stream of events as its bytes come, cut anywhere. The bytes are UTF-8, and not checked.
class ServerSentEventParser {
 public:
  // Bytes of one event that has not ended: its type, data and id so far, and its present line.
  static constexpr std::size_t event_bytes_max = 1024 * 1024;
  // A longer wait is shortened to this.
  static constexpr milliseconds retry_max = std::chrono::hours(24);

  // The events that these bytes complete. Their `id` is the last that the stream named, be it in an earlier event;
  // `retry` is what this event's lines said. Events without data are passed over, as is one that never ends.
  std::vector<ServerSentEvent> put(std::string_view bytes);

  // An event was larger than event_bytes_max. Nothing after it is read.
  bool refused() const { return refused_; }
  // What to send as Last-Event-ID; empty when there is none.
  const std::string& last_event_id() const { return last_event_id_; }
  // The last that the stream asked for.
  std::optional<milliseconds> retry() const { return retry_; }

 private:
  void end_line(std::vector<ServerSentEvent>& completed);
  void take_field(std::string_view name, std::string_view value);
  void end_event(std::vector<ServerSentEvent>& completed);

  std::string line_;              // so far
  bool is_first_line_ = true;     // which may begin with a byte order mark
  bool last_was_return_ = false;  // so a line feed now belongs to it
  ServerSentEvent event_;         // so far; each line of its data ends in LF, and its id is the one from then on
  std::string last_event_id_;
  std::optional<milliseconds> retry_;
  bool refused_ = false;
};

}  // namespace epay::http
