// What every page of the checkout is within: who it is for, its look, its language, and whether a merchant's site shows
// it in a frame.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "pages/page.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "payments/payment_page.h"

namespace epay::pages {

// A site that shows the page in a frame, as /js/inline.js names itself: it and the page know each other by both.
struct Embedded {
  std::string nonce;   // 32 hex digits
  std::string origin;  // "https://shop.example.com"
};
std::optional<Embedded> embedded_in(const http::Request& request);

// What the customer's way through the pages keeps in their addresses: the language, and the frame. "" or "?lang=fr&…".
std::string kept_query(const http::Request& request);
// The same behind `path`, with `more` ("notice=sent") in it.
std::string with_kept_query(const http::Request& request, std::string path, std::string_view more = {});

// "'none'", "*", or the origins: which sites may show this page. A checkout that the API opened may be shown anywhere.
std::string frame_ancestors_of(const std::optional<payments::PaymentPage>& page);

// What stands in the place of a logo: the first letters of the first two words.
std::string monogram_of(std::string_view name);

// A text with {minutes}: how long to wait, at least one.
std::string wait_message(std::string_view key, microseconds wait, const Texts& texts);

// Fills in what the frame of the template needs and renders it.
struct CheckoutFrame {
  std::string title;
  Mode mode = Mode::live;
  int status = 200;
  std::string frame_ancestors = "*";
  bool scripts = true;  // what is only looked at needs none
  // Seconds after which a browser without script looks again; 0: never.
  int refresh_after = 0;
};
http::Response render_checkout(const http::Request& request, std::string_view template_name, View view,
                               const Texts& texts, Random& random, CheckoutFrame frame);

}  // namespace epay::pages
