// For development: each mail becomes a file that mail programs open.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "mail/transport.h"

namespace epay::mail {

class FileTransport final : public Transport {
 public:
  // Makes the folder when there is none; its owner alone may read it. Error: unavailable.
  static Result<std::unique_ptr<FileTransport>> open(std::string folder, Log& log);

  // Writes FOLDER/ID.eml, whole or not at all, on the calling thread. Error: unavailable.
  Task<Result<>> send(Envelope envelope) override;

 private:
  FileTransport(std::string folder, Log& log) : folder_(std::move(folder)), log_(log) {}
  Result<> write(const std::string& path, const std::string& content);

  std::string folder_;
  Log& log_;
};

}  // namespace epay::mail
