// The body of a streamed response on its way to a client.
#pragma once

#include <string_view>

#include "http/message.h"
#include "http/response_writer.h"
#include "runtime/clock.h"
#include "runtime/network.h"

namespace epay::http {

class FramedBodyWriter final : public BodyWriter {
 public:
  struct Options {
    BodyFraming framing;          // chunks or until_close
    microseconds write_time_max;  // for each piece
  };
  FramedBodyWriter(Clock& clock, Stream& stream, Options options) : clock_(clock), stream_(stream), options_(options) {}

  Task<Result<>> write(std::string_view bytes) override;
  // Says that the body is whole. Errors: as write, whose error it repeats.
  Task<Result<>> finish();

 private:
  Task<Result<>> send(std::string_view wire);

  Clock& clock_;
  Stream& stream_;
  Options options_;
  Result<> so_far_;
};

}  // namespace epay::http
