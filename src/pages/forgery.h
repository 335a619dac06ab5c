// Whether a form that comes in was shown by us: another site can make a browser send one, with its cookies.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "http/form.h"
#include "http/message.h"
#include "runtime/random.h"

namespace epay::pages {

// The token that belongs to `key` (what a cookie holds), under a mask that is new each time: a page is compressed, and
// what stands in it again and again could be guessed from its length (BREACH).
std::string masked_form_token(const Secret& key, Random& random);
bool is_form_token(const Secret& key, std::string_view text);

// What the browser says of where the request comes from: Origin, or Sec-Fetch-Site. A client that says neither has no
// cookies of a visitor either, or a token.
bool comes_from_us(const http::Request& request);

// The form's field `csrf`, or the header X-CSRF-Token, belongs to `key`, and the request comes from us.
bool is_our_form(const http::Request& request, const http::Form& form, const Secret& key);

// Where a form or link may lead within Epay: "/…", but neither another host nor a way out. `otherwise` for all else.
std::string local_path(std::string_view text, std::string_view otherwise);

}  // namespace epay::pages
