#include "api/event_stream.h"

#include "api/api.h"
#include "api/event_replies.h"
#include "api/query.h"
#include "api/replies.h"
#include "http/server_sent_events.h"

namespace epay::api {
namespace {

constexpr int events_at_once = 50;
// Events are sent together up to about so many bytes, and a larger one by itself: a slow client has write_time_max for
// each piece.
constexpr std::size_t piece_bytes = 16 * 1024;
constexpr milliseconds reconnect_after{1'000};

std::string on_wire(const events::LoggedEvent& event) {
  JsonWriter json;
  write_event(json, event);
  return http::to_wire(
      {.id = std::to_string(event.id.value), .event = std::string(events::name_of(event.type)), .data = json.take()});
}

// Without data: a client takes note of the id, by which it will go on, and hears of no event.
std::string mark_on_wire(EventId cursor) { return "id: " + std::to_string(cursor.value) + "\n\n"; }

Task<Result<>> send(http::BodyWriter& out, const std::vector<events::LoggedEvent>& events) {
  std::string piece;
  for (std::size_t i = 0; i < events.size(); ++i) {
    piece += on_wire(events[i]);
    if (piece.size() < piece_bytes && i + 1 < events.size()) continue;
    if (const auto sent = co_await out.write(piece); !sent) co_return sent;
    piece.clear();
  }
  co_return Result<>();
}

struct Position {
  std::optional<EventId> after;  // none: from now on
  std::optional<events::EventTypes> types;
};

// What a client saw last it says in a header when it reconnects, to an address that may still name an earlier one.
Result<Position> parse_position(const http::Request& request) {
  QueryReader reader(request);
  Position position{{}, reader.types("type")};
  const auto after = request.query_parameter("after");
  if (after != "now") position.after = reader.id<EventId>("after");
  if (const std::string* last = request.headers.find("last-event-id"); last != nullptr && !last->empty()) {
    const auto id = parse_id(*last);
    if (!id) reader.malformed("Last-Event-ID", "must be the id of an event");
    position.after = EventId{id.value_or(0)};
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  return position;
}

}  // namespace

// An open stream; it takes one of its merchant's places as long as it exists.
class EventStreams::Stream {
 public:
  Stream(EventStreams& all, Wanted w) : wanted(std::move(w)), all_(all) {
    ++all_.streams_[wanted.scope.merchant].count;
  }
  ~Stream() {
    const auto place = all_.streams_.find(wanted.scope.merchant);
    if (--place->second.count == 0) all_.streams_.erase(place);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int probes() const { return all_.streams_.at(wanted.scope.merchant).probes; }

  const Wanted wanted;

 private:
  EventStreams& all_;
};

int EventStreams::open_streams(MerchantId merchant) const {
  const auto found = streams_.find(merchant);
  return found == streams_.end() ? 0 : found->second.count;
}

Result<http::Response> EventStreams::open(Wanted wanted) {
  const MerchantId merchant = wanted.scope.merchant;
  if (open_streams(merchant) >= per_merchant_max) {
    // Perhaps some clients are gone, which is found out by sending them something.
    ++streams_[merchant].probes;
    feed_.notify(merchant);
    return fail(ErrorCode::too_many_requests, "There are " + std::to_string(per_merchant_max) +
                                                  " event streams open already, as many as an account may have");
  }
  auto stream = std::make_shared<const Stream>(*this, std::move(wanted));
  return http::event_stream([this, stream](http::BodyWriter& out) { return run(out, stream); });
}

Task<void> EventStreams::run(http::BodyWriter& out, std::shared_ptr<const Stream> stream) {
  const Wanted& wanted = stream->wanted;
  const events::EventQuery query{wanted.scope, wanted.types, events_at_once};
  const Ticks ends_at = clock_.ticks() + std::max(microseconds(0), wanted.expires_at - clock_.now());
  // Before the store is read: what is committed from now on is either found there, or announced.
  webhooks::Feed::Subscription news(feed_, wanted.scope.merchant);
  EventId cursor = wanted.after;
  Ticks heartbeat_at = clock_.ticks() + heartbeat_every;
  int probes = stream->probes();
  const std::string opening = "retry: " + std::to_string(reconnect_after.count()) + "\n" + mark_on_wire(cursor);
  if (!co_await out.write(opening)) co_return;
  while (!news.closed() && clock_.ticks() < ends_at) {
    if (clock_.ticks() >= heartbeat_at || probes != stream->probes()) {
      probes = stream->probes();
      heartbeat_at = clock_.ticks() + heartbeat_every;
      if (!co_await authenticator_.still_grants(wanted.token)) co_return;
      if (!co_await out.write(":\n" + mark_on_wire(cursor))) co_return;
    }
    const auto page = co_await database_.read([&query, cursor](db::Transaction& tx) -> Result<events::EventPage> {
      return events::events_after(tx, query, cursor);
    });
    // A client that is cut off comes again, when the store may be well again.
    if (!page || !co_await send(out, page->events)) co_return;
    cursor = page->cursor;
    if (!page->has_more) co_await news.wait_until(std::min(heartbeat_at, ends_at));
  }
}

Task<http::Response> Api::stream_events(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto position = parse_position(request);
  if (!position) co_return error_response(position.error());
  const Scope scope = grant->integration.scope;
  EventStreams::Wanted wanted{.scope = scope,
                              .types = position->types,
                              .after = position->after.value_or(EventId{}),
                              .expires_at = grant->expires_at,
                              .token = std::string(Authenticator::bearer_token(request))};
  if (!position->after) {
    // Before the answer begins: what happens after it has begun is sent.
    const auto last = co_await database_.read(
        [&](db::Transaction& tx) -> Result<EventId> { return events::last_event(tx, scope.merchant); });
    if (!last) co_return error_response(last.error());
    wanted.after = *last;
  }
  auto response = streams_.open(std::move(wanted));
  co_return response ? *std::move(response) : error_response(response.error());
}

}  // namespace epay::api
