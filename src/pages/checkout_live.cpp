// GET /checkout/{token}/events and /state: whether there is something new to show, live or asked for.
#include "base/json_writer.h"
#include "http/server_sent_events.h"
#include "pages/checkout.h"
#include "pages/checkout_state.h"

namespace epay::pages {
namespace {

constexpr std::size_t streams_max = 4'000;
constexpr seconds heartbeat_every{15};
// Then the page asks anew: a forgotten window does not hold a connection for ever.
constexpr minutes stream_life{20};
constexpr milliseconds reconnect_after{2'000};

struct Told {
  std::string revision, json;
  bool over = false;
};

Told told_of(const payments::Checkout& checkout, Timestamp now) {
  const CheckoutState state = state_of(checkout, now);
  Told told{revision_of(checkout, state), "", is_over(state)};
  JsonWriter json;
  json.begin_object()
      .member("state", name_of(state))
      .member("status", payments::wire_name(checkout.payment.status))
      .member("reference", checkout.payment.reference)
      .member("revision", told.revision)
      .end_object();
  told.json = json.take();
  return told;
}

http::Response not_stored(http::Response response) {
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace

Task<http::Response> CheckoutPages::tell_state(http::Request& request) {
  const auto checkout = co_await find(request.path_parameters.at(0));
  if (!checkout)
    co_return not_stored(
        http::Response::json(checkout.error().code == ErrorCode::not_found ? 404 : 503, R"({"state":"unknown"})"));
  co_return not_stored(http::Response::json(200, told_of(*checkout, clock_.now()).json));
}

Task<http::Response> CheckoutPages::stream_state(http::Request& request) {
  const auto checkout = co_await find(request.path_parameters.at(0));
  if (!checkout) co_return not_stored(http::Response::text(404, ""));
  // Without a stream the page's script asks from time to time.
  if (streams_ >= streams_max) co_return not_stored(http::Response::text(503, ""));
  const std::string seen = request.query_parameter("revision").value_or("");
  co_return http::event_stream(
      [this, token = checkout->token, scope = checkout->payment.scope, payment = checkout->payment.id,
       seen](http::BodyWriter& body) { return write_states(body, token, {scope, payment}, seen); });
}

// Until the payment has come to its end, the client is gone, or the service stops.
Task<void> CheckoutPages::write_states(http::BodyWriter& body, std::string token, std::pair<Scope, PaymentId> payment,
                                       std::string seen) {
  struct Counted {
    explicit Counted(std::size_t& streams) : streams_(streams) { ++streams_; }
    ~Counted() { --streams_; }
    std::size_t& streams_;
  } counted(streams_);
  processing::Processor::Watch watch(processor_, payment.first, payment.second);
  const Ticks ends = clock_.ticks() + stream_life;
  while (clock_.ticks() < ends) {
    const auto checkout = co_await find(token);
    if (!checkout) co_return;
    const Told told = told_of(*checkout, clock_.now());
    const bool news = told.revision != seen;
    const auto sent =
        co_await body.write(news ? http::to_wire({.event = "state", .data = told.json, .retry = reconnect_after})
                                 : std::string(http::heartbeat_on_wire));
    if (!sent || told.over) co_return;
    seen = told.revision;
    if (!co_await watch.changed(clock_.ticks() + heartbeat_every)) co_return;
  }
}

}  // namespace epay::pages
