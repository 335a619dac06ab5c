// Compression of whole bodies.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace epay::http {

// Whether the client takes that coding ("gzip", "br"), by its Accept-Encoding (RFC 9110 §12.5.3).
bool accepts_encoding(const Request& request, std::string_view coding);

// RFC 1952.
std::string gzip(std::string_view bytes);

// Compresses the body where the client takes gzip and it pays; sets Vary either way.
void compress(const Request& request, Response& response);

}  // namespace epay::http
