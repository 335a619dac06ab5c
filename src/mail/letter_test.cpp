#include "mail/letter.h"

#include <gtest/gtest.h>

namespace epay::mail {
namespace {

TEST(Letter, IsTextAndTheSameAsHtml) {
  const Mail mail = write_letter({7}, "ama@example.com",
                                 {.subject = "A new password",
                                  .paragraphs = {"Hello Ama,", "somebody asked.\nWas it you?"},
                                  .link = Link{"Choose it", "https://pay.example.com/r?a=1&b=2"},
                                  .footer = "You have an account."});
  EXPECT_EQ(mail.merchant, MerchantId{7});
  EXPECT_EQ(mail.recipient, "ama@example.com");
  EXPECT_EQ(mail.subject, "A new password");
  EXPECT_EQ(mail.text,
            "Hello Ama,\n\nsomebody asked.\nWas it you?\n\nChoose it:\nhttps://pay.example.com/r?a=1&b=2\n\n"
            "--\nYou have an account.\n");
  for (const char* part :
       {">A new password</h1>", ">Hello Ama,</p>", ">somebody asked.<br>\nWas it you?</p>",
        "<a href=\"https://pay.example.com/r?a=1&amp;b=2\"", ">Choose it</a>", ">You have an account.</p>"}) {
    EXPECT_TRUE(mail.html->contains(part)) << part << " in " << *mail.html;
  }
}

TEST(Letter, WhatOthersWroteStaysText) {
  const Mail mail = write_letter({7}, "ama@example.com",
                                 {.subject = "From <b>\"Kofi\"</b>\r\nBcc: x@example.com",
                                  .paragraphs = {"<script>alert('x')</script>"},
                                  .link = Link{"<i>", "https://a/\"onclick=\"x"}});
  EXPECT_EQ(mail.subject, "From <b>\"Kofi\"</b>  Bcc: x@example.com");
  for (const char* part : {"<b>", "<script>", "<i>", "\"onclick=\""}) EXPECT_FALSE(mail.html->contains(part)) << part;
  EXPECT_TRUE(mail.text.contains("<script>alert('x')</script>\n"));
}

TEST(Letter, IsShortWhenThereIsLittleToSay) {
  const Mail mail = write_letter({7}, "ama@example.com", {.subject = "Hello", .paragraphs = {"You are in."}});
  EXPECT_EQ(mail.text, "You are in.\n\n");
  EXPECT_FALSE(mail.html->contains("<a "));
}

}  // namespace
}  // namespace epay::mail
