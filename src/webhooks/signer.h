// Standard Webhooks 1.0.0 signatures, symmetric: "v1," + base64(HMAC-SHA256(secret, id "." timestamp "." body)).
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/timestamp.h"

namespace epay::webhooks {

struct SignedContent {
  std::string_view webhook_id;
  Timestamp sent_at;  // of this try: a retry is signed anew
  std::string_view body;
};

std::string sign(const Secret& secret, const SignedContent& content);

}  // namespace epay::webhooks
