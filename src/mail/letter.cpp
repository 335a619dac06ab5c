#include "mail/letter.h"

#include "base/html.h"

namespace epay::mail {
namespace {

// Styles stand at the elements: many readers drop a sheet. Explicit colours on both sides keep dark modes readable.
constexpr std::string_view body_style =
    "margin:0;padding:24px 12px;background:#f1f5f9;color:#0f172a;font:16px/1.55 system-ui,-apple-system,'Segoe "
    "UI',Roboto,sans-serif";
constexpr std::string_view card_style =
    "max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border-radius:12px;overflow-wrap:anywhere";
constexpr std::string_view heading_style = "margin:0 0 16px;font-size:20px;line-height:1.3;color:#0f172a";
constexpr std::string_view paragraph_style = "margin:0 0 16px;color:#0f172a";
constexpr std::string_view button_style =
    "display:inline-block;padding:12px 22px;background:#047857;color:#ffffff;border-radius:8px;font-weight:600;"
    "text-decoration:none";
constexpr std::string_view small_style = "margin:16px 0 0;font-size:13px;color:#475569";

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

// An element of its own line, with escaped text; a line break in the text shows as one.
std::string element(std::string_view tag, std::string_view style, std::string_view text) {
  std::string content;
  for (const char c : escape_html(text)) {
    if (c == '\n') content += "<br>";
    content += c;
  }
  return "<" + std::string(tag) + " style=\"" + std::string(style) + "\">" + content + "</" + std::string(tag) + ">\n";
}

std::string text_of(const Letter& letter) {
  std::string text;
  for (const std::string& paragraph : letter.paragraphs) text += paragraph + "\n\n";
  if (letter.link) text += letter.link->label + ":\n" + letter.link->url + "\n\n";
  if (!letter.footer.empty()) text += "--\n" + letter.footer + "\n";
  return text;
}

std::string link_html(const Link& link) {
  const std::string url = escape_html(link.url);
  return "<p style=\"margin:24px 0\"><a href=\"" + url + "\" style=\"" + std::string(button_style) + "\">" +
         escape_html(link.label) + "</a></p>\n" +
         element("p", small_style, "If the button does not work, open this address: " + link.url);
}

std::string html_of(const Letter& letter, const std::string& subject) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>" +
      escape_html(subject) + "</title></head>\n<body style=\"" + std::string(body_style) + "\">\n<div style=\"" +
      std::string(card_style) + "\">\n" + element("h1", heading_style, subject);
  for (const std::string& paragraph : letter.paragraphs) html += element("p", paragraph_style, paragraph);
  if (letter.link) html += link_html(*letter.link);
  if (!letter.footer.empty()) html += element("p", small_style, letter.footer);
  return html + "</div>\n</body></html>\n";
}

}  // namespace

Mail write_letter(MerchantId merchant, std::string recipient, const Letter& letter) {
  const std::string subject = one_line(letter.subject);
  return {merchant, std::move(recipient), subject, text_of(letter), html_of(letter, subject)};
}

}  // namespace epay::mail
