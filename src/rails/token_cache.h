// An access token that a rail gives for a while: fetched once for all who wait for it, renewed before it ends (RAILS
// §7.3.9).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "runtime/clock.h"
#include "runtime/task.h"

namespace epay::rails {

class TokenCache {
 public:
  struct Fresh {
    Secret token;
    microseconds life{0};
  };
  // The function lives as long as the cache, so it may be a closure that is itself a coroutine.
  using Fetch = std::function<Task<Result<Fresh>>()>;

  static constexpr minutes renewed_before_end{10};
  // After a fetch that failed everybody is told so for this long, without asking again.
  static constexpr seconds failure_kept{1};

  TokenCache(Clock& clock, Fetch fetch) : clock_(clock), fetch_(std::move(fetch)) {}

  // Errors: those of the fetch.
  Task<Result<Secret>> get();
  // The rail does not take this token: the next get() fetches another. A token that has been replaced since is no news.
  void reject(const Secret& token);

 private:
  Clock& clock_;
  Fetch fetch_;
  std::optional<Secret> token_;
  Ticks renew_at_, ends_at_;
  std::optional<Error> failure_;
  Ticks failure_until_;
  bool fetching_ = false;
  std::vector<Signal*> waiting_;
};

}  // namespace epay::rails
