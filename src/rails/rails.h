// The rails that are switched on, and which of them takes a charge.
#pragma once

#include <memory>
#include <vector>

#include "rails/rail.h"

namespace epay::rails {

class Rails {
 public:
  void add(std::unique_ptr<Rail> rail) { rails_.push_back(std::move(rail)); }
  // The first that serves it; null when none does.
  Rail* route(const Need& need) const;
  // Null when it has been switched off since. A rail may be on in both modes, each with an account of its own.
  Rail* find(RailId id, Mode mode) const;

 private:
  std::vector<std::unique_ptr<Rail>> rails_;
};

}  // namespace epay::rails
