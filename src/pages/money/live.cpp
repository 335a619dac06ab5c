// Live parts of pages: what a page shows is rendered anew whenever the merchant's payments change, and sent if it is
// something else.
#include <map>

#include "pages/money/money.h"

namespace epay::pages::money {
namespace {

// Then the browser connects again, which is when its session is looked at.
constexpr minutes life{10};
constexpr seconds heartbeat_every{15};
// However many payments come in.
constexpr milliseconds apart_min{1'000};

}  // namespace

http::Response MoneyPages::open_live(const Request& request, const Visitor& visitor, Render render) {
  if (parts_.processor.feed().readers_of(visitor.merchant) >= live_per_merchant_max) {
    // The one status that tells a browser not to come again.
    Response response;
    response.status = 204;
    return response;
  }
  auto live = std::make_shared<const Live>(Live{visitor, parts_.dashboard.texts(request, visitor),
                                                request.query_parameter("currency").value_or(""),
                                                request.query_parameter("newest").value_or("")});
  return http::event_stream([this, live, render](http::BodyWriter& out) { return run_live(out, live, render); });
}

Task<void> MoneyPages::run_live(http::BodyWriter& out, std::shared_ptr<const Live> live, Render render) {
  const Ticks ends_at = parts_.clock.ticks() + life;
  // Before anything is read: what is committed from now on is either found, or announced.
  webhooks::Feed::Subscription news(parts_.processor.feed(), live->visitor.merchant);
  std::map<std::string, std::string> shown;
  while (!news.closed() && parts_.clock.ticks() < ends_at) {
    const auto events = co_await (this->*render)(*live);
    // The browser comes again, when the store may be well again.
    if (!events) co_return;
    std::string piece;
    for (const http::ServerSentEvent& event : *events) {
      if (std::exchange(shown[event.event], event.data) != event.data) piece += http::to_wire(event);
    }
    if (piece.empty()) piece = http::heartbeat_on_wire;
    if (!co_await out.write(piece)) co_return;
    const Ticks next_at = parts_.clock.ticks() + apart_min;
    co_await news.wait_until(std::min(ends_at, parts_.clock.ticks() + heartbeat_every));
    if (!news.closed() && parts_.clock.ticks() < next_at) co_await parts_.clock.sleep_until(next_at);
  }
}

}  // namespace epay::pages::money
