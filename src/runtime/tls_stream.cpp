#include "runtime/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <climits>

#include "base/check.h"

namespace epay::runtime {
namespace {

constexpr std::size_t record_bytes = 16 * 1024;
constexpr std::size_t received_bytes = 4 * 1024;  // at a time; what an idle connection holds for the next read

std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown reason";
}

int length_of(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// Asks for HTTP/1.1, so that a server that would rather speak HTTP/2 does not.
constexpr std::array<unsigned char, 9> alpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                unsigned int offered_length, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, alpn.data(), alpn.size(), offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

struct TlsContext::State {
  std::unique_ptr<SSL_CTX, SslFree> context;
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {
  SSL_CTX* context = state_->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections then hold no 16 KiB record buffers.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

TlsContext::TlsContext(TlsContext&&) noexcept = default;
TlsContext& TlsContext::operator=(TlsContext&&) noexcept = default;
TlsContext::~TlsContext() = default;

Result<TlsContext> TlsContext::client() {
  TlsContext made(std::make_unique<State>(std::unique_ptr<SSL_CTX, SslFree>(SSL_CTX_new(TLS_client_method()))));
  SSL_CTX* context = made.state_->context.get();
  if (SSL_CTX_set_default_verify_paths(context) != 1) {
    return fail(ErrorCode::unavailable, "The system's trusted certificates cannot be read: " + last_reason() + ".");
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context, alpn.data(), alpn.size());
  return made;
}

Result<TlsContext> TlsContext::server(const TlsFiles& files) {
  TlsContext made(std::make_unique<State>(std::unique_ptr<SSL_CTX, SslFree>(SSL_CTX_new(TLS_server_method()))));
  SSL_CTX* context = made.state_->context.get();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate_chain.c_str()) != 1) {
    return fail(ErrorCode::unavailable,
                "The TLS certificate " + files.certificate_chain + " cannot be used: " + last_reason() + ".");
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(ErrorCode::unavailable, "The TLS key " + files.private_key + " cannot be used: " + last_reason() + ".");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::unavailable,
                "The TLS key " + files.private_key + " does not belong to " + files.certificate_chain + ".");
  }
  SSL_CTX_set_alpn_select_cb(context, choose_alpn, nullptr);
  return made;
}

struct TlsStream::State {
  std::unique_ptr<DirectStream> below;
  Clock& clock;
  std::unique_ptr<SSL, SslFree> ssl;
  BIO* received = nullptr;  // both are owned by ssl
  BIO* to_send = nullptr;
  bool shaken = false;
  bool flushing = false;
  bool broken = false;  // OpenSSL forbids SSL_shutdown() after a fatal error

  std::optional<Ticks> handshake_began;
  microseconds handshake_took{0};

  State(SSL_CTX* context, std::unique_ptr<DirectStream> stream, Clock& c)
      : below(std::move(stream)), clock(c), ssl(SSL_new(context)) {
    EPAY_CHECK(ssl);
    received = BIO_new(BIO_s_mem());
    to_send = BIO_new(BIO_s_mem());
    EPAY_CHECK(received && to_send);
    SSL_set_bio(ssl.get(), received, to_send);
  }

  // Why the handshake failed, for people.
  std::string handshake_failure() {
    const long verified = SSL_get_verify_result(ssl.get());
    if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
    return last_reason();
  }

  // Sends what fits into the socket's buffer, for good-byes that nobody waits for.
  void flush_now() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(to_send, &bytes);
    if (size > 0) below->write_now({bytes, static_cast<std::size_t>(size)});
  }
};

TlsStream::TlsStream(const TlsContext& context, std::unique_ptr<DirectStream> below, Clock& clock,
                     const std::string& server_name)
    : state_(std::make_unique<State>(context.state_->context.get(), std::move(below), clock)) {
  SSL* ssl = state_->ssl.get();
  SSL_set_connect_state(ssl);
  if (IpAddress::parse(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str());
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    EPAY_CHECK(SSL_set1_host(ssl, server_name.c_str()) == 1);
    SSL_set_tlsext_host_name(ssl, server_name.c_str());
  }
}

TlsStream::TlsStream(const TlsContext& context, std::unique_ptr<DirectStream> below, Clock& clock)
    : state_(std::make_unique<State>(context.state_->context.get(), std::move(below), clock)) {
  SSL_set_accept_state(state_->ssl.get());
}

TlsStream::~TlsStream() { close(); }

// Everything that OpenSSL wants sent goes out. A read may want that while a write is at it: then the write takes it
// along.
Task<Result<>> TlsStream::flush(Ticks deadline) {
  if (state_->flushing) co_return Result<>();
  Result<> result;
  state_->flushing = true;
  while (result && BIO_ctrl_pending(state_->to_send) > 0) {
    std::string bytes(BIO_ctrl_pending(state_->to_send), '\0');
    BIO_read(state_->to_send, bytes.data(), length_of(bytes.size()));
    result = co_await state_->below->write(bytes, deadline);
  }
  state_->flushing = false;
  co_return result;
}

// Takes in more of what the peer sends; false at its end.
Task<Result<bool>> TlsStream::fill(Ticks deadline) {
  std::array<char, received_bytes> bytes;
  const auto count = co_await state_->below->read_some(bytes, deadline);
  if (!count) co_return std::unexpected(count.error());
  if (*count == 0) co_return false;
  BIO_write(state_->received, bytes.data(), length_of(*count));
  co_return true;
}

Task<Result<>> TlsStream::handshake(Ticks deadline) {
  while (!state_->shaken) {
    if (!state_->handshake_began) state_->handshake_began = state_->clock.ticks();
    ERR_clear_error();
    const int outcome = SSL_do_handshake(state_->ssl.get());
    const int error = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(state_->ssl.get(), outcome);
    if (outcome != 1 && error != SSL_ERROR_WANT_READ) {
      state_->broken = true;
      std::string reason = state_->handshake_failure();
      state_->flush_now();  // the alert tells the peer why
      co_return fail(ErrorCode::connection_failed, "TLS handshake failed: " + reason + ".");
    }
    if (const auto flushed = co_await flush(deadline); !flushed) co_return std::unexpected(flushed.error());
    if (outcome == 1) {
      state_->shaken = true;
      state_->handshake_took = state_->clock.ticks() - *state_->handshake_began;
      break;
    }
    const auto more = co_await fill(deadline);
    if (!more) co_return std::unexpected(more.error());
    if (!*more) {
      state_->broken = true;
      co_return fail(ErrorCode::connection_failed, "TLS handshake failed: the peer ended the connection.");
    }
  }
  co_return Result<>();
}

Task<Result<std::size_t>> TlsStream::read_some(std::span<char> into, Ticks deadline) {
  if (const auto shaken = co_await handshake(deadline); !shaken) {
    // A listener hands out streams before their handshake; its failure is then a connection that went away.
    const auto code = shaken.error().code == ErrorCode::timed_out ? ErrorCode::timed_out : ErrorCode::connection_closed;
    co_return fail(code, shaken.error().message);
  }
  for (;;) {
    ERR_clear_error();
    const int count = SSL_read(state_->ssl.get(), into.data(), length_of(into.size()));
    if (count > 0) co_return static_cast<std::size_t>(count);
    const int error = SSL_get_error(state_->ssl.get(), count);
    if (error == SSL_ERROR_ZERO_RETURN) co_return std::size_t(0);
    if (error != SSL_ERROR_WANT_READ) {
      state_->broken = true;
      state_->flush_now();
      co_return fail(ErrorCode::connection_closed, "TLS failed: " + last_reason() + ".");
    }
    if (const auto flushed = co_await flush(deadline); !flushed) co_return std::unexpected(flushed.error());
    const auto more = co_await fill(deadline);
    if (!more) co_return std::unexpected(more.error());
    // Many peers end without TLS's own good-bye; lengths and chunks in HTTP show what is missing.
    if (!*more) co_return std::size_t(0);
  }
}

Task<Result<>> TlsStream::write(std::string_view bytes, Ticks deadline) {
  if (const auto shaken = co_await handshake(deadline); !shaken) {
    const auto code = shaken.error().code == ErrorCode::timed_out ? ErrorCode::timed_out : ErrorCode::connection_closed;
    co_return fail(code, shaken.error().message);
  }
  while (!bytes.empty()) {
    // At most four records at a time, so that a large body is not encrypted into memory whole.
    const auto piece = bytes.substr(0, 4 * record_bytes);
    ERR_clear_error();
    const int count = SSL_write(state_->ssl.get(), piece.data(), length_of(piece.size()));
    if (count <= 0) {
      state_->broken = true;
      co_return fail(ErrorCode::connection_closed, "TLS failed: " + last_reason() + ".");
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
    if (const auto flushed = co_await flush(deadline); !flushed) co_return std::unexpected(flushed.error());
  }
  co_return Result<>();
}

void TlsStream::close() {
  if (state_->shaken && !state_->broken && !state_->flushing) {
    SSL_shutdown(state_->ssl.get());
    state_->flush_now();
  }
  ERR_clear_error();
  state_->broken = true;
  state_->below->close();
}

// What waits in the socket may be no more than session tickets, so it is taken in and looked at.
bool TlsStream::is_reusable() {
  if (state_->broken || !state_->shaken) return false;
  std::array<char, record_bytes> bytes;
  while (const auto count = state_->below->read_now(bytes)) {
    if (*count == 0) return false;
    BIO_write(state_->received, bytes.data(), length_of(*count));
  }
  char byte;
  ERR_clear_error();
  const int count = SSL_peek(state_->ssl.get(), &byte, 1);
  return count <= 0 && SSL_get_error(state_->ssl.get(), count) == SSL_ERROR_WANT_READ;
}

SocketAddress TlsStream::peer() const { return state_->below->peer(); }
microseconds TlsStream::handshake_took() const { return state_->handshake_took; }

}  // namespace epay::runtime
