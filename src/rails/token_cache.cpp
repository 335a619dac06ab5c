#include "rails/token_cache.h"

namespace epay::rails {

Task<Result<Secret>> TokenCache::get() {
  while (fetching_) {
    // One that is still good serves while another is fetched.
    if (token_ && clock_.ticks() < ends_at_) co_return *token_;
    Signal fetched(clock_);
    waiting_.push_back(&fetched);
    co_await fetched.wait();
  }
  if (token_ && clock_.ticks() < renew_at_) co_return *token_;
  if (failure_ && clock_.ticks() < failure_until_) {
    if (token_ && clock_.ticks() < ends_at_) co_return *token_;
    co_return std::unexpected(*failure_);
  }
  fetching_ = true;
  const Ticks began = clock_.ticks();
  auto fresh = co_await fetch_();
  fetching_ = false;
  if (fresh) {
    failure_.reset();
    token_ = std::move(fresh->token);
    ends_at_ = began + fresh->life;
    // A short life is used to its half.
    renew_at_ = began + std::max(fresh->life - microseconds(renewed_before_end), fresh->life / 2);
  } else {
    failure_ = fresh.error();
    failure_until_ = clock_.ticks() + failure_kept;
  }
  for (Signal* waiting : std::exchange(waiting_, {})) waiting->notify();
  if (fresh) co_return *token_;
  if (token_ && clock_.ticks() < ends_at_) co_return *token_;
  co_return std::unexpected(*failure_);
}

void TokenCache::reject(const Secret& token) {
  if (token_ && token_->equals(token.reveal())) token_.reset();
}

}  // namespace epay::rails
