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

// The published vector: the private key's first half is the seed it grows from.
events::SigningSecret published_key_pair() {
  const std::string pair =
      *base64_decode("6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==");
  return {.scheme = events::SignatureScheme::v1a, .bytes = Secret(pair.substr(0, 32))};
}

TEST(Signer, AgreesWithThePublishedAsymmetricVector) {
  const auto key = published_key_pair();
  EXPECT_EQ(sign(key, {"msg_p5jXN8AQM9LWM0D4loKWxJek", {1614265330'000'000}, R"({"test": 2432232314})"}),
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==");
  EXPECT_EQ(show_verifier(key), "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
}

TEST(Signer, SignsWithEverySecretThatIsGoodThenTheNewestFirst) {
  const auto secret = [](char fill, std::optional<Timestamp> expires_at) {
    return events::SigningSecret{.bytes = Secret(std::string(32, fill)), .expires_at = expires_at};
  };
  const std::vector secrets{secret('n', {}), secret('o', Timestamp{50'000'000}), secret('e', Timestamp{10'000'000})};
  const SignedContent content{"msg_1", {10'000'000}, "{}"};
  EXPECT_EQ(signature_header(secrets, content), sign(secrets[0], content) + " " + sign(secrets[1], content));
}

TEST(Signer, SaysWhyASignatureDoesNotFit) {
  const std::vector<events::SigningSecret> secrets{{.bytes = Secret(std::string(32, 'k'))}};
  const Timestamp now{1'000'000'000'000};
  const std::string timestamp = std::to_string(now.unix_seconds());
  const std::string good = sign(secrets[0], {"msg_1", now, "{}"});
  const auto reason = [&](const SignedMessage& message, Timestamp at) {
    const auto verified = verify(secrets, message, at);
    return verified ? std::string("fits") : verified.error().message;
  };
  const std::string several = "v1,AAAA v1a,BBBB v9,CC " + good;
  EXPECT_EQ(reason({"msg_1", timestamp, good, "{}"}, now), "fits");
  EXPECT_EQ(reason({"msg_1", timestamp, several, "{}"}, now), "fits");
  EXPECT_EQ(reason({"msg_1", timestamp, good, "{}"}, now + seconds(300)), "fits");
  const auto part = [](const std::string& text, const char* expected) {
    EXPECT_NE(text.find(expected), std::string::npos) << text;
  };
  part(reason({"msg_1", timestamp, good, "{}"}, now + seconds(301)), "301 s old");
  part(reason({"msg_1", timestamp, good, "{}"}, now - seconds(301)), "301 s in the future");
  part(reason({"", timestamp, good, "{}"}, now), "webhook-id is missing");
  part(reason({"msg_1", "", good, "{}"}, now), "webhook-timestamp is missing");
  part(reason({"msg_1", "soon", good, "{}"}, now), "number of seconds");
  part(reason({"msg_1", timestamp, "", "{}"}, now), "webhook-signature is missing");
  part(reason({"msg_1", timestamp, "v9,AAAA", "{}"}, now), "known version");
  part(reason({"msg_1", timestamp, good, "{} "}, now), "byte for byte");
  part(reason({"msg_2", timestamp, good, "{}"}, now), "byte for byte");
}

}  // namespace
}  // namespace epay::webhooks
