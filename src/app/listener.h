// The developer's webhook tunnel: follows a merchant's live stream of events and POSTs each to a local URL as Epay
// itself would. Its cursor moves when an event is done with, so that no disconnect loses one or gives it twice.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/api_client.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/client.h"
#include "http/server_sent_events.h"
#include "runtime/clock.h"
#include "runtime/random.h"

namespace epay::app {

struct ListenerOptions {
  http::Url forward_to;
  Secret secret;        // signs what is forwarded (Standard Webhooks v1)
  std::string types;    // names, comma-separated; empty: all
  bool strict = false;  // an event that is not taken ends it, and is the next run's first
};

// An event of the stream.
struct StreamedEvent {
  std::int64_t id = 0;
  std::string type;
  std::string mode;
  std::int64_t sequence = 1;
  std::string payload;  // the stored bytes

  // "evt_17": the same on every try of every run, so that a receiver recognises a repetition.
  std::string webhook_id() const;
  // The merchant's reference, where the payload has one.
  std::string reference() const;
};

// What became of an event.
struct ForwardedEvent {
  StreamedEvent event;
  int tries = 0;
  std::optional<int> status;  // the last answer's
  std::string failure;        // why there was none
  microseconds took{0};       // of the last try

  bool taken() const { return status && *status >= 200 && *status < 300; }
};

struct ListenerSummary {
  std::int64_t taken = 0, not_taken = 0;
  std::int64_t reconnects = 0;
  std::int64_t repeated = 0;  // came again, and were passed over
  std::optional<std::int64_t> cursor;
};

// Whom the listener tells.
struct ListenerReports {
  // Keeps the cursor, durable enough to outlive the process. An error ends the listening.
  std::function<Result<>(std::int64_t cursor)> keep;
  std::function<void(const ForwardedEvent&)> forwarded;
  std::function<void(const std::string&)> notice;  // for people: the connection is lost, it is back, …
};

class Listener {
 public:
  // How long nothing may come before the connection counts as dead: the stream has a heartbeat every 15 s.
  static constexpr seconds silence_max{45};
  static constexpr microseconds backoff_least = milliseconds(200), backoff_most = seconds(10);
  static constexpr microseconds try_again_after[] = {milliseconds(200), seconds(1), seconds(3)};

  Listener(Clock& clock, Random& random, ApiClient& api, http::Client& local, ListenerOptions options,
           ListenerReports reports);

  // Follows the events after `after` (without: those from now on) until stop(). Errors: what trying again does not mend
  // (a refused token, an unknown type, `keep` fails), and refused in strict mode.
  Task<Result<>> run(std::optional<std::int64_t> after);
  // Lets the event under way end; nothing new is begun.
  void stop();
  // Whether an event is under way: its local receiver has it.
  bool forwarding() const { return forwarding_; }
  const ListenerSummary& summary() const { return summary_; }

 private:
  Task<Result<>> begin_now();
  Task<Result<>> follow();
  Task<Result<>> read(http::OpenAnswer& stream);
  Task<Result<>> take(const http::ServerSentEvent& streamed);
  Task<ForwardedEvent> forward(StreamedEvent event);
  Task<void> try_once(ForwardedEvent& forwarded);
  Task<void> wait_before_reconnecting(const Error& why);
  Result<> keep_cursor(std::int64_t cursor);

  Clock& clock_;
  Random& random_;
  ApiClient& api_;
  http::Client& local_;
  ListenerOptions options_;
  ListenerReports reports_;
  ListenerSummary summary_;
  http::OpenAnswer* stream_ = nullptr;  // the one being read
  Signal wake_up_;
  microseconds backoff_ = backoff_least;
  bool was_connected_ = false;
  bool in_outage_ = false;
  bool forwarding_ = false;
  bool stopping_ = false;
};

}  // namespace epay::app
