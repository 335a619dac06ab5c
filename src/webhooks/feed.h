// Tells live readers of a merchant's events (streams, waiting pages) that there are new ones: they then read the store.
// Reactor thread only.
#pragma once

#include <map>

#include "base/ids.h"
#include "runtime/clock.h"

namespace epay::webhooks {

class Feed {
 public:
  explicit Feed(Clock& clock) : clock_(clock) {}

  // One reader. What is published from its making on is noticed by the next wait_until().
  class Subscription {
   public:
    Subscription(Feed& feed, MerchantId merchant);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    // Until something new was published, the feed is closed, or `due`.
    auto wait_until(Ticks due) { return news_.wait_until(due); }
    bool closed() const { return feed_.closed_; }

   private:
    friend class Feed;
    Feed& feed_;
    Signal news_;
    std::multimap<MerchantId, Subscription*>::iterator position_;
  };

  void notify(MerchantId merchant);
  // The service stops: readers are to end.
  void close();
  std::size_t readers() const { return readers_.size(); }
  std::size_t readers_of(MerchantId merchant) const { return readers_.count(merchant); }

 private:
  Clock& clock_;
  std::multimap<MerchantId, Subscription*> readers_;
  bool closed_ = false;
};

}  // namespace epay::webhooks
