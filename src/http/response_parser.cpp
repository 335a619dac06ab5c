#include "http/response_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace epay::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using View = boost::beast::string_view;

class Parser final : public beast::basic_parser<false> {
 public:
  Parser(const ClientLimits& limits, bool to_head, ResponseParser::Body body) {
    if (body == ResponseParser::Body::kept) {
      reserved_max_ = kept_max_ = limits.body_bytes_kept;
      read_max_ = limits.body_bytes_max;
    }
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(boost::none);
    eager(true);
    skip(to_head);
  }

  Answer answer;
  bool read_enough = false;

 private:
  void on_response_impl(int status, View, int, error_code&) override { answer.status = status; }
  void on_field_impl(beast::field field, View name, View value, error_code& error) override {
    if (header_done_) return;  // trailers
    if (answer.headers.size() >= ResponseParser::header_fields_max) {
      error = beast::error::header_limit;
    } else if (field == beast::field::transfer_encoding &&
               !equal_ignoring_case({value.data(), value.size()}, "chunked")) {
      error = beast::error::bad_transfer_encoding;
    } else {
      answer.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }
  }
  void on_header_impl(error_code&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) answer.body.reserve(std::min<std::size_t>(*length, reserved_max_));
  }
  std::size_t on_body_impl(View part, error_code& error) override {
    read_ += part.size();
    const std::size_t kept = std::min(part.size(), kept_max_ - answer.body.size());
    answer.body.append(part.data(), kept);
    if (kept < part.size()) answer.body_cut = true;
    if (read_ >= read_max_) {
      // The status has come, and that is what counts; what more there is would only cost time.
      read_enough = true;
      error = beast::error::body_limit;
    }
    return part.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View part, error_code& error) override {
    return on_body_impl(part, error);
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  void on_finish_impl(error_code&) override {}
  void on_request_impl(beast::verb, View, View, int, error_code&) override {}

  // A body in pieces is bounded by its being taken away.
  std::size_t kept_max_ = SIZE_MAX;
  std::size_t read_max_ = SIZE_MAX;
  std::size_t reserved_max_ = 0;
  std::size_t read_ = 0;
  bool header_done_ = false;
};

}  // namespace

struct ResponseParser::State {
  ClientLimits limits;
  bool to_head;
  Body body;
  std::optional<Parser> parser;
  int interims = 0;
};

ResponseParser::ResponseParser(const ClientLimits& limits, bool to_head, Body body)
    : state_(std::make_unique<State>(limits, to_head, body)) {
  state_->parser.emplace(limits, to_head, body);
}
ResponseParser::~ResponseParser() = default;

Result<std::size_t> ResponseParser::put(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    Parser& parser = *state_->parser;
    error_code error;
    used += parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    if (parser.read_enough) return used;
    if (error == beast::error::need_more) return used;
    if (error) return fail(ErrorCode::malformed_reply, "The answer is not well-formed HTTP: " + error.message() + ".");
    if (!parser.is_done()) continue;
    if (parser.answer.status >= 200) return used;
    if (parser.answer.status == 101 || ++state_->interims > interim_max) {
      return fail(ErrorCode::malformed_reply,
                  "The answer never came to its point: status " + std::to_string(parser.answer.status) + ".");
    }
    state_->parser.emplace(state_->limits, state_->to_head, state_->body);
  }
  return used;
}

Result<> ResponseParser::put_end() {
  Parser& parser = *state_->parser;
  if (parser.got_some() && parser.is_header_done() && parser.need_eof()) {
    error_code error;
    parser.put_eof(error);
    if (!error) return {};
  }
  return fail(ErrorCode::connection_closed, parser.got_some() ? "The connection ended in the middle of the answer."
                                                              : "The connection ended before the answer.");
}

bool ResponseParser::complete() const { return state_->parser->read_enough || state_->parser->is_done(); }
bool ResponseParser::keep_alive() const {
  return !state_->parser->read_enough && state_->parser->is_done() && state_->parser->keep_alive();
}
Answer ResponseParser::take() { return std::move(state_->parser->answer); }

bool ResponseParser::head_complete() const {
  const Parser& parser = *state_->parser;
  return parser.got_some() && parser.is_header_done() && parser.answer.status >= 200;
}
Answer ResponseParser::take_head() {
  Answer& answer = state_->parser->answer;
  return {answer.status, std::move(answer.headers), "", false};
}
std::string ResponseParser::take_piece() { return std::exchange(state_->parser->answer.body, {}); }

}  // namespace epay::http
