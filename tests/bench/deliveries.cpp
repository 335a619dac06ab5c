#include "bench/deliveries.h"

#include <charconv>
#include <cstdio>

#include "base/check.h"
#include "events/event.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

constexpr std::string_view webhook_id_prefix = "msg_";
constexpr db::Sql select_decisions{
    "SELECT p.id, e.id, e.created_at FROM events e JOIN endpoints p ON p.merchant_id = e.merchant_id "
    "WHERE e.created_at >= $1"};

constexpr db::Sql count_forgotten{
    "SELECT COUNT(*) FROM events e JOIN endpoints p ON p.merchant_id = e.merchant_id "
    "LEFT JOIN deliveries d ON d.merchant_id = e.merchant_id AND d.endpoint_id = p.id AND d.event_id = e.id "
    "WHERE e.created_at >= $1 AND (d.event_id IS NULL OR (d.status = $2 AND d.due_at IS NULL))"};

Decisions read_all(db::Transaction& tx, Timestamp since) {
  const auto forgotten = tx.query_one(
      count_forgotten, [](const db::Row& row) { return row.integer(0); }, since, events::DeliveryStatus::waiting);
  return {
      tx.query_all(
          select_decisions,
          [](const db::Row& row) { return Decision{{row.id<EndpointId>(0), row.id<EventId>(1)}, row.time(2)}; }, since),
      forgotten.value_or(0)};
}

Task<void> read(runtime::Reactor& reactor, db::Database& database, Timestamp since, Decisions& decisions) {
  auto found =
      co_await database.read([since](db::Transaction& tx) -> Result<Decisions> { return read_all(tx, since); });
  EPAY_CHECK(found.has_value());
  decisions = *std::move(found);
  reactor.stop();
}

}  // namespace

std::optional<DeliveryName> parse_webhook_id(std::string_view id) {
  if (!id.starts_with(webhook_id_prefix)) return std::nullopt;
  const char* const end = id.data() + id.size();
  DeliveryName name;
  const auto event = std::from_chars(id.data() + webhook_id_prefix.size(), end, name.event.value);
  if (event.ec != std::errc() || event.ptr == end || *event.ptr != '_') return std::nullopt;
  const auto endpoint = std::from_chars(event.ptr + 1, end, name.endpoint.value);
  if (endpoint.ec != std::errc() || endpoint.ptr != end) return std::nullopt;
  return name;
}

Decisions read_decisions(const Store& store, Timestamp since) {
  runtime::Reactor reactor;
  Log log(
      LogLevel::warning, [&] { return reactor.clock().now(); },
      [](LogLevel, std::string_view line) { std::fprintf(stderr, "%.*s\n", int(line.size()), line.data()); });
  const auto database = open_store(reactor.clock(), log, store);
  TaskGroup tasks(reactor.clock(), log, "decisions");
  Decisions decisions;
  tasks.spawn(read(reactor, *database, since, decisions));
  reactor.run();
  return decisions;
}

}  // namespace epay::bench
