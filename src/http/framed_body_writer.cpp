#include "http/framed_body_writer.h"

namespace epay::http {

Task<Result<>> FramedBodyWriter::write(std::string_view bytes) {
  // An empty chunk would end the body.
  if (bytes.empty() || !so_far_) co_return so_far_;
  if (options_.framing != BodyFraming::chunks) co_return co_await send(bytes);
  const std::string chunk = to_chunk(bytes);
  co_return co_await send(chunk);
}

Task<Result<>> FramedBodyWriter::finish() {
  if (!so_far_ || options_.framing != BodyFraming::chunks) co_return so_far_;
  co_return co_await send(last_chunk);
}

Task<Result<>> FramedBodyWriter::send(std::string_view wire) {
  so_far_ = co_await stream_.write(wire, clock_.ticks() + options_.write_time_max);
  co_return so_far_;
}

}  // namespace epay::http
