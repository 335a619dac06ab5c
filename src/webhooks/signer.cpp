#include "webhooks/signer.h"

#include "base/crypto.h"

namespace epay::webhooks {

std::string sign(const Secret& secret, const SignedContent& content) {
  std::string signed_bytes(content.webhook_id);
  signed_bytes += '.';
  signed_bytes += std::to_string(content.sent_at.unix_seconds());
  signed_bytes += '.';
  signed_bytes += content.body;
  return "v1," + base64_encode(to_bytes(hmac_sha256(secret.reveal(), signed_bytes)));
}

}  // namespace epay::webhooks
