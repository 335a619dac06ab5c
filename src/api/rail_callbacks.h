// Where rails call back: POST or PUT /cb/{rail}/{token}, and /cb/{rail} for rails that know one address only and sign.
#pragma once

#include "base/log.h"
#include "http/router.h"
#include "rails/callback_token.h"
#include "rails/rails.h"

namespace epay::api {

// All must outlive the router. A callback is answered at once: the sink asks the rail, and what is not heard today is
// asked for by the poller.
void add_rail_callbacks(http::Router& router, const rails::Rails& rails, const rails::CallbackTokens& tokens,
                        rails::CallbackSink& sink, Log& log);

}  // namespace epay::api
