#include "simulation/clients.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"

namespace epay::simulation {
namespace {

constexpr int not_covered_max = 3;

const http::Json* member(const http::Json* json, std::string_view key) {
  return json == nullptr ? nullptr : json->find(key);
}

std::string text_of(const http::Json* json) { return json == nullptr ? "" : json->text; }

// The body of an order's request: the same bytes however often it is sent.
std::string body_of(const Order& order) {
  const bool payout = order.kind == Order::Kind::payout;
  std::vector<std::pair<std::string, std::string>> fields{{"reference", order.reference},
                                                          {"amount", order.amount.to_decimal()},
                                                          {"currency", std::string(order.amount.currency.code())}};
  if (order.is_charge()) fields.emplace_back("payment_method", order.kind == Order::Kind::card ? "card" : "momo");
  if (payout) fields.emplace_back("payout_method", "momo");
  if (!order.wallet.empty()) fields.emplace_back("mobile_wallet_number", order.wallet);
  if (!order.wallet.empty()) fields.emplace_back("mobile_wallet_network", order.network);
  if (!order.voucher.empty()) fields.emplace_back("voucher", order.voucher);
  if (payout) {
    fields.emplace_back("payout_description", order.description.value_or("wages"));
  } else {
    fields.emplace_back("customer_name", order.name);
    fields.emplace_back("customer_email", order.email);
    fields.emplace_back("customer_telephone", order.telephone);
    if (order.description) fields.emplace_back("payment_description", *order.description);
  }
  JsonWriter json;
  json.begin_object();
  std::string form;
  for (const auto& [name, value] : fields) {
    json.member(name, value);
    form += (form.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
  }
  return order.as_form ? form : json.end_object().take();
}

}  // namespace

Clients::Clients(SimClock& clock, SimNetwork& network, SimRandom& random, Trace& trace, Auditor& auditor,
                 const Plan& plan, std::vector<SocketAddress> services)
    : clock_(clock),
      network_(network),
      random_(random),
      trace_(trace),
      auditor_(auditor),
      plan_(plan),
      services_(std::move(services)),
      began_(clock.ticks()),
      merchants_(plan.merchants),
      progress_(plan.orders.size()) {
  for (std::size_t i = 0; i < progress_.size(); ++i) progress_[i].second_window_done = !plan.orders[i].two_windows;
}

Clients::~Clients() = default;

bool Clients::finished() const { return std::ranges::all_of(progress_, &Progress::finished); }

void Clients::start(TaskGroup& tasks) {
  http_.clear();
  for (std::size_t i = 0; i < merchants_.size(); ++i) {
    const http::AddressGuard guard({*http::Cidr::parse("10.0.0.0/8")});
    http_.push_back(std::make_unique<http::Client>(clock_, network_, guard, http::ClientLimits{}));
  }
  for (std::size_t number = 0; number < progress_.size(); ++number) {
    if (progress_[number].finished()) continue;
    tasks.spawn(follow(number));
    if (plan_.orders[number].twice && !progress_[number].over) tasks.spawn(place_again(number));
    if (!progress_[number].second_window_done) tasks.spawn(second_window(number));
  }
}

Task<void> Clients::follow(std::size_t number) {
  const Order& order = plan_.orders[number];
  Progress& progress = progress_[number];
  const Ticks due = began_ + order.due;
  if (clock_.ticks() < due) co_await clock_.sleep_until(due);
  while (!progress.over) {
    co_await place(order, progress);
    if (!progress.over) co_await clock_.sleep(microseconds(random_.below(20'000'000)));
  }
  if (!progress.customer_done) co_await be_customer(order, progress);
  progress.customer_done = true;
  if (order.replays && progress.accepted && !progress.replayed) co_await replay(order);
  progress.replayed = true;
  if (!progress.looked) co_await look(order);
  progress.looked = true;
}

// The second of two requests that leave together, as from a double click.
Task<void> Clients::place_again(std::size_t number) {
  const Order& order = plan_.orders[number];
  const Ticks due = began_ + order.due;
  if (clock_.ticks() < due) co_await clock_.sleep_until(due);
  if (!progress_[number].over) co_await place(order, progress_[number]);
}

Clients::Ask Clients::request_of(const Order& order) const {
  const char* path = order.kind == Order::Kind::payout     ? "/api/v1/payout"
                     : order.kind == Order::Kind::checkout ? "/api/v1/charge/token"
                                                           : "/api/v1/charge";
  return {.merchant = order.merchant,
          .method = "POST",
          .path = path,
          .body = body_of(order),
          .key = order.key,
          .form = order.as_form,
          .order = &order,
          .patience = order.patience};
}

Task<void> Clients::place(const Order& order, Progress& progress) {
  ++progress.requests;
  const auto answer = co_await ask_authorized(request_of(order));
  if (!answer) {
    if (order.gives_up) progress.over = true;
    co_return;
  }
  take_answer(order, progress, *answer);
}

void Clients::take_answer(const Order& order, Progress& progress, const http::Answer& answer) {
  auditor_.answered(order, answer.status, answer.body);
  if (answer.status == 503) return;
  const bool in_progress = answer.status == 409 && answer.headers.find("retry-after") != nullptr;
  if (in_progress) return;
  const bool not_covered = answer.status == 402 && answer.body.find("does not cover") != std::string::npos;
  if (not_covered && ++progress.not_covered < not_covered_max) return;
  progress.over = true;
  if (answer.status != 200) return;
  progress.accepted = true;
  const auto json = http::Json::parse(answer.body);
  if (!json) return auditor_.fail(order.reference + " was answered with what is no JSON: " + answer.body);
  const http::Json* data = member(&*json, "data");
  const std::string redirect = text_of(member(data, "redirect_url"));
  if (const auto path = redirect.find("/simulator/"); path != std::string::npos)
    progress.card_page = redirect.substr(path);
  progress.token = text_of(member(&*json, "token"));
  progress.wants_input = text_of(member(data, "next_action")) == "submit_input";
}

// ---- the customer ----

Task<void> Clients::be_customer(const Order& order, Progress& progress) {
  if (order.kind == Order::Kind::checkout) {
    if (progress.token.empty() || order.tries.empty()) co_return;
    co_return co_await pay_checkout(order, progress.token);
  }
  if (order.customer == Order::Customer::never) co_return;
  if (progress.card_page.empty() && !progress.wants_input) co_return;
  co_await clock_.sleep(order.customer_waits);
  if (progress.wants_input) {
    co_await submit_code(order);
  } else {
    co_await decide_card(order, progress);
  }
}

Task<void> Clients::decide_card(const Order& order, Progress& progress) {
  const std::string decision = order.customer == Order::Customer::approves ? "decision=approve" : "decision=decline";
  for (;;) {
    auto answer = co_await ask({.merchant = order.merchant,
                                .method = "POST",
                                .path = progress.card_page,
                                .body = decision,
                                .authorized = false,
                                .form = true});
    if (answer && answer->status == 303) co_return;
    if (answer && answer->status != 503) {
      auditor_.fail("the card page of " + order.reference + " answered " + std::to_string(answer->status));
      co_return;
    }
    co_await clock_.sleep(seconds(3));
  }
}

Task<void> Clients::submit_code(const Order& order) {
  const std::string code = order.customer == Order::Customer::approves ? "4321" : "000000";
  for (;;) {
    auto answer =
        co_await ask_authorized({.merchant = order.merchant,
                                 .method = "POST",
                                 .path = "/api/v1/transactions/" + http::percent_encode(order.reference) + "/input",
                                 .body = "{\"input\":\"" + code + "\"}"});
    // 409: it is not waiting for a code any more, or is being worked on.
    const bool again = !answer || answer->status == 503 || answer->headers.find("retry-after") != nullptr;
    if (!again) {
      if (answer->status != 200 && answer->status != 409) auditor_.fail("a code was answered " + answer->body);
      co_return;
    }
    co_await clock_.sleep(seconds(2));
  }
}

// ---- looking back ----

Task<void> Clients::replay(const Order& order) {
  co_await clock_.sleep(microseconds(random_.below(3'600'000'000)));
  // First with the wrong body: the key is taken, and nothing may come of it.
  Order other = order;
  other.reference += "-other";
  Ask wrong = request_of(other);
  wrong.order = nullptr;
  const auto refusal = co_await ask_authorized(std::move(wrong));
  if (refusal && refusal->status != 409 && refusal->status != 503) {
    auditor_.fail("another request under the key of " + order.reference + " was answered " + refusal->body);
  }
  for (;;) {
    const auto answer = co_await ask_authorized(request_of(order));
    if (answer) auditor_.answered(order, answer->status, answer->body);
    if (answer && answer->status == 200) break;
    if (answer && answer->status != 503) {
      auditor_.fail(order.reference + " was accepted, and the same request then answered " +
                    std::to_string(answer->status));
    }
    co_await clock_.sleep(seconds(5));
  }
}

Task<void> Clients::look(const Order& order) {
  for (int i = 0; i < 2; ++i) {
    co_await clock_.sleep(microseconds(random_.below(1'200'000'000)));
    const std::string known = auditor_.status_known(order);
    const auto answer =
        co_await ask_authorized({.merchant = order.merchant,
                                 .method = "GET",
                                 .path = "/api/v1/transactions/" + http::percent_encode(order.reference)});
    if (!answer || answer->status != 200) continue;
    const auto json = http::Json::parse(answer->body);
    if (!json) continue;
    auditor_.saw_status(order, known, text_of(member(member(&*json, "transaction"), "status")));
  }
}

Task<void> Clients::list_all(std::size_t merchant, std::vector<Listed>& into) {
  std::size_t last_page = 1;
  for (std::size_t page = 1; page <= last_page; ++page) {
    const Ask wanted{
        .merchant = merchant, .method = "GET", .path = "/api/v1/transactions?page=" + std::to_string(page)};
    auto answer = co_await ask_authorized(wanted);
    if (!answer) answer = co_await ask_authorized(wanted);  // a connection that was still to break
    if (!answer || answer->status != 200 || answer->body_cut)
      co_return auditor_.fail("the list of transactions does not come");
    const auto json = http::Json::parse(answer->body);
    const http::Json* list = json ? member(&*json, "transactions") : nullptr;
    if (list == nullptr) co_return auditor_.fail("the list of transactions has none");
    last_page = std::stoul(text_of(member(list, "last_page")));
    for (const http::Json& row : member(list, "data")->items) {
      const auto text = [&row](std::string_view key) { return text_of(member(&row, key)); };
      into.push_back({text("id"), text("reference"), text("status"), text("amount"), text("type")});
    }
  }
}

// ---- requests ----

Task<std::optional<http::Answer>> Clients::ask(Ask ask) {
  const SocketAddress service = services_[next_service_++ % services_.size()];
  auto url = http::Url::parse("http://" + service.to_string() + ask.path);
  EPAY_CHECK(url.has_value());
  http::Exchange exchange{.url = *std::move(url), .method = ask.method, .body = ask.body, .time_max = ask.patience};
  if (!ask.body.empty()) {
    exchange.headers.add("Content-Type", ask.form ? "application/x-www-form-urlencoded" : "application/json");
  }
  if (!ask.key.empty()) exchange.headers.add("Idempotency-Key", ask.key);
  if (ask.authorized) exchange.headers.add("Authorization", "Bearer " + merchants_[ask.merchant].token);
  trace_.add("client " + std::to_string(ask.merchant) + " -> " + ask.method + " " + ask.path + " " + ask.key + " " +
             ask.body);
  auto report = co_await http_[ask.merchant]->exchange(std::move(exchange));
  if (!report.answer) {
    trace_.add("client " + std::to_string(ask.merchant) + " <- nothing: " + report.answer.error().message);
    co_return std::nullopt;
  }
  trace_.add("client " + std::to_string(ask.merchant) + " <- " + ask.key + " " + std::to_string(report.answer->status) +
             " " + report.answer->body);
  co_return *std::move(report.answer);
}

Task<std::optional<http::Answer>> Clients::ask_authorized(Ask ask) {
  Merchant& merchant = merchants_[ask.merchant];
  for (;;) {
    while (merchant.token.empty()) co_await fetch_token(ask.merchant);
    const std::string token = merchant.token;
    // From here on it may have arrived.
    if (ask.order != nullptr) auditor_.sent(*ask.order);
    auto answer = co_await this->ask(ask);
    if (!answer || answer->status != 401) {
      merchant.tokens_refused = 0;
      co_return answer;
    }
    if (merchant.token == token) merchant.token.clear();
    if (++merchant.tokens_refused > 20) auditor_.fail("fresh tokens are refused");
  }
}

Task<void> Clients::fetch_token(std::size_t number) {
  Merchant& merchant = merchants_[number];
  JsonWriter body;
  body.begin_object()
      .member("merchant_key", merchant.credentials.merchant_key)
      .member("app_id", merchant.credentials.app_id)
      .member("app_secret", merchant.credentials.app_secret)
      .end_object();
  const auto answer = co_await ask(
      {.merchant = number, .method = "POST", .path = "/api/v1/token", .body = body.take(), .authorized = false});
  if (answer && answer->status == 200) {
    const auto json = http::Json::parse(answer->body);
    const http::Json* data = json ? member(&*json, "data") : nullptr;
    merchant.token = text_of(member(data, "access_token"));
    co_return;
  }
  if (answer && answer->status != 503) auditor_.fail("a token was refused: " + answer->body);
  co_await clock_.sleep(microseconds(500'000 + random_.below(5'000'000)));
}

}  // namespace epay::simulation
