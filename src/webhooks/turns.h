// Who waits for room, served in turn: one merchant after the other, and of a merchant one endpoint after the other.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "events/event.h"

namespace epay::webhooks {

class Turns {
 public:
  // At the end of its merchant's queue.
  void push(events::LaneKey lane) {
    auto& lanes = lanes_[lane.merchant];
    if (lanes.empty()) merchants_.push_back(lane.merchant);
    lanes.push_back(lane);
    ++size_;
  }
  // The next; its merchant goes to the end.
  std::optional<events::LaneKey> pop() {
    if (merchants_.empty()) return std::nullopt;
    const MerchantId merchant = merchants_.front();
    merchants_.pop_front();
    auto& lanes = lanes_[merchant];
    const events::LaneKey lane = lanes.front();
    lanes.pop_front();
    if (lanes.empty()) {
      lanes_.erase(merchant);
    } else {
      merchants_.push_back(merchant);
    }
    --size_;
    return lane;
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

 private:
  std::map<MerchantId, std::deque<events::LaneKey>> lanes_;
  std::deque<MerchantId> merchants_;  // those with lanes, in turn
  std::size_t size_ = 0;
};

}  // namespace epay::webhooks
