#include "webhooks/signer.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace epay::webhooks {
namespace {

struct Row {
  std::string secret_base64;
  std::string id;
  std::int64_t unix_seconds;
  std::string body;
  std::string signature;
};

void check(const Row& row) {
  const Secret secret(*base64_decode(row.secret_base64));
  EXPECT_EQ(sign(secret, {row.id, {row.unix_seconds * 1'000'000}, row.body}), row.signature);
}

TEST(Signer, AgreesWithThePublishedVectors) {
  check({"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})",
         "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="});
  check({"plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121,
         R"({"event_type":"ping","data":{"success":true}})", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="});
}

TEST(Signer, EveryPartIsSigned) {
  const Secret secret(std::string(32, 'k'));
  const std::string signature = sign(secret, {"msg_1", {1'000'000}, "{}"});
  EXPECT_NE(signature, sign(secret, {"msg_2", {1'000'000}, "{}"}));
  EXPECT_NE(signature, sign(secret, {"msg_1", {2'000'000}, "{}"}));
  EXPECT_NE(signature, sign(secret, {"msg_1", {1'000'000}, "{ }"}));
  EXPECT_NE(signature, sign(Secret(std::string(32, 'l')), {"msg_1", {1'000'000}, "{}"}));
}

}  // namespace
}  // namespace epay::webhooks
