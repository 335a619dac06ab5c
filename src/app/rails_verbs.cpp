// epay rails: what a rails file switches on, and whether its keys open anything.
#include "app/rails_config.h"
#include "app/screen.h"
#include "app/verbs.h"
#include "base/json_writer.h"

namespace epay::app {
namespace {

constexpr std::size_t answer_max = 1024 * 1024;

struct Found {
  std::string_view rail;
  Mode mode = Mode::test;
  std::vector<std::string> takes;  // "payments by mtn"
  Result<Money> balance = fail(ErrorCode::unsupported, "");
};

constexpr std::string_view word(rails::OrderKind kind) {
  return kind == rails::OrderKind::collect ? "payments" : "payouts";
}

std::vector<std::string> takes(const rails::Rail& rail, Mode mode, const Currency& currency) {
  struct Way {
    rails::Channel channel;
    std::string_view network, words;
  };
  static constexpr Way ways[] = {{rails::Channel::momo, "mtn", "mtn"},
                                 {rails::Channel::momo, "telecel", "telecel"},
                                 {rails::Channel::momo, "airteltigo", "airteltigo"},
                                 {rails::Channel::card, "", "card"},
                                 {rails::Channel::bank, "", "bank"}};
  std::vector<std::string> all;
  for (const auto kind : {rails::OrderKind::collect, rails::OrderKind::payout}) {
    std::string by;
    for (const Way& way : ways) {
      const rails::Need need{
          .mode = mode, .kind = kind, .channel = way.channel, .currency = currency, .network = way.network};
      if (rail.serves(need)) by += (by.empty() ? "" : ", ") + std::string(way.words);
    }
    if (!by.empty()) all.push_back(std::string(word(kind)) + " by " + by);
  }
  if (rail.capabilities().refunds) all.push_back("refunds");
  return all;
}

void print(const Found& found, bool json) {
  const std::string_view mode = found.mode == Mode::live ? "live" : "test";
  if (json) {
    JsonWriter out;
    out.begin_object().member("rail", found.rail).member("mode", mode).key("takes").begin_array();
    for (const std::string& one : found.takes) out.value(one);
    out.end_array();
    out.member("balance", found.balance ? std::optional(found.balance->to_decimal()) : std::nullopt);
    out.member("answers", found.balance.has_value() || found.balance.error().code == ErrorCode::unsupported);
    out.member("error", found.balance ? std::nullopt : std::optional(found.balance.error().message));
    print_line(out.end_object().take());
    return;
  }
  std::string line = padded(std::string(found.rail), 10) + padded(std::string(mode), 6);
  for (std::size_t i = 0; i < found.takes.size(); ++i) line += (i == 0 ? "" : "; ") + found.takes[i];
  print_line(line);
  if (found.balance) {
    print_line("                " + coloured(Colour::green, "answers: ") + found.balance->to_decimal() + " " +
               std::string(found.balance->currency.code()) + " to send");
  } else if (found.balance.error().code == ErrorCode::unsupported) {
    print_line("                " + coloured(Colour::dim, "not asked: " + found.balance.error().message));
  } else {
    print_line("                " + coloured(Colour::red, printable(found.balance.error().message)));
  }
}

Task<int> check(RailsVerbConfig config, VerbContext& context) {
  const auto settings = load_rails(config.rails_file);
  if (!settings) co_return report(settings.error());
  const auto currency = Currency::parse(config.currency);
  if (!currency) co_return report({ErrorCode::invalid, "--currency: must be an ISO 4217 code such as GHS"});
  Log log(LogLevel::error, [&context] { return context.clock.now(); }, [](LogLevel, std::string_view) {});
  http::Client client(context.clock, context.network, http::AddressGuard({*http::Cidr::parse("::/0")}),
                      {.body_bytes_kept = answer_max, .body_bytes_max = answer_max});
  const rails::CallbackTokens tokens(context.vault);
  const rails::RailTools tools{context.clock, context.random, log, client, tokens};
  int code = 0;
  for (const auto& make : settings->makers) {
    const auto rail = make(tools);
    const Mode mode = rail->serves_mode(Mode::live) ? Mode::live : Mode::test;
    Found found{.rail = rail->name(), .mode = mode, .takes = takes(*rail, mode, *currency)};
    found.balance = co_await rail->balance(*currency);
    if (!found.balance && found.balance.error().code != ErrorCode::unsupported) code = 1;
    print(found, config.json);
  }
  if (settings->makers.empty() && !config.json) print_line("no rail is switched on");
  co_return code;
}

}  // namespace

int rails_check(const RailsVerbConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return check(config, context); }, MasterKey::not_needed);
}

}  // namespace epay::app
