#include "http/answer_reader.h"

namespace epay::http {

void AnswerReader::received(std::size_t count) {
  if (auto parsed = parse(count); !parsed) failure_ = std::move(parsed.error());
}

Result<> AnswerReader::parse(std::size_t count) {
  if (count == 0) return parser_.put_end();
  buffer_.received(count);
  const auto used = parser_.put(buffer_.bytes());
  if (!used) return std::unexpected(used.error());
  buffer_.consume(*used);
  // The parser tells a header that is too large; this is a chunk's line or a trailer.
  if (!parser_.complete() && buffer_.bytes().size() >= header_bytes_max_)
    return fail(ErrorCode::malformed_reply, "The answer's header or a chunk's is too large.");
  return {};
}

}  // namespace epay::http
