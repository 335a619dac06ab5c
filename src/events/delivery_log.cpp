#include "events/delivery_log.h"

#include <algorithm>
#include <queue>

#include "events/log_store.h"
#include "events/redelivery.h"

namespace epay::events {
namespace {

// Of one lane, read at once; and of all lanes together, about.
constexpr int lane_rows_min = 4;
constexpr int rows_at_once = 512;

// Events from `first` to `last`, both included.
struct EventRange {
  std::int64_t first = 1;
  std::int64_t last = INT64_MAX;
  bool empty() const { return first > last; }
};

std::vector<LoggedDelivery> read_lane(db::Transaction& tx, LaneKey lane, std::optional<DeliveryStatus> status,
                                      EventRange range, int limit) {
  const bool failures = status == DeliveryStatus::given_up;
  return tx.query_all(
      failures ? store::select_lane_failures : store::select_lane_deliveries,
      [&](const db::Row& row) {
        return LoggedDelivery{.lane = lane,
                              .event = row.id<EventId>(0),
                              .type = row.as<EventType>(1),
                              .mode = row.as<Mode>(2),
                              .payment = row.is_null(3) ? std::nullopt : std::optional(row.id<PaymentId>(3)),
                              .status = row.as<DeliveryStatus>(5),
                              .tries = int(row.integer(6)),
                              .due_at = row.is_null(7) ? std::nullopt : std::optional(row.time(7)),
                              .created_at = row.time(4),
                              .updated_at = row.time(8)};
      },
      lane.merchant, lane.endpoint, range.first, range.last, limit);
}

// A lane's deliveries of a range, newest first, a few of them in memory.
class LaneReader {
 public:
  LaneReader(LaneKey lane, std::optional<DeliveryStatus> status, EventRange range, int rows)
      : lane_(lane), status_(status), range_(range), rows_(rows) {}

  // The next one, if there is one.
  const LoggedDelivery* first(db::Transaction& tx) {
    if (next_ == read_.size() && !range_.empty()) {
      read_ = read_lane(tx, lane_, status_, range_, rows_);
      next_ = 0;
      range_.last = read_.size() < std::size_t(rows_) ? range_.first - 1 : read_.back().event.value - 1;
    }
    return next_ < read_.size() ? &read_[next_] : nullptr;
  }
  LoggedDelivery take() { return std::move(read_[next_++]); }

 private:
  LaneKey lane_;
  std::optional<DeliveryStatus> status_;
  EventRange range_;  // of what has not been read yet
  int rows_;
  std::vector<LoggedDelivery> read_;
  std::size_t next_ = 0;
};

std::vector<LaneKey> lanes_of(db::Transaction& tx, MerchantId merchant, std::optional<EndpointId> endpoint) {
  if (endpoint) return {{merchant, *endpoint}};
  const auto read = [&](const db::Row& row) { return LaneKey{merchant, row.id<EndpointId>(0)}; };
  auto lanes = tx.query_all(store::select_lanes, read, merchant);
  const auto deleted = tx.query_all(store::select_deleted_lanes, read, merchant, deleted_lanes_max);
  lanes.insert(lanes.end(), deleted.begin(), deleted.end());
  return lanes;
}

// What can be in question at all, newest first.
std::vector<EventRange> ranges_of(db::Transaction& tx, const DeliveryQuery& query, std::optional<DeliveryName> before) {
  EventRange all;
  if (query.since) {
    const auto first = first_event_since(tx, query.scope.merchant, *query.since);
    if (!first) return {};
    all.first = first->value;
  }
  if (query.until) {
    const auto beyond = first_event_since(tx, query.scope.merchant, *query.until);
    if (beyond) all.last = beyond->value - 1;
  }
  if (before) all.last = std::min(all.last, before->event.value);
  if (all.empty()) return {};
  if (!query.events) return {all};
  std::vector<EventRange> ranges;
  for (const EventId event : *query.events) {
    if (event.value >= all.first && event.value <= all.last) ranges.push_back({event.value, event.value});
  }
  return ranges;
}

bool lets_through(const DeliveryQuery& query, const LoggedDelivery& delivery) {
  return delivery.mode == query.scope.mode && (!query.status || delivery.status == *query.status) &&
         (!query.types || query.types->contains(delivery.type));
}

// The lanes of a range, merged.
class Merged {
 public:
  Merged(db::Transaction& tx, const DeliveryQuery& query, const std::vector<LaneKey>& lanes, EventRange range,
         std::optional<DeliveryName> before)
      : tx_(tx) {
    const int rows_most = std::max(lane_rows_min, rows_at_once / int(std::max<std::size_t>(1, lanes.size())));
    const int rows = std::clamp(query.limit + 1, lane_rows_min, rows_most);
    for (const LaneKey& lane : lanes) {
      EventRange own = range;
      // Behind the cursor there are only its event's older endpoints.
      if (before && lane.endpoint >= before->endpoint) own.last = std::min(own.last, before->event.value - 1);
      readers_.emplace_back(lane, query.status, own, rows);
    }
    for (std::size_t i = 0; i < readers_.size(); ++i) queue(i);
  }

  bool empty() const { return heads_.empty(); }
  LoggedDelivery take() {
    const std::size_t reader = heads_.top().reader;
    heads_.pop();
    LoggedDelivery taken = readers_[reader].take();
    queue(reader);
    return taken;
  }

 private:
  struct Head {
    EventId event;
    EndpointId endpoint;
    std::size_t reader;
    friend auto operator<=>(const Head&, const Head&) = default;
  };
  void queue(std::size_t reader) {
    if (const auto* first = readers_[reader].first(tx_)) heads_.push({first->event, first->lane.endpoint, reader});
  }

  db::Transaction& tx_;
  std::vector<LaneReader> readers_;
  std::priority_queue<Head> heads_;
};

}  // namespace

DeliveryPage list_deliveries(db::Transaction& tx, const DeliveryQuery& query, std::optional<DeliveryName> before) {
  DeliveryPage page;
  const auto ranges = ranges_of(tx, query, before);
  const auto lanes = ranges.empty() ? std::vector<LaneKey>() : lanes_of(tx, query.scope.merchant, query.endpoint);
  int looked_at = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (looked_at >= deliveries_looked_at_max) {
      page.cursor = DeliveryName{{ranges[i - 1].first}, {}};
      return page;
    }
    looked_at += int(lanes.size());
    for (Merged merged(tx, query, lanes, ranges[i], before); !merged.empty();) {
      ++looked_at;
      LoggedDelivery delivery = merged.take();
      const DeliveryName name = delivery.name();
      if (lets_through(query, delivery)) page.deliveries.push_back(std::move(delivery));
      const bool full = page.deliveries.size() == std::size_t(query.limit);
      if (!full && looked_at < deliveries_looked_at_max) continue;
      if (!merged.empty() || i + 1 < ranges.size()) page.cursor = name;
      return page;
    }
  }
  return page;
}

std::vector<LoggedDelivery> deliveries_of(db::Transaction& tx, MerchantId merchant, EventId event) {
  std::vector<LoggedDelivery> deliveries;
  for (const LaneKey& lane : lanes_of(tx, merchant, {})) {
    for (LoggedDelivery& delivery : read_lane(tx, lane, {}, {event.value, event.value}, 1)) {
      deliveries.push_back(std::move(delivery));
    }
  }
  return deliveries;
}

Result<LoggedDelivery> find_delivery(db::Transaction& tx, Scope scope, DeliveryName name) {
  auto found = read_lane(tx, {scope.merchant, name.endpoint}, {}, {name.event.value, name.event.value}, 1);
  if (found.empty() || found.front().mode != scope.mode) {
    return fail(ErrorCode::not_found, "There is no delivery " + webhook_id(name.event, name.endpoint));
  }
  return std::move(found.front());
}

std::vector<DeliveryAttempt> attempts_of(db::Transaction& tx, LaneKey lane, EventId event) {
  auto attempts = tx.query_all(
      store::select_attempts,
      [&](const db::Row& row) {
        const auto status = row.optional_integer(3);
        return DeliveryAttempt{.lane = lane,
                               .event = event,
                               .number = int(row.integer(0)),
                               .started_at = row.time(1),
                               .endpoint_version = row.integer(2),
                               .status = status ? std::optional(int(*status)) : std::nullopt,
                               .failure = row.optional_string(4),
                               .answer = row.is_null(5) ? "" : row.string(5),
                               .dns = microseconds(row.integer(6)),
                               .connect = microseconds(row.integer(7)),
                               .tls = microseconds(row.integer(8)),
                               .first_byte = microseconds(row.integer(9)),
                               .total = microseconds(row.integer(10))};
      },
      lane.merchant, lane.endpoint, event, attempts_shown_max);
  std::ranges::reverse(attempts);
  return attempts;
}

}  // namespace epay::events
