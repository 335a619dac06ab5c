#include "emulators/callback_sender.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

constexpr std::string_view record_kind = "callback";

bool is_taken(int status) { return status >= 200 && status < 300; }

}  // namespace

CallbackSender::CallbackSender(Seams seams, StateFile& state, Journal& journal, const Switches& switches,
                               Retries retries)
    : seams_(seams),
      state_(state),
      journal_(journal),
      switches_(switches),
      retries_(std::move(retries)),
      // Merchants under test have private addresses.
      client_(seams.io_clock, seams.network, http::AddressGuard({*http::Cidr::parse("::/0")}), {}),
      tasks_(seams.clock, seams.log, "callbacks") {
  for (const auto& [key, text] : state_.take(record_kind)) {
    const auto json = http::Json::parse(text);
    EPAY_CHECK(json.has_value());
    last_ = std::max(last_, number_of(*json, "id", 0));
    if (truth_of(*json, "done")) continue;
    Message message{.order_key = text_of(*json, "order"),
                    .callback = {.method = text_of(*json, "method"),
                                 .url = text_of(*json, "url"),
                                 .body = text_of(*json, "body"),
                                 .attempt_header = text_of(*json, "attempt_header")},
                    .due = {number_of(*json, "due", 0)},
                    .tries = static_cast<int>(number_of(*json, "tries", 0))};
    if (const http::Json* headers = object_of(*json, "headers")) {
      for (const auto& [name, value] : headers->members) message.callback.headers.add(name, value.text);
    }
    messages_.emplace(number_of(*json, "id", 0), std::move(message));
  }
}

void CallbackSender::start() {
  std::vector<std::int64_t> ids;
  for (const auto& [id, message] : messages_) ids.push_back(id);
  for (const std::int64_t id : ids) tasks_.spawn(tell(id));
}

void CallbackSender::send(std::string order_key, Callback callback, microseconds after) {
  const std::int64_t id = ++last_;
  const Message message{std::move(order_key), std::move(callback), seams_.clock.now() + after};
  keep(id, message, false);
  messages_.emplace(id, message);
  tasks_.spawn(tell(id));
}

void CallbackSender::keep(std::int64_t id, const Message& message, bool is_done) {
  JsonWriter json;
  json.begin_object().member("id", id).member("done", is_done);
  if (!is_done) {
    json.member("order", message.order_key)
        .member("method", message.callback.method)
        .member("url", message.callback.url)
        .member("due", message.due.micros)
        .member("tries", message.tries)
        .member("attempt_header", message.callback.attempt_header)
        .key("headers")
        .begin_object();
    for (const auto& [name, value] : message.callback.headers) json.member(name, value);
    json.end_object().member("body", message.callback.body);
  }
  state_.put(record_kind, std::to_string(id), json.end_object().take());
}

Task<void> CallbackSender::tell(std::int64_t id) {
  for (;;) {
    const microseconds wait = messages_.at(id).due - seams_.clock.now();
    if (wait.count() > 0) co_await seams_.clock.sleep(wait);
    const Message message = messages_.at(id);
    Callback callback = message.callback;
    if (!callback.attempt_header.empty()) {
      callback.headers.add(callback.attempt_header, std::to_string(message.tries + 1));
    }
    const int status = co_await send_once(message.order_key, std::move(callback));
    const std::vector<microseconds> waits = retries_();
    Message& told = messages_.at(id);
    if (is_taken(status) || static_cast<std::size_t>(told.tries) >= waits.size()) {
      keep(id, told, true);
      messages_.erase(id);
      co_return;
    }
    told.due = seams_.clock.now() + waits[static_cast<std::size_t>(told.tries)];
    ++told.tries;
    keep(id, told, false);
  }
}

Task<int> CallbackSender::send_once(std::string order_key, Callback callback) {
  const std::int64_t entry = journal_.begin({.at = seams_.clock.now(),
                                             .kind = "callback",
                                             .method = callback.method,
                                             .target = callback.url,
                                             .headers = callback.headers,
                                             .body = callback.body,
                                             .order = std::move(order_key)});
  auto url = http::Url::parse(callback.url);
  if (!url) {
    journal_.end(entry, 0, url.error().message);
    co_return 0;
  }
  http::Exchange exchange{.url = *std::move(url),
                          .method = std::move(callback.method),
                          .headers = std::move(callback.headers),
                          .body = std::move(callback.body),
                          .time_max = switches_.duration("callback.timeout")};
  ++under_way_;
  const http::ExchangeReport report = co_await client_.exchange(std::move(exchange));
  --under_way_;
  const int status = report.answer ? report.answer->status : 0;
  journal_.end(entry, status, report.answer ? report.answer->body : report.answer.error().message);
  co_return status;
}

}  // namespace epay::emulators
