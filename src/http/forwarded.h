// Who asks, and at which address of ours: from the connection, or from a trusted proxy's word.
#pragma once

#include "http/message.h"
#include "http/server.h"

namespace epay::http {

// Sets `client` and `origin`.
void identify_client(Request& request, const IpAddress& peer, const ServerOptions& options);

}  // namespace epay::http
