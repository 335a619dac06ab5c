#include "mail/message.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "mail/transfer_encoding.h"

namespace epay::mail {
namespace {

Draft draft() {
  return {.id = "epay.7.1.1",
          .date = {1'795'564'987'000'000},
          .from = {"Epay", "pay@example.com"},
          .recipient = "ama@example.org",
          .subject = "Two tickets",
          .text = "Hello\n.\n..dots\nend"};
}

TEST(Compose, PlainTextStandsAsItIs) {
  EXPECT_EQ(compose(draft()).value(),
            "Date: Wed, 25 Nov 2026 00:03:07 +0000\r\n"
            "From: Epay <pay@example.com>\r\n"
            "To: <ama@example.org>\r\n"
            "Subject: Two tickets\r\n"
            "Message-ID: <epay.7.1.1@example.com>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "Hello\r\n.\r\n..dots\r\nend\r\n");
}

TEST(Compose, HtmlIsAnAlternative) {
  Draft with_html = draft();
  with_html.html = "<p>Hello</p>";
  const std::string message = compose(with_html).value();
  const auto at = message.find("boundary=\"");
  ASSERT_NE(at, std::string::npos);
  const std::string boundary = message.substr(at + 10, message.find('"', at + 10) - at - 10);
  const std::string body = message.substr(message.find("\r\n\r\n") + 2);
  EXPECT_EQ(body, "\r\n--" + boundary +
                      "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                      "Hello\r\n.\r\n..dots\r\nend\r\n\r\n--" +
                      boundary +
                      "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                      "<p>Hello</p>\r\n\r\n--" +
                      boundary + "--\r\n");
  EXPECT_EQ(compose(with_html).value(), message) << "the same on every try";
}

// A message whose `field` is `text`.
Result<std::string> compose_with(std::string Draft::* field, const std::string& text) {
  Draft changed = draft();
  changed.*field = text;
  return compose(changed);
}

TEST(Compose, NobodyWritesHeadersOfTheirOwn) {
  const std::vector<std::string> breaks = {"\r\n", "\n", "\r", std::string(1, '\0'), "\x7F", "\t"};
  for (const std::string& broken : breaks) {
    const std::string injected = "a" + broken + "Bcc: all@example.com";
    SCOPED_TRACE(injected);
    EXPECT_EQ(compose_with(&Draft::subject, injected).error().code, ErrorCode::invalid);
    EXPECT_EQ(compose_with(&Draft::recipient, "ama@example.com" + broken + "Bcc: x").error().code, ErrorCode::invalid);
    EXPECT_EQ(compose_with(&Draft::id, injected).error().code, ErrorCode::invalid);
    Draft changed = draft();
    changed.from.name = injected;
    EXPECT_EQ(compose(changed).error().code, ErrorCode::invalid);
    changed = draft();
    changed.from.email = "pay@example.com" + broken;
    EXPECT_EQ(compose(changed).error().code, ErrorCode::invalid);
  }
}

TEST(Compose, RefusesWhatNoReaderCouldShow) {
  EXPECT_EQ(compose_with(&Draft::subject, "\xFF").error().message, "the mail's subject must be one line of UTF-8 text");
  EXPECT_EQ(compose_with(&Draft::subject, std::string(subject_max + 1, 'x')).error().message,
            "the mail's subject has more than 500 bytes");
  EXPECT_TRUE(compose_with(&Draft::subject, std::string(subject_max, 'x')).has_value());
  EXPECT_EQ(compose_with(&Draft::text, "\xC3").error().message, "the mail's text is not UTF-8 text");
  EXPECT_EQ(compose_with(&Draft::text, std::string(body_max + 1, 'x')).error().message,
            "the mail's text has more than 1048576 bytes");
  Draft changed = draft();
  changed.html = "\xFF";
  EXPECT_EQ(compose(changed).error().message, "the mail's HTML is not UTF-8 text");
}

// The text behind encoded words, as a reader shows it; lines of at most 76 characters.
std::string decoded(std::string_view words, std::size_t first_line_at) {
  std::string text;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find("\r\n "), words.size());
    const std::string_view word = words.substr(0, end);
    EXPECT_LE(word.size() + std::exchange(first_line_at, 1), 76u);
    EXPECT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?=")) << word;
    const std::string bytes = base64_decode(word.substr(10, word.size() - 12)).value();
    text += bytes;
    words.remove_prefix(std::min(end + 3, words.size()));
  }
  return text;
}

TEST(Compose, HeadersThatAreNotPlainAreEncoded) {
  const std::string subjects[] = {
      "Reçu", "₵22.50 – “Kofi”", std::string(70, 'x'),
      "=?UTF-8?B?QQ==?=", "x" + std::string(160, 'e') + "例え🎟例え🎟例え🎟例え🎟例え🎟例え🎟例え🎟例え🎟例え🎟"};
  for (const std::string& subject : subjects) {
    SCOPED_TRACE(subject);
    const std::string message = compose_with(&Draft::subject, subject).value();
    const std::size_t at = message.find("\r\nSubject: ") + 11;
    EXPECT_EQ(decoded(message.substr(at, message.find("\r\nMessage-ID") - at), 9), subject);
  }
  Draft changed = draft();
  changed.from.name = "Épay, Ltd.";
  const std::string message = compose(changed).value();
  const std::size_t at = message.find("\r\nFrom: ") + 8;
  EXPECT_EQ(decoded(message.substr(at, message.find("\r\n <pay@example.com>\r\n") - at), 6), "Épay, Ltd.");
}

TEST(MimePart, QuotesWhatIsNotShortAscii) {
  struct Row {
    std::string text, lines;
  };
  const Row rows[] = {
      {"café = \t\nb \n", "caf=C3=A9 =3D =09\r\nb=20\r\n"},
      {"é\r\n\r\nb", "=C3=A9\r\n\r\nb\r\n"},
      {"é\rb", "=C3=A9=0Db\r\n"},
      {"é" + std::string(69, 'x'), "=C3=A9" + std::string(69, 'x') + "\r\n"},
      {"é" + std::string(70, 'x'), "=C3=A9" + std::string(69, 'x') + "=\r\nx\r\n"},
      {std::string(73, 'x') + "é", std::string(73, 'x') + "=\r\n=C3=A9\r\n"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(
        mime_part("text/plain", row.text),
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + row.lines);
  }
  EXPECT_TRUE(mime_part("text/plain", std::string(998, 'x')).contains("7bit"));
  const std::string long_line = mime_part("text/plain", std::string(999, 'x'));
  EXPECT_TRUE(long_line.contains("quoted-printable"));
  EXPECT_TRUE(mime_part("text/plain", "").ends_with("7bit\r\n\r\n"));
}

TEST(Addresses, OnesThatAServerCanBeAsked) {
  for (const char* good : {"a@b", "ama.mensah+shop@mail.example.com", "o'neil@example.com", "epay@localhost"})
    EXPECT_TRUE(is_deliverable(good)) << good;
  for (const char* bad :
       {"",      "a",     "@b",   "a@",   "a@b@c",  "a b@c",  "a(b)@c", "\"a\"@b", "a@[127.0.0.1]", "a@b>",
        "é@b.c", "a@é.c", ".a@b", "a.@b", "a..b@c", "a@b..c", "a@.b",   "a@b\r\n", "a:b@c",         "a\\b@c"})
    EXPECT_FALSE(is_deliverable(bad)) << bad;
  EXPECT_TRUE(is_deliverable(std::string(64, 'a') + "@b"));
  EXPECT_FALSE(is_deliverable(std::string(65, 'a') + "@b"));
  EXPECT_EQ(masked("ama@example.com"), "a***@example.com");
  EXPECT_EQ(masked("ama"), "***");
}

TEST(Addresses, AreReadWithAndWithoutAName) {
  struct Row {
    const char *text, *name, *email;
  };
  for (const Row& row : {Row{"pay@example.com", "", "pay@example.com"}, Row{" pay@example.com ", "", "pay@example.com"},
                         Row{"Epay Ghana <pay@example.com>", "Epay Ghana", "pay@example.com"},
                         Row{"\"Épay, Ltd.\" <pay@example.com>", "Épay, Ltd.", "pay@example.com"},
                         Row{"<pay@example.com>", "", "pay@example.com"}}) {
    const auto address = Address::parse(row.text);
    ASSERT_TRUE(address.has_value()) << row.text;
    EXPECT_EQ(address->name, row.name);
    EXPECT_EQ(address->email, row.email);
  }
  for (const char* bad : {"", "Epay", "Epay <pay>", "Epay pay@example.com", "a\"b <pay@example.com>",
                          "Epay <pay@example.com", "a\r\nBcc: x <pay@example.com>"})
    EXPECT_FALSE(Address::parse(bad).has_value()) << bad;
}

}  // namespace
}  // namespace epay::mail
