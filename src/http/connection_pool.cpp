#include "http/connection_pool.h"

namespace epay::http {

void ConnectionPool::forget(ByAge::iterator kept) {
  const auto found = by_destination_.find(kept->destination);
  std::erase(found->second, kept);
  if (found->second.empty()) by_destination_.erase(found);
  by_age_.erase(kept);
}

void ConnectionPool::forget_expired(Ticks now) {
  while (!by_age_.empty() && now - by_age_.front().since >= limits_.idle_time_max) forget(by_age_.begin());
}

std::unique_ptr<Stream> ConnectionPool::take(const std::string& destination, Ticks now) {
  forget_expired(now);
  for (auto found = by_destination_.find(destination); found != by_destination_.end();
       found = by_destination_.find(destination)) {
    const auto newest = found->second.back();
    std::unique_ptr<Stream> stream = std::move(newest->stream);
    found->second.pop_back();
    by_age_.erase(newest);
    if (found->second.empty()) by_destination_.erase(found);
    if (stream->is_reusable()) return stream;
  }
  return nullptr;
}

void ConnectionPool::keep(const std::string& destination, std::unique_ptr<Stream> stream, Ticks now) {
  forget_expired(now);
  if (limits_.per_destination_max == 0 || limits_.total_max == 0) return;
  const auto found = by_destination_.find(destination);
  if (found != by_destination_.end() && found->second.size() >= limits_.per_destination_max)
    forget(found->second.front());
  if (by_age_.size() >= limits_.total_max) forget(by_age_.begin());
  by_age_.push_back({destination, std::move(stream), now});
  by_destination_[destination].push_back(std::prev(by_age_.end()));
}

}  // namespace epay::http
