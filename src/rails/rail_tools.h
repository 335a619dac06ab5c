// What every connector is given.
#pragma once

#include "base/log.h"
#include "http/client.h"
#include "rails/callback_token.h"
#include "runtime/clock.h"
#include "runtime/random.h"

namespace epay::rails {

struct RailTools {
  Clock& clock;
  Random& random;
  Log& log;
  http::Client& client;
  const CallbackTokens& callbacks;
};

}  // namespace epay::rails
