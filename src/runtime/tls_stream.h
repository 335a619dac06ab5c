// TLS over a socket. OpenSSL works on memory here; the socket's own deadlines and closing serve both.
#pragma once

#include <memory>
#include <string>

#include "runtime/clock.h"
#include "runtime/network.h"

namespace epay::runtime {

// What a TLS stream asks of the stream below it, beyond Stream: to read and write without waiting.
class DirectStream : public Stream {
 public:
  // Bytes read; 0 at the peer's end; nothing when none are there now. An error counts as the end.
  virtual std::optional<std::size_t> read_now(std::span<char> into) = 0;
  // Bytes written, perhaps 0.
  virtual std::size_t write_now(std::string_view bytes) = 0;
};

// The certificates and settings that connections share.
class TlsContext {
 public:
  // Trusts what the system trusts (SSL_CERT_FILE and SSL_CERT_DIR where set).
  static Result<TlsContext> client();
  // Errors: unavailable, naming the file that cannot be used.
  static Result<TlsContext> server(const TlsFiles& files);
  TlsContext(TlsContext&&) noexcept;
  TlsContext& operator=(TlsContext&&) noexcept;
  ~TlsContext();

 private:
  friend class TlsStream;
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class TlsStream final : public Stream {
 public:
  // A client's end: the certificate must be valid for `server_name` (a host name or an address literal).
  TlsStream(const TlsContext& context, std::unique_ptr<DirectStream> below, Clock& clock,
            const std::string& server_name);
  // A server's end.
  TlsStream(const TlsContext& context, std::unique_ptr<DirectStream> below, Clock& clock);
  ~TlsStream() override;

  // Happens by itself at the first read or write. Errors: connection_failed (with the reason), timed_out.
  Task<Result<>> handshake(Ticks deadline);

  Task<Result<std::size_t>> read_some(std::span<char> into, Ticks deadline) override;
  Task<Result<>> write(std::string_view bytes, Ticks deadline) override;
  void close() override;
  bool is_reusable() override;
  SocketAddress peer() const override;
  microseconds handshake_took() const override;

 private:
  struct State;
  Task<Result<>> flush(Ticks deadline);
  Task<Result<bool>> fill(Ticks deadline);
  std::unique_ptr<State> state_;
};

}  // namespace epay::runtime
