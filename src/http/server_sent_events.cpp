#include "http/server_sent_events.h"

#include <charconv>

#include "base/check.h"

namespace epay::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view line_ends = "\r\n";

// A time of digits alone, and at most retry_max.
std::optional<milliseconds> parse_retry(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  std::int64_t count = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
  if (parsed.ec != std::errc()) return ServerSentEventParser::retry_max;
  return std::min(milliseconds(count), ServerSentEventParser::retry_max);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\n");
}

}  // namespace

std::string to_wire(const ServerSentEvent& event) {
  EPAY_CHECK(event.id.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  EPAY_CHECK(event.event.find_first_of(line_ends) == std::string::npos);
  std::string out;
  out.reserve(event.id.size() + event.event.size() + event.data.size() + 64);
  if (!event.id.empty()) append_field(out, "id", event.id);
  if (!event.event.empty()) append_field(out, "event", event.event);
  if (event.retry) append_field(out, "retry", std::to_string(event.retry->count()));
  std::string_view rest = event.data;
  for (;;) {
    const std::size_t end = rest.find_first_of(line_ends);
    append_field(out, "data", rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(rest.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  out += "\n";
  return out;
}

Response event_stream(std::function<Task<void>(BodyWriter&)> stream) {
  Response response;
  response.headers.add("Content-Type", "text/event-stream");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Accel-Buffering", "no");
  response.stream = std::move(stream);
  return response;
}

std::vector<ServerSentEvent> ServerSentEventParser::put(std::string_view bytes) {
  std::vector<ServerSentEvent> completed;
  while (!bytes.empty() && !refused_) {
    if (std::exchange(last_was_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of(line_ends);
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() + event_.data.size() + event_.event.size() + event_.id.size() > event_bytes_max) {
      refused_ = true;
      break;
    }
    line_ += part;
    if (end == std::string_view::npos) break;
    last_was_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line(completed);
  }
  return completed;
}

void ServerSentEventParser::end_line(std::vector<ServerSentEvent>& completed) {
  std::string_view line = line_;
  if (std::exchange(is_first_line_, false) && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  if (line.empty()) {
    end_event(completed);
  } else {
    const std::string_view name = line.substr(0, line.find(':'));
    line.remove_prefix(std::min(name.size() + 1, line.size()));
    if (line.starts_with(' ')) line.remove_prefix(1);
    take_field(name, line);
  }
  line_.clear();
}

// Other names, and comments, whose name is empty, mean nothing.
void ServerSentEventParser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    event_.data.append(value).append("\n");
  } else if (name == "event") {
    event_.event = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) event_.id = value;
  } else if (name == "retry") {
    if (const auto retry = parse_retry(value)) retry_ = event_.retry = retry;
  }
}

void ServerSentEventParser::end_event(std::vector<ServerSentEvent>& completed) {
  last_event_id_ = event_.id;
  if (!event_.data.empty()) {
    event_.data.pop_back();  // the last line's end
    completed.push_back(std::move(event_));
  }
  event_ = {.id = last_event_id_, .event = "", .data = ""};
}

}  // namespace epay::http
