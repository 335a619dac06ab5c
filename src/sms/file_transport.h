// For development: each text message becomes a file.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "sms/transport.h"

namespace epay::sms {

class FileTransport final : public Transport {
 public:
  // Makes the folder when there is none; its owner alone may read it. Error: unavailable.
  static Result<std::unique_ptr<FileTransport>> open(std::string folder, Log& log);

  // Writes FOLDER/ID.txt ("To: RECIPIENT", an empty line, the text), whole or not at all, on the calling thread. Error:
  // unavailable.
  Task<Result<>> send(Envelope envelope) override;

 private:
  FileTransport(std::string folder, Log& log) : folder_(std::move(folder)), log_(log) {}

  std::string folder_;
  Log& log_;
};

}  // namespace epay::sms
