#include "emulators/gate.h"

#include "base/check.h"
#include "emulators/fault_stream.h"
#include "emulators/json_text.h"
#include "http/gzip.h"

namespace epay::emulators {
namespace {

constexpr std::string_view order_mark = "X-Emulator-Order";
constexpr minutes hang_time{10};

constexpr std::string_view error_page =
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something is wrong</h1><p>Request ID: "
    "0HN4&hellip;</p></body></html>";

// The headers without one.
http::Headers without(const http::Headers& headers, std::string_view name) {
  http::Headers out;
  for (const auto& [key, value] : headers) {
    if (!http::equal_ignoring_case(key, name)) out.add(key, value);
  }
  return out;
}

http::Headers with_content_type(const http::Headers& headers, std::string_view type) {
  http::Headers out = without(headers, "Content-Type");
  out.add("Content-Type", std::string(type));
  return out;
}

Task<void> write_pieces(std::string body, std::size_t piece, http::BodyWriter& writer) {
  for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
    if (!co_await writer.write(rest.substr(0, piece))) co_return;
  }
}

std::optional<WireFault> wire_fault(const Fault& fault) {
  using Kind = WireFault::Kind;
  const auto of = [&](Kind kind) { return WireFault{kind, fault.bytes, fault.delay}; };
  switch (fault.kind) {
    case FaultKind::close: return of(Kind::close);
    case FaultKind::hang: return WireFault{Kind::hang, 0, fault.delay.count() == 0 ? hang_time : fault.delay};
    case FaultKind::cut_head: return of(Kind::cut_head);
    case FaultKind::truncate: return of(Kind::truncate);
    case FaultKind::garbage: return of(Kind::garbage);
    case FaultKind::drip: return of(Kind::drip);
    case FaultKind::slow_head: return of(Kind::slow_head);
    case FaultKind::close_after: return of(Kind::close_after);
    case FaultKind::none:
    case FaultKind::status:
    case FaultKind::empty:
    case FaultKind::html:
    case FaultKind::malformed:
    case FaultKind::utf16:
    case FaultKind::duplicate_keys:
    case FaultKind::unknown_fields:
    case FaultKind::without_fields:
    case FaultKind::numbers_as_strings:
    case FaultKind::strings_as_numbers:
    case FaultKind::huge:
    case FaultKind::chunked:
    case FaultKind::gzip:
    case FaultKind::expire_tokens: return std::nullopt;
  }
  return std::nullopt;
}

// The document of an answer changed, where it is one.
void change_json(http::Response& response, const std::function<std::string(const http::Json&)>& change) {
  if (const auto document = http::Json::parse(response.body)) response.body = change(*document);
}

// Of these the delay is between the bytes.
bool delays_bytes(FaultKind kind) {
  return kind == FaultKind::hang || kind == FaultKind::drip || kind == FaultKind::slow_head;
}

}  // namespace

http::Response about(std::string_view order_key, http::Response response) {
  response.headers.add(std::string(order_mark), std::string(order_key));
  return response;
}

Gate::Gate(Clock& clock, Clock& io_clock, Journal& journal, Faults& faults)
    : clock_(clock), io_clock_(io_clock), journal_(journal), faults_(faults) {}

void Gate::add(std::string_view method, std::string_view pattern, http::Handler handler) {
  router_.add(method, pattern,
              [this, handler = std::move(handler)](http::Request& request) { return answer(request, handler); });
}

void Gate::set_error_words(ErrorWords words) {
  words_ = std::move(words);
  router_.set_fallback([this](const http::Request& request, const std::string& allow) {
    http::Response response = allow.empty() ? words_(404, "Resource not found") : words_(405, "Method not allowed");
    const std::int64_t entry = journal_.begin({.at = clock_.now(),
                                               .kind = "request",
                                               .method = request.method,
                                               .target = request.path,
                                               .headers = request.headers,
                                               .body = request.body});
    journal_.end(entry, response.status, response.body);
    return response;
  });
}

Task<http::Response> Gate::answer(http::Request& request, const http::Handler& handler) {
  std::optional<Fault> fault = faults_.take(request);
  const std::int64_t entry =
      journal_.begin({.at = clock_.now(),
                      .kind = "request",
                      .method = request.method,
                      .target = request.path + (request.query.empty() ? "" : "?" + request.query),
                      .headers = request.headers,
                      .body = request.body,
                      .fault = fault ? fault->text : ""});
  http::Response response;
  if (fault) {
    response = co_await answer_badly(request, handler, *std::move(fault));
  } else {
    response = co_await handler(request);
  }
  if (JournalEntry* written = journal_.find(entry)) written->order = response.headers.get(order_mark);
  response.headers = without(response.headers, order_mark);
  journal_.end(entry, is_withheld(response) ? 0 : response.status, response.body);
  co_return response;
}

Task<http::Response> Gate::answer_badly(http::Request& request, const http::Handler& handler, Fault fault) {
  const bool waits = fault.delay.count() > 0 && !delays_bytes(fault.kind);
  if (waits && fault.is_delayed_first) co_await io_clock_.sleep(fault.delay);
  if (fault.kind == FaultKind::expire_tokens && expire_tokens_) expire_tokens_();
  http::Response response;
  if (fault.processed) response = co_await handler(request);
  response = change(std::move(response), fault);
  if (waits && !fault.is_delayed_first) co_await io_clock_.sleep(fault.delay);
  co_return response;
}

http::Response Gate::failing(const Fault& fault) {
  http::Response response;
  if (fault.body == "json") {
    response = words_(fault.status, "The service is unavailable.");
  } else if (fault.body == "html") {
    response = http::Response::html(fault.status, std::string(error_page));
  } else {
    response = http::Response::text(fault.status, fault.body == "empty" ? "" : fault.body);
  }
  if (fault.retry_after) response.headers.add("Retry-After", std::to_string(*fault.retry_after));
  return response;
}

http::Response Gate::change(http::Response response, const Fault& fault) {
  if (const auto wire = wire_fault(fault)) {
    set_wire_fault(response, *wire);
    return response;
  }
  const auto longer = [&](const http::Json& document) { return with_unknown_members(document, fault.bytes); };
  switch (fault.kind) {
    case FaultKind::status: {
      http::Response failed = failing(fault);
      const std::string_view order = response.headers.get(order_mark);
      return order.empty() ? failed : about(order, std::move(failed));
    }
    case FaultKind::empty: response.body.clear(); break;
    case FaultKind::html:
      response.body = error_page;
      response.headers = with_content_type(response.headers, "text/html; charset=utf-8");
      break;
    case FaultKind::malformed:
      response.body = response.body.empty() ? "{\"status\":" : response.body.substr(0, response.body.size() / 2);
      break;
    case FaultKind::utf16: response.body = in_utf16(response.body); break;
    case FaultKind::duplicate_keys: change_json(response, with_duplicate_keys); break;
    case FaultKind::unknown_fields:
    case FaultKind::huge: change_json(response, longer); break;
    case FaultKind::without_fields:
      change_json(response, [&](const http::Json& document) { return without_members(document, fault.fields); });
      break;
    case FaultKind::numbers_as_strings: change_json(response, with_numbers_as_texts); break;
    case FaultKind::strings_as_numbers: change_json(response, with_texts_as_numbers); break;
    case FaultKind::gzip:
      response.body = http::gzip(response.body);
      response.headers.add("Content-Encoding", "gzip");
      break;
    case FaultKind::chunked:
      response.stream = [body = std::exchange(response.body, {}), piece = std::max<std::size_t>(fault.bytes, 1)](
                            http::BodyWriter& writer) { return write_pieces(body, piece, writer); };
      break;
    case FaultKind::none:
    case FaultKind::expire_tokens:
    case FaultKind::close:
    case FaultKind::hang:
    case FaultKind::cut_head:
    case FaultKind::truncate:
    case FaultKind::garbage:
    case FaultKind::drip:
    case FaultKind::slow_head:
    case FaultKind::close_after: break;
  }
  return response;
}

}  // namespace epay::emulators
