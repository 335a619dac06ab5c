#include "mail/smtp_transport.h"

#include <gtest/gtest.h>

namespace epay::mail {
namespace {

TEST(SmtpUrl, IsASchemeAHostAndAPort) {
  for (const char* good :
       {"smtp://mail.example.com", "smtp://mail.example.com/", "smtp://mail-1.example.com:587", "smtps://127.0.0.1:465",
        "smtp://[::1]", "smtp://[2001:db8::1]:25", "smtp://localhost:65535"})
    EXPECT_TRUE(check_smtp_url(good).has_value()) << good;
  for (const char* bad : {"",
                          "mail.example.com",
                          "mail.example.com:25",
                          "http://mail.example.com",
                          "SMTP://a",
                          "smtp://",
                          "smtp:///",
                          "smtp://:25",
                          "smtp://a:",
                          "smtp://a:0",
                          "smtp://a:65536",
                          "smtp://a:25x",
                          "smtp://a:25/path",
                          "smtp://a b",
                          "smtp://a\r\nb",
                          "smtp://user:password@a",
                          "smtp://a?x",
                          "smtp://[::1",
                          "smtp://[]",
                          "smtp://[a]b",
                          "smtp://[mail]:25:25"})
    EXPECT_FALSE(check_smtp_url(bad).has_value()) << bad;
}

}  // namespace
}  // namespace epay::mail
