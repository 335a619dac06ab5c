#include "app/listener.h"

#include <charconv>
#include <iterator>

#include "app/config.h"
#include "http/raw_json.h"
#include "webhooks/signer.h"

namespace epay::app {
namespace {

// A receiver has as long as Epay would give it.
constexpr seconds local_time_max{15};
// A connection that has lasted this long was a good one.
constexpr seconds good_after{10};

const http::Json* member_at(const http::Json& json, std::initializer_list<std::string_view> path) {
  const http::Json* at = &json;
  for (const std::string_view key : path) {
    at = at->find(key);
    if (at == nullptr) break;
  }
  return at;
}

std::optional<std::int64_t> number_of(const http::Json* json) {
  if (json == nullptr || json->kind != http::Json::Kind::number) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = json->text.data() + json->text.size();
  const auto parsed = std::from_chars(json->text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<StreamedEvent> read_event(const std::string& data) {
  const auto json = http::Json::parse(data);
  if (!json) return std::nullopt;
  const auto id = number_of(json->find("id"));
  const http::Json* type = json->find("type");
  const http::Json* mode = json->find("mode");
  const auto payload = http::raw_member(data, "payload");
  if (!id || type == nullptr || type->text.empty() || !payload) return std::nullopt;
  return StreamedEvent{.id = *id,
                       .type = type->text,
                       .mode = mode != nullptr ? mode->text : "",
                       .sequence = number_of(json->find("sequence")).value_or(1),
                       .payload = std::string(*payload)};
}

std::unexpected<Error> not_events() {
  return fail(ErrorCode::malformed_reply, "what came from the server are no events");
}

}  // namespace

std::string StreamedEvent::webhook_id() const { return "evt_" + std::to_string(id); }

std::string StreamedEvent::reference() const {
  const auto json = http::Json::parse(payload);
  if (!json) return "";
  const http::Json* found = member_at(*json, {"transaction", "reference"});
  if (found == nullptr) found = member_at(*json, {"data", "transaction", "reference"});
  return found != nullptr ? found->text : "";
}

Listener::Listener(Clock& clock, Random& random, ApiClient& api, http::Client& local, ListenerOptions options,
                   ListenerReports reports)
    : clock_(clock),
      random_(random),
      api_(api),
      local_(local),
      options_(std::move(options)),
      reports_(std::move(reports)),
      wake_up_(clock) {}

void Listener::stop() {
  stopping_ = true;
  if (stream_ != nullptr) stream_->close();
  wake_up_.notify();
}

Result<> Listener::keep_cursor(std::int64_t cursor) {
  summary_.cursor = cursor;
  const auto kept = reports_.keep(cursor);
  // Whatever kept it from being kept, connecting anew does not mend it.
  if (!kept) return fail(ErrorCode::refused, kept.error().message);
  return {};
}

Task<Result<>> Listener::run(std::optional<std::int64_t> after) {
  summary_.cursor = after;
  while (!stopping_) {
    const Ticks began = clock_.ticks();
    const auto ended = co_await follow();
    if (stopping_ || ended) continue;
    if (!is_transient(ended.error().code)) co_return ended;
    if (clock_.ticks() - began > good_after) backoff_ = backoff_least;
    co_await wait_before_reconnecting(ended.error());
  }
  co_return Result<>();
}

// The cursor is fixed before the first connection: what happens while that is lost is then not.
Task<Result<>> Listener::begin_now() {
  const auto answer = co_await api_.get("/events?order=newest&limit=1");
  if (!answer) co_return std::unexpected(answer.error());
  const http::Json* events = member_at(*answer, {"events", "data"});
  if (events == nullptr) co_return not_events();
  const http::Json* has_more = member_at(*answer, {"events", "has_more"});
  std::optional<std::int64_t> newest = 0;
  if (!events->items.empty()) {
    newest = number_of(events->items[0].find("id"));
  } else if (has_more != nullptr && has_more->truth) {
    // The server looks only so far back for an event of this mode: none is after what it looked at last.
    newest = number_of(member_at(*answer, {"events", "next_cursor"}));
  }
  if (!newest) co_return not_events();
  co_return keep_cursor(*newest);
}

// One connection, until it ends or, with success, until its token wants renewing.
Task<Result<>> Listener::follow() {
  if (!summary_.cursor) {
    const auto begun = co_await begin_now();
    if (!begun || stopping_) co_return begun;
  }
  std::string target = "/events/stream?after=" + std::to_string(*summary_.cursor);
  if (!options_.types.empty()) target += "&type=" + http::percent_encode(options_.types);
  const auto stream = co_await api_.open(std::move(target));
  if (!stream) co_return std::unexpected(stream.error());
  if (stopping_) co_return Result<>();
  if (std::exchange(in_outage_, false)) {
    reports_.notice(was_connected_ ? "connected again" : "connected");
    if (was_connected_) ++summary_.reconnects;
  }
  was_connected_ = true;
  stream_ = stream->get();
  auto ended = co_await read(**stream);
  stream_ = nullptr;
  co_return ended;
}

Task<Result<>> Listener::read(http::OpenAnswer& stream) {
  http::ServerSentEventParser parser;
  while (!stopping_) {
    const Ticks silent_at = clock_.ticks() + silence_max;
    const Ticks renew_at = api_.renew_at();
    const auto piece = co_await stream.read_some(std::min(silent_at, renew_at));
    if (!piece && piece.error().code == ErrorCode::timed_out) {
      if (clock_.ticks() >= renew_at) co_return Result<>();
      co_return fail(ErrorCode::timed_out, "nothing has come for " + std::to_string(silence_max.count()) + " s");
    }
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) co_return fail(ErrorCode::connection_closed, "the server has ended the stream");
    for (const http::ServerSentEvent& event : parser.put(*piece)) {
      if (stopping_) break;
      if (const auto taken = co_await take(event); !taken) co_return taken;
      backoff_ = backoff_least;
    }
    if (parser.refused()) co_return fail(ErrorCode::too_large, "the server sends an event that is too large to read");
    if (clock_.ticks() >= renew_at) co_return Result<>();
  }
  co_return Result<>();
}

Task<Result<>> Listener::take(const http::ServerSentEvent& streamed) {
  auto event = read_event(streamed.data);
  if (!event) co_return not_events();
  if (event->id <= *summary_.cursor) {
    ++summary_.repeated;
    co_return Result<>();
  }
  const std::int64_t id = event->id;
  const ForwardedEvent forwarded = co_await forward(*std::move(event));
  // What was not taken because there was no more time is the next run's.
  if (stopping_ && !forwarded.taken()) co_return Result<>();
  ++(forwarded.taken() ? summary_.taken : summary_.not_taken);
  if (!forwarded.taken() && options_.strict) {
    reports_.forwarded(forwarded);
    co_return fail(ErrorCode::refused, forwarded.event.webhook_id() + " was not taken; the next run begins with it");
  }
  auto kept = keep_cursor(id);
  reports_.forwarded(forwarded);
  co_return kept;
}

Task<ForwardedEvent> Listener::forward(StreamedEvent event) {
  ForwardedEvent forwarded{.event = std::move(event)};
  forwarding_ = true;
  for (const microseconds wait : try_again_after) {
    co_await try_once(forwarded);
    if (forwarded.taken() || stopping_) break;
    if (forwarded.tries == 1) {
      const std::string why = forwarded.status ? "it answers " + std::to_string(*forwarded.status) : forwarded.failure;
      reports_.notice("the local server does not take " + forwarded.event.webhook_id() + " (" + why +
                      "); trying again");
    }
    co_await wake_up_.wait_until(clock_.ticks() + wait);
    if (stopping_) break;
  }
  if (!forwarded.taken() && !stopping_) co_await try_once(forwarded);
  forwarding_ = false;
  co_return forwarded;
}

Task<void> Listener::try_once(ForwardedEvent& forwarded) {
  const StreamedEvent& event = forwarded.event;
  const std::string id = event.webhook_id();
  const Timestamp now = clock_.now();
  ++forwarded.tries;
  http::Exchange exchange{.url = options_.forward_to, .body = event.payload, .time_max = local_time_max};
  http::Headers& headers = exchange.headers;
  headers.add("content-type", "application/json");
  headers.add("user-agent", webhook_user_agent());
  headers.add("webhook-id", id);
  headers.add("webhook-timestamp", std::to_string(now.unix_seconds()));
  headers.add("webhook-signature", webhooks::sign(options_.secret, {id, now, event.payload}));
  headers.add("epay-event", event.type);
  headers.add("epay-delivery-attempt", std::to_string(forwarded.tries));
  headers.add("epay-sequence", std::to_string(event.sequence));
  headers.add("epay-mode", event.mode);
  const auto report = co_await local_.exchange(std::move(exchange));
  forwarded.took = report.timings.total;
  forwarded.status.reset();
  forwarded.failure.clear();
  if (report.answer) {
    forwarded.status = report.answer->status;
  } else {
    forwarded.failure = report.answer.error().message;
  }
}

Task<void> Listener::wait_before_reconnecting(const Error& why) {
  if (!std::exchange(in_outage_, true)) {
    reports_.notice((was_connected_ ? "the connection is lost (" : "there is no connection (") + why.message +
                    "); trying again until it is there");
  }
  // A fifth either way, so that a service that comes back is not asked by everybody at once.
  const microseconds wait = backoff_ * (80 + static_cast<std::int64_t>(random_.below(41))) / 100;
  backoff_ = std::min(backoff_ * 2, backoff_most);
  co_await wake_up_.wait_until(clock_.ticks() + wait);
}

}  // namespace epay::app
