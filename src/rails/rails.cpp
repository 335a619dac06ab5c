#include "rails/rails.h"

namespace epay::rails {

Rail* Rails::route(Mode mode, Channel channel, const Currency& currency) const {
  for (const auto& rail : rails_) {
    if (rail->serves(mode, channel, currency)) return rail.get();
  }
  return nullptr;
}

Rail* Rails::find(RailId id) const {
  for (const auto& rail : rails_) {
    if (rail->id() == id) return rail.get();
  }
  return nullptr;
}

}  // namespace epay::rails
