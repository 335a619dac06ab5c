#include "mail/message.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/utf8.h"
#include "mail/transfer_encoding.h"

namespace epay::mail {
namespace {

// "Tue, 24 Nov 2026 23:43:07 +0000"
std::string date_text(Timestamp date) {
  using namespace std::chrono;
  constexpr std::array days_of_week = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_days day = floor<days>(sys_time<microseconds>(microseconds(date.micros)));
  const year_month_day civil{day};
  const std::string wire = date.to_wire();  // "2026-11-24 23:43:07"
  return std::string(days_of_week[weekday(day).c_encoding()]) + ", " + wire.substr(8, 2) + " " +
         months[unsigned(civil.month()) - 1] + " " + wire.substr(0, 4) + " " + wire.substr(11) + " +0000";
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// A line break in a header begins another header, of whoever wrote the text.
Result<> check_header(std::string_view field, std::string_view text) {
  if (has_control_characters(text) || !is_utf8(text)) {
    return fail(ErrorCode::invalid, "the mail's " + std::string(field) + " must be one line of UTF-8 text");
  }
  if (text.size() > subject_max) {
    return fail(ErrorCode::invalid,
                "the mail's " + std::string(field) + " has more than " + std::to_string(subject_max) + " bytes");
  }
  return {};
}

Result<> check_body(std::string_view field, std::string_view text) {
  if (!is_utf8(text)) return fail(ErrorCode::invalid, "the mail's " + std::string(field) + " is not UTF-8 text");
  if (text.size() > body_max) {
    return fail(ErrorCode::invalid,
                "the mail's " + std::string(field) + " has more than " + std::to_string(body_max) + " bytes");
  }
  return {};
}

Result<> check(const Draft& draft) {
  if (!is_deliverable(draft.from.email)) return fail(ErrorCode::invalid, "the mail's sender is no address");
  if (!is_deliverable(draft.recipient)) return fail(ErrorCode::invalid, "the mail's recipient is no address");
  const auto id_is_plain = std::ranges::all_of(
      draft.id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.'; });
  if (draft.id.empty() || !id_is_plain) return fail(ErrorCode::invalid, "the mail's id is no plain word");
  if (auto checked = check_header("sender", draft.from.name); !checked) return checked;
  if (auto checked = check_header("subject", draft.subject); !checked) return checked;
  if (auto checked = check_body("text", draft.text); !checked) return checked;
  return check_body("HTML", draft.html.value_or(""));
}

// Plain text that fits on its line stands as it is. What only looks like an encoded word must not be read as one.
std::string subject_text(const std::string& subject) {
  constexpr std::size_t plain_max = 69;  // with "Subject: " 78, RFC 5322's wish
  const bool ascii = std::ranges::all_of(subject, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii && subject.size() <= plain_max && !subject.contains("=?") ? subject : encoded_words(subject);
}

std::string from_text(const Address& from) {
  constexpr std::size_t plain_max = 60;
  std::string email = "<" + from.email + ">";
  if (from.name.empty()) return email;
  // Outside quotes a dot or a comma in the name would have a meaning.
  const bool plain = std::ranges::all_of(from.name, [](char c) {
    return c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (plain && from.name.size() <= plain_max) return from.name + " " + email;
  return encoded_words(from.name) + "\r\n " + email;
}

std::string content_of(const Draft& draft) {
  if (!draft.html) return mime_part("text/plain", draft.text);
  // No text holds the hash of itself.
  const std::string boundary = "=_" + hex_encode(to_bytes(sha256(draft.id + draft.text + *draft.html))).substr(0, 32);
  // The line break before the dashes belongs to them, so that each part keeps its own last one.
  const std::string delimiter = "\r\n--" + boundary;
  return "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n" + delimiter + "\r\n" +
         mime_part("text/plain", draft.text) + delimiter + "\r\n" + mime_part("text/html", *draft.html) + delimiter +
         "--\r\n";
}

}  // namespace

Result<std::string> compose(const Draft& draft) {
  if (const auto checked = check(draft); !checked) return std::unexpected(checked.error());
  const std::string domain = draft.from.email.substr(draft.from.email.find('@') + 1);
  std::string message = "Date: " + date_text(draft.date) + "\r\n";
  message += "From: " + from_text(draft.from) + "\r\n";
  message += "To: <" + draft.recipient + ">\r\n";
  message += "Subject: " + subject_text(draft.subject) + "\r\n";
  message += "Message-ID: <" + draft.id + "@" + domain + ">\r\n";
  // No out-of-office reply comes back (RFC 3834).
  message += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  return message + content_of(draft);
}

}  // namespace epay::mail
