#include "webhooks/feed.h"

namespace epay::webhooks {

Feed::Subscription::Subscription(Feed& feed, MerchantId merchant)
    : feed_(feed), news_(feed.clock_), position_(feed.readers_.emplace(merchant, this)) {}

Feed::Subscription::~Subscription() { feed_.readers_.erase(position_); }

void Feed::notify(MerchantId merchant) {
  const auto [first, last] = readers_.equal_range(merchant);
  for (auto reader = first; reader != last; ++reader) reader->second->news_.notify();
}

void Feed::close() {
  closed_ = true;
  for (const auto& [merchant, reader] : readers_) reader->news_.notify();
}

}  // namespace epay::webhooks
