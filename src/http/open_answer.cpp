#include "http/open_answer.h"

#include "http/answer_reader.h"

namespace epay::http {

OpenAnswer::OpenAnswer(std::unique_ptr<Stream> stream, std::unique_ptr<AnswerReader> reader)
    : stream_(std::move(stream)), reader_(std::move(reader)) {
  Answer head = reader_->parser().take_head();
  status_ = head.status;
  headers_ = std::move(head.headers);
}
OpenAnswer::~OpenAnswer() = default;

Task<Result<std::string>> OpenAnswer::read_some(Ticks due) {
  ResponseParser& parser = reader_->parser();
  for (;;) {
    std::string piece = parser.take_piece();
    if (!piece.empty() || parser.complete()) co_return piece;
    // A failure is told after what came before it.
    if (reader_->failure()) co_return std::unexpected(*reader_->failure());
    const auto count = co_await stream_->read_some(reader_->room(), due);
    if (!count) co_return std::unexpected(count.error());
    reader_->received(*count);
  }
}

void OpenAnswer::close() { stream_->close(); }

}  // namespace epay::http
