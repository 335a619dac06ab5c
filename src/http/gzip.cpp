#include "http/gzip.h"

#include <zlib.h>

#include "base/check.h"

namespace epay::http {
namespace {

constexpr int level = 6;
constexpr int gzip_window_bits = 15 + 16;  // zlib's word for "with a gzip header"
constexpr int memory_level = 8;
constexpr std::size_t compressed_min = 512;  // below it the header eats what is won

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// "q=0", "q=0.0", "q=0.000": not at all.
bool is_refused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  return at != std::string_view::npos &&
         trim(parameters.substr(at + 2)).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_encoding(const Request& request, std::string_view coding) {
  std::string_view rest = request.headers.get("accept-encoding");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    const std::size_t semicolon = one.find(';');
    if (!equal_ignoring_case(trim(one.substr(0, semicolon)), coding)) continue;
    return semicolon == std::string_view::npos || !is_refused(one.substr(semicolon));
  }
  return false;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  EPAY_CHECK(deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string compressed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  EPAY_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

void compress(const Request& request, Response& response) {
  response.headers.add("Vary", "Accept-Encoding");
  if (response.body.size() < compressed_min || !accepts_encoding(request, "gzip")) return;
  response.body = gzip(response.body);
  response.headers.add("Content-Encoding", "gzip");
}

}  // namespace epay::http
