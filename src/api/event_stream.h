// GET /api/v1/events/stream: a merchant's events as they are committed, as server-sent events. A stream reads the store
// from its cursor on and waits for news; nothing is queued for a reader, however slow it is.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/authenticator.h"
#include "db/database.h"
#include "events/event_log.h"
#include "http/message.h"
#include "runtime/clock.h"
#include "webhooks/feed.h"

namespace epay::api {

class EventStreams {
 public:
  static constexpr int per_merchant_max = 20;
  static constexpr seconds heartbeat_every{15};

  EventStreams(Clock& clock, db::Database& database, webhooks::Feed& feed, Authenticator& authenticator)
      : clock_(clock), database_(database), feed_(feed), authenticator_(authenticator) {}

  struct Wanted {
    Scope scope;
    std::optional<events::EventTypes> types;  // none: all
    EventId after;                            // the last one that the client has seen
    Timestamp expires_at;                     // of the token, and so of the stream
    std::string token;
  };
  // A response that lasts until the token expires or is revoked, the feed is closed, or the client is gone. Error:
  // too_many_requests.
  Result<http::Response> open(Wanted wanted);
  int open_streams(MerchantId merchant) const;

 private:
  struct Streams {
    int count = 0;
    int probes = 0;  // every stream sends something at once when this grows
  };
  class Stream;

  Task<void> run(http::BodyWriter& out, std::shared_ptr<const Stream> stream);

  Clock& clock_;
  db::Database& database_;
  webhooks::Feed& feed_;
  Authenticator& authenticator_;
  std::map<MerchantId, Streams> streams_;
};

}  // namespace epay::api
