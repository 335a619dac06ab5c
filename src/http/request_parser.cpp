#include "http/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "http/request_target.h"

namespace epay::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using View = boost::beast::string_view;

constexpr std::size_t body_reserved_max = 64 * 1024;  // a Content-Length is a claim, not yet memory

std::string to_string(View view) { return {view.data(), view.size()}; }

// Beast finds the parts; what they mean together is decided here.
class Parser final : public beast::basic_parser<true> {
 public:
  Parser(RequestParser::Limits limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.body_bytes_max);
    eager(true);
  }

  Request request;
  std::string refusal;
  int refused_status = 0;
  bool expects_continue = false;
  int version = 11;

  void refuse(int status, const char* why) {
    refused_status = status;
    refusal = why;
  }

 private:
  void refuse(int status, const char* why, error_code& error) {
    refuse(status, why);
    error = beast::error::bad_value;
  }

  void on_request_impl(beast::verb, View method, View target, int http_version, error_code& error) override {
    version = http_version;
    request.method = to_string(method);
    auto parsed = parse_request_target({target.data(), target.size()});
    if (!parsed) return refuse(400, "The request's path is malformed.", error);
    request.path = std::move(parsed->path);
    request.query = std::move(parsed->query);
  }

  void on_field_impl(beast::field field, View name, View value, error_code& error) override {
    if (header_done_) return;  // trailers say nothing that anyone here reads
    if (request.headers.size() >= RequestParser::header_fields_max) {
      return refuse(431, "The request has too many header fields.", error);
    }
    if (field == beast::field::host && (++hosts_ > 1 || !is_valid_host({value.data(), value.size()}))) {
      return refuse(400, "The request's Host is malformed.", error);
    }
    if (field == beast::field::transfer_encoding && !equal_ignoring_case({value.data(), value.size()}, "chunked")) {
      return refuse(400, "The only transfer encoding taken is chunked.", error);
    }
    if (field == beast::field::content_length && (++lengths_ > 1 || value.find(',') != View::npos)) {
      return refuse(400, "The request has more than one Content-Length.", error);
    }
    request.headers.add(to_string(name), to_string(value));
  }

  void on_header_impl(error_code& error) override {
    header_done_ = true;
    if (version == 11 && hosts_ == 0) return refuse(400, "The request has no Host.", error);
    if (version == 10 && chunked()) return refuse(400, "HTTP/1.0 has no chunks.", error);
    if (const std::string* expectation = request.headers.find("Expect"); expectation && version == 11) {
      if (!equal_ignoring_case(*expectation, "100-continue"))
        return refuse(417, "The expectation cannot be met.", error);
      expects_continue = true;
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(std::min<std::size_t>(*length, body_reserved_max));
  }
  std::size_t on_body_impl(View part, error_code&) override {
    request.body.append(part.data(), part.size());
    return part.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View part, error_code& error) override {
    return on_body_impl(part, error);
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, View, int, error_code&) override {}

  int hosts_ = 0;
  int lengths_ = 0;
  bool header_done_ = false;
};

}  // namespace

struct RequestParser::State {
  Limits limits;
  std::optional<Parser> parser;
  bool started = false;
};

RequestParser::RequestParser(Limits limits) : state_(std::make_unique<State>(limits)) { reset(); }
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  state_->parser.emplace(state_->limits);
  state_->started = false;
}

std::size_t RequestParser::put(std::string_view bytes) {
  std::size_t used = 0;
  // Some clients end a body with a line end that they do not count (RFC 9112 §2.2).
  while (!state_->started && used < bytes.size() && (bytes[used] == '\r' || bytes[used] == '\n')) ++used;
  if (used == bytes.size()) return used;
  state_->started = true;
  Parser& parser = *state_->parser;
  error_code error;
  used += parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
  if (!error || error == beast::error::need_more) return used;
  if (parser.refused_status != 0) return used;
  if (error == beast::error::header_limit) {
    parser.refuse(431, "The request's header is too large.");
  } else if (error == beast::error::body_limit) {
    parser.refuse(413, "The request's body is too large.");
  } else {
    parser.refuse(400, "The request is not well-formed HTTP.");
  }
  return used;
}

RequestParser::Stage RequestParser::stage() const {
  const Parser& parser = *state_->parser;
  if (parser.refused_status != 0) return Stage::refused;
  if (parser.is_done()) return Stage::complete;
  return parser.got_some() && parser.is_header_done() ? Stage::body : Stage::header;
}

bool RequestParser::started() const { return state_->started; }
bool RequestParser::expects_continue() const { return state_->parser->expects_continue; }
bool RequestParser::keep_alive() const { return state_->parser->keep_alive(); }
bool RequestParser::is_http_1_0() const { return state_->parser->version == 10; }
int RequestParser::refused_status() const { return state_->parser->refused_status; }
const std::string& RequestParser::refusal() const { return state_->parser->refusal; }
Request& RequestParser::request() { return state_->parser->request; }

}  // namespace epay::http
