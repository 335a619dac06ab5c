// Customers of checkouts: they try one number after the other, reload, press twice, go away and come back. What they
// know is what the page says; a crash of the service changes nothing for them.
#include "base/check.h"
#include "simulation/clients.h"

namespace epay::simulation {
namespace {

constexpr int looks_max = 80;
constexpr microseconds between_looks_max = seconds(25);

std::string text_at(const http::Json& json, std::string_view key) {
  const http::Json* found = json.find(key);
  return found == nullptr ? "" : found->text;
}

// "confirming-2-done": two attempts have been made.
std::size_t attempts_in(const std::string& revision) {
  const std::size_t dash = revision.find('-');
  return dash == std::string::npos ? 0 : std::stoul(revision.substr(dash + 1));
}

}  // namespace

// Another window on the same payment, as a customer opens who is not sure whether the first one works.
Task<void> Clients::second_window(std::size_t number) {
  const Order& order = plan_.orders[number];
  Progress& progress = progress_[number];
  while (!progress.over) co_await clock_.sleep(seconds(5));
  if (!progress.token.empty() && !order.tries.empty()) co_await pay_checkout(order, progress.token);
  progress.second_window_done = true;
}

Task<void> Clients::pay_checkout(const Order& order, std::string token) {
  for (int look = 0; look < looks_max; ++look) {
    // An answer may be overtaken by the news of what came after it.
    const std::string known = auditor_.status_known(order);
    const auto answer = co_await ask(
        {.merchant = order.merchant, .method = "GET", .path = "/checkout/" + token + "/state", .authorized = false});
    if (answer && answer->status == 200) {
      const auto state = http::Json::parse(answer->body);
      if (!state) co_return auditor_.fail("a checkout's state is no JSON: " + answer->body);
      auditor_.saw_status(order, known, text_at(*state, "status"));
      if (!co_await step_through_checkout(order, token, *state)) co_return;
    } else if (answer && answer->status != 503) {
      co_return auditor_.fail("a checkout's state was answered " + std::to_string(answer->status));
    }
    co_await clock_.sleep(microseconds(random_.below(std::uint64_t(between_looks_max.count()))));
  }
}

// Does what the page asks for. False when there is nothing more to do.
Task<bool> Clients::step_through_checkout(const Order& order, const std::string& token, const http::Json& state) {
  const std::string name = text_at(state, "state");
  if (name == "paid" || name == "failed" || name == "expired" || name == "review") co_return false;
  if (name == "choosing" || name == "confirming") {
    const std::size_t attempts = attempts_in(text_at(state, "revision"));
    if (attempts >= order.tries.size()) {
      if (order.cancels) co_await post_checkout(order, token, "action=cancel");
      co_return order.cancels;
    }
    const std::string& wallet = order.tries[attempts];
    std::string form = "action=pay&attempt=" + std::to_string(attempts + 1);
    if (wallet == "card") {
      form += "&method=card";
    } else {
      form += "&method=momo&number=" + wallet + "&network=" + network_of(wallet) + "&voucher=123456";
    }
    co_await post_checkout(order, token, form);
    // The same form once more, as from a double click or a reload.
    if (random_.once_in(3)) co_await post_checkout(order, token, form);
  } else if (name == "code" && order.customer != Order::Customer::never) {
    const char* code = order.customer == Order::Customer::approves ? "4321" : "000000";
    co_await post_checkout(order, token, std::string("action=code&code=") + code);
  } else if (name == "card" && order.customer != Order::Customer::never) {
    co_await decide_at_card_page(order, token);
  } else if (name == "waiting" && random_.once_in(4)) {
    co_await post_checkout(order, token, "action=resend");
  }
  co_return true;
}

Task<void> Clients::post_checkout(const Order& order, const std::string& token, std::string form) {
  const auto answer = co_await ask({.merchant = order.merchant,
                                    .method = "POST",
                                    .path = "/checkout/" + token,
                                    .body = form,
                                    .authorized = false,
                                    .form = true});
  if (!answer || answer->status == 303 || answer->status == 503) co_return;
  // A prompt that has just been sent is not sent again.
  if (answer->status == 429 && form == "action=resend") co_return;
  auditor_.fail("a checkout's page answered " + std::to_string(answer->status) + " to " + form);
}

Task<void> Clients::decide_at_card_page(const Order& order, const std::string& token) {
  const auto page =
      co_await ask({.merchant = order.merchant, .method = "GET", .path = "/checkout/" + token, .authorized = false});
  if (!page || page->status != 200) co_return;
  const std::size_t at = page->body.find("/simulator/cards/");
  if (at == std::string::npos) co_return;  // decided meanwhile
  const std::string path = page->body.substr(at, page->body.find_first_of("\"?&", at) - at);
  const char* decision = order.customer == Order::Customer::approves ? "decision=approve" : "decision=decline";
  const auto decided = co_await ask({.merchant = order.merchant,
                                     .method = "POST",
                                     .path = path,
                                     .body = decision,
                                     .authorized = false,
                                     .form = true});
  if (decided && decided->status != 303 && decided->status != 503)
    auditor_.fail("the card page of " + order.reference + " answered " + std::to_string(decided->status));
}

}  // namespace epay::simulation
