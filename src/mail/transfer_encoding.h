// How MIME writes text that is not short lines of ASCII: RFC 2045 for bodies, RFC 2047 for headers.
#pragma once

#include <string>
#include <string_view>

namespace epay::mail {

// A body's text as a MIME part: its two headers about itself, an empty line, the lines. ASCII stays as it is, so that
// people find links whole in a file; anything else is quoted-printable. Line breaks may be LF or CRLF; they become
// CRLF.
std::string mime_part(std::string_view type, std::string_view text);

// Text of a header as encoded words, one a line. The text is UTF-8 without line breaks.
std::string encoded_words(std::string_view text);

}  // namespace epay::mail
