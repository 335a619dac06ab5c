#include "app/trigger.h"

#include <charconv>

#include "app/screen.h"
#include "app/webhook_verbs.h"
#include "base/json_writer.h"
#include "events/event.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::app {
namespace {

using events::EventType;

// Numbers of test mode's own network (rails/simulator/scenario.cpp).
constexpr std::string_view wallet_that_pays = "0240000000";
constexpr std::string_view wallet_that_refuses = "0240000451";
constexpr std::string_view wallet_that_never_answers = "0240000453";
constexpr std::string_view customer_name = "Ama Mensah";
constexpr std::size_t reference_chance = 10;
// What a payout may need in the wallet, and how long the charge that puts it there may take.
constexpr seconds funding_time_max{60};
constexpr milliseconds funding_look_every{250};

struct Triggered {
  std::string reference;              // empty: none
  std::optional<std::int64_t> event;  // where it has been recorded already
  std::string expect;
};

class Trigger {
 public:
  Trigger(Clock& clock, Random& random, ApiClient& api) : clock_(clock), random_(random), api_(api) {}

  // Errors: the API's.
  Task<Result<Triggered>> run(EventType type);

 private:
  std::string new_reference() { return "trigger-" + random_.text(reference_chance, Random::letters_and_digits); }
  Task<Result<Triggered>> make(EventType type);
  Task<Result<>> check_test_mode();
  Task<Result<Triggered>> charge(std::string_view wallet, std::string expect);
  Task<Result<Triggered>> payout(std::string_view wallet, std::string expect);
  Task<Result<>> send_payout(std::string_view wallet, const std::string& reference);
  Task<Result<>> fill_wallet();
  Task<Result<Triggered>> create_customer();
  Task<Result<Triggered>> record_example(EventType type);

  Clock& clock_;
  Random& random_;
  ApiClient& api_;
};

const http::Json* member_at(const http::Json& json, std::initializer_list<std::string_view> path) {
  const http::Json* at = &json;
  for (const std::string_view key : path) {
    at = at->find(key);
    if (at == nullptr) break;
  }
  return at;
}

std::string text_at(const http::Json& json, std::initializer_list<std::string_view> path) {
  const http::Json* found = member_at(json, path);
  return found != nullptr ? found->text : "";
}

// With live credentials a payout would move money. Whose newest event is of live mode is in it; who has none yet has
// nothing to pay out either. The server looks only so far back at a time.
Task<Result<>> Trigger::check_test_mode() {
  std::string target = "/events?order=newest&limit=1";
  for (;;) {
    const auto answer = co_await api_.get(target);
    if (!answer) co_return std::unexpected(answer.error());
    const http::Json* events = member_at(*answer, {"events", "data"});
    const http::Json* has_more = member_at(*answer, {"events", "has_more"});
    if (events == nullptr || has_more == nullptr) break;
    if (events->items.empty() && has_more->truth) {
      target = "/events?limit=1&before=" + text_at(*answer, {"events", "next_cursor"});
      continue;
    }
    if (events->items.empty() || text_at(events->items[0], {"mode"}) != "live") co_return Result<>();
    co_return fail(ErrorCode::refused, "these credentials are of live mode; epay trigger works in test mode only");
  }
  co_return fail(ErrorCode::malformed_reply, "the server's list of events cannot be read");
}

Task<Result<Triggered>> Trigger::charge(std::string_view wallet, std::string expect) {
  Triggered triggered{.reference = new_reference(), .expect = std::move(expect)};
  JsonWriter json;
  json.begin_object().member("reference", triggered.reference).member("amount", 1).member("payment_method", "momo");
  json.member("mobile_wallet_number", wallet).member("mobile_wallet_network", "mtn");
  json.member("customer_name", customer_name).member("customer_email", "ama@example.com");
  json.member("customer_telephone", wallet_that_pays).member("payment_description", "epay trigger").end_object();
  const auto answer = co_await api_.post("/charge", json.take());
  if (!answer) co_return std::unexpected(answer.error());
  co_return triggered;
}

Task<Result<>> Trigger::send_payout(std::string_view wallet, const std::string& reference) {
  JsonWriter json;
  json.begin_object().member("reference", reference).member("amount", 1).member("payout_method", "momo");
  json.member("mobile_wallet_number", wallet).member("mobile_wallet_network", "mtn");
  json.member("payout_description", "epay trigger").end_object();
  const auto answer = co_await api_.post("/payout", json.take());
  if (!answer) co_return std::unexpected(answer.error());
  co_return Result<>();
}

// Charges a customer, and waits until the money is there.
Task<Result<>> Trigger::fill_wallet() {
  const auto charged = co_await charge(wallet_that_pays, "");
  if (!charged) co_return std::unexpected(charged.error());
  const Ticks due = clock_.ticks() + funding_time_max;
  while (clock_.ticks() < due) {
    const auto answer = co_await api_.get("/transactions/" + charged->reference);
    if (!answer) co_return std::unexpected(answer.error());
    const std::string status = text_at(*answer, {"transaction", "status"});
    if (status == "success") co_return Result<>();
    if (status != "pending") co_return fail(ErrorCode::refused, "the charge to fill the wallet is " + status);
    co_await clock_.sleep(funding_look_every);
  }
  co_return fail(ErrorCode::timed_out, "the charge to fill the wallet is still pending");
}

Task<Result<Triggered>> Trigger::payout(std::string_view wallet, std::string expect) {
  Triggered triggered{.reference = new_reference(), .expect = std::move(expect)};
  auto sent = co_await send_payout(wallet, triggered.reference);
  if (!sent && sent.error().code == ErrorCode::refused) {
    // Most likely there is nothing in the wallet.
    if (const auto filled = co_await fill_wallet(); !filled) co_return std::unexpected(filled.error());
    if (const auto checked = co_await check_test_mode(); !checked) co_return std::unexpected(checked.error());
    triggered.reference = new_reference();
    sent = co_await send_payout(wallet, triggered.reference);
  }
  if (!sent) co_return std::unexpected(sent.error());
  co_return triggered;
}

// A new one each time: who is a customer already does not become one.
Task<Result<Triggered>> Trigger::create_customer() {
  const std::string email = new_reference() + "@example.com";
  JsonWriter json;
  json.begin_object().member("name", customer_name).member("email", email);
  json.member("telephone", wallet_that_pays).end_object();
  const auto answer = co_await api_.post("/customers", json.take());
  if (!answer) co_return std::unexpected(answer.error());
  co_return Triggered{email, {}, "the customer is created; the event is recorded where an endpoint asks for it"};
}

Task<Result<Triggered>> Trigger::record_example(EventType type) {
  JsonWriter json;
  json.begin_object().member("type", events::name_of(type)).end_object();
  const auto answer = co_await api_.post("/events", json.take());
  if (!answer) co_return std::unexpected(answer.error());
  Triggered triggered{.expect = "an example is recorded, and goes to every endpoint that asks for it"};
  const std::string id = text_at(*answer, {"event", "id"});
  std::int64_t number = 0;
  if (std::from_chars(id.data(), id.data() + id.size(), number).ec == std::errc()) triggered.event = number;
  triggered.reference = text_at(*answer, {"event", "payload", "data", "transaction", "reference"});
  co_return triggered;
}

Task<Result<Triggered>> Trigger::run(EventType type) {
  if (const auto checked = co_await check_test_mode(); !checked) co_return std::unexpected(checked.error());
  co_return co_await make(type);
}

Task<Result<Triggered>> Trigger::make(EventType type) {
  switch (type) {
    case EventType::payment_success:
      return charge(wallet_that_pays, "the customer approves in a moment; then the event follows");
    case EventType::payment_failed:
      return charge(wallet_that_refuses, "the customer refuses in a moment; then the event follows");
    case EventType::payment_pending:
      return charge(wallet_that_never_answers,
                    "the network waits for a customer who never answers; the event is recorded where an endpoint asks "
                    "for it");
    case EventType::payout_success:
      return payout(wallet_that_pays, "the network pays out in a moment; then the event follows");
    case EventType::payout_failed:
      return payout(wallet_that_refuses, "the network refuses in a moment; then the event follows");
    case EventType::customer_created: return create_customer();
    case EventType::payout_reversed:
    case EventType::refund_success:
    case EventType::refund_failed:
    case EventType::endpoint_disabled:
    case EventType::endpoint_recovered:
    case EventType::ping: return record_example(type);
  }
  return record_example(type);
}

void print(std::string_view event, const Triggered& triggered, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().member("event", event).member("event_id", triggered.event);
    out.member("reference", triggered.reference.empty() ? std::nullopt : std::optional(triggered.reference));
    return print_line(out.member("expect", triggered.expect).end_object().take());
  }
  print_line(std::string(event) + "  " + (triggered.reference.empty() ? "" : triggered.reference + "  ") +
             (triggered.event ? "event " + std::to_string(*triggered.event) + "  " : "") + triggered.expect);
}

struct Run {
  const TriggerConfig& config;
  EventType type;
  runtime::Reactor& reactor;
  Trigger& trigger;
  int exit_code = 1;
};

Task<void> trigger_all(Run& run) {
  Result<> done;
  for (std::int64_t i = 0; i < run.config.count && done; ++i) {
    const auto triggered = co_await run.trigger.run(run.type);
    if (triggered) {
      print(run.config.event, *triggered, run.config.json);
    } else {
      done = std::unexpected(triggered.error());
    }
  }
  run.exit_code = done ? 0 : (report(done.error()), 1);
  run.reactor.stop();
}

}  // namespace

int trigger(const TriggerConfig& config) {
  if (config.list) return list_event_types(config.json);
  const auto type = events::find_type(config.event);
  if (!type) {
    return report({ErrorCode::invalid, config.event.empty() ? "which event? epay trigger --list shows them"
                                                            : "there is no event \"" + config.event +
                                                                  "\"; epay trigger --list shows them"});
  }
  if (config.count < 1 || config.count > trigger_count_max) {
    return report({ErrorCode::invalid, "--count: must be 1 to " + std::to_string(trigger_count_max)});
  }
  auto access = api_access(config.api);
  if (!access) return report(access.error());
  runtime::SystemRandom random;
  runtime::Reactor reactor;
  Log log(
      LogLevel::warning, [&reactor] { return reactor.clock().now(); },
      [](LogLevel, std::string_view line) { print_notice(std::string(line)); });
  ApiClient api(reactor.clock(), random, reactor.network(), *std::move(access));
  Trigger pipeline(reactor.clock(), random, api);
  Run run{config, *type, reactor, pipeline};
  TaskGroup tasks(reactor.clock(), log, "trigger");
  tasks.spawn(trigger_all(run));
  reactor.run();
  return run.exit_code;
}

}  // namespace epay::app
