#include "rails/rails.h"

namespace epay::rails {

Rail* Rails::route(const Need& need) const {
  for (const auto& rail : rails_) {
    if (rail->serves(need)) return rail.get();
  }
  return nullptr;
}

Rail* Rails::find(RailId id, Mode mode) const {
  for (const auto& rail : rails_) {
    if (rail->id() == id && rail->serves_mode(mode)) return rail.get();
  }
  return nullptr;
}

}  // namespace epay::rails
