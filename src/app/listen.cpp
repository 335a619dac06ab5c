#include "app/listen.h"

#include <charconv>

#include "app/listen_state.h"
#include "app/listener.h"
#include "app/screen.h"
#include "app/verbs.h"
#include "base/json_writer.h"
#include "events/signing_secret.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::app {
namespace {

constexpr std::size_t secret_bytes_least = 24, secret_bytes_most = 64;
constexpr std::size_t type_width = 19, id_width = 10, reference_width = 24;
// How long a stop waits for a local receiver that has an event, and for nothing else.
constexpr microseconds stop_time_max = seconds(20), idle_stop_time_max = milliseconds(300);

// Everything that the command line, the environment and the state file say.
struct Tunnel {
  ApiAccess access;
  std::string server;
  std::string forward_to;
  http::Url forward_url;
  std::string types;
  ListenStateFile file;
  ListenState state;
};

std::unexpected<Error> bad_flag(const std::string& flag, const std::string& why) {
  return fail(ErrorCode::invalid, flag + ": " + why);
}

Result<std::optional<std::int64_t>> parse_after(const std::string& text, const std::optional<std::int64_t>& kept) {
  if (text.empty()) return kept;
  if (text == "now") return std::nullopt;
  std::int64_t id = -1;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, id);
  if (parsed.ec != std::errc() || parsed.ptr != end || id < 0) {
    return bad_flag("--after", "must be the number of an event, or now");
  }
  return id;
}

Result<Secret> choose_secret(const std::string& given, const std::optional<ListenState>& kept, Random& random) {
  if (given.empty()) return kept ? kept->secret : Secret(random.bytes(events::signing_secret_bytes));
  auto secret = events::parse_shown_secret(given);
  if (!secret || secret->reveal().size() < secret_bytes_least || secret->reveal().size() > secret_bytes_most) {
    return bad_flag("--secret", "must be whsec_ and 24 to 64 bytes in base64");
  }
  return *std::move(secret);
}

Result<ListenState> begin_state(const ListenConfig& config, const ListenStateFile& file, ListenState fresh,
                                Random& random) {
  const auto kept = file.load();
  if (!kept) return std::unexpected(kept.error());
  if (*kept && ((*kept)->server != fresh.server || (*kept)->account != fresh.account)) {
    return bad_flag("--state", file.path() + " is of " + (*kept)->server + " (" + (*kept)->account +
                                   "): its events are numbered otherwise; give another file");
  }
  auto secret = choose_secret(config.secret, *kept, random);
  if (!secret) return std::unexpected(secret.error());
  fresh.secret = *std::move(secret);
  const auto after = parse_after(config.after, *kept ? (*kept)->cursor : std::nullopt);
  if (!after) return std::unexpected(after.error());
  fresh.cursor = *after;
  if (const auto saved = file.save(fresh); !saved) return std::unexpected(saved.error());
  return fresh;
}

Result<Tunnel> prepare(const ListenConfig& config, Random& random) {
  auto access = api_access(config.api);
  if (!access) return std::unexpected(access.error());
  const std::string forward_to =
      config.forward_to.find("://") == std::string::npos ? "http://" + config.forward_to : config.forward_to;
  auto url = http::Url::parse(forward_to);
  if (!url) return bad_flag("--forward-to", url.error().message);
  std::string types;
  for (const std::string& type : config.types) {
    if (!type.empty()) types += (types.empty() ? "" : ",") + type;
  }
  const std::string server = access->server.scheme + "://" + access->server.authority();
  auto path = config.state_file.empty() ? default_state_path(server, access->account(), forward_to)
                                        : Result<std::string>(config.state_file);
  if (!path) return std::unexpected(path.error());
  auto file = ListenStateFile::open(*std::move(path));
  if (!file) return std::unexpected(file.error());
  auto state = begin_state(config, *file, {server, access->account(), {}, {}}, random);
  if (!state) return std::unexpected(state.error());
  return Tunnel{*std::move(access), server, forward_to, *std::move(url), types, *std::move(file), *std::move(state)};
}

void print_beginning(const Tunnel& tunnel, bool json) {
  const std::string secret = events::show_verifier({.bytes = tunnel.state.secret});
  const auto& cursor = tunnel.state.cursor;
  if (json) {
    JsonWriter out;
    out.begin_object().member("listening_to", tunnel.server).member("after", cursor);
    out.member("forward_to", tunnel.forward_to).member("secret", secret).member("state", tunnel.file.path());
    return print_line(out.end_object().take());
  }
  print_line("listening to " + tunnel.server + (cursor ? " after event " + std::to_string(*cursor) : " from now on") +
             ", forwarding to " + tunnel.forward_to + ", signed with " + secret);
}

std::string event_json(const ForwardedEvent& forwarded, Timestamp now, bool print_body) {
  const StreamedEvent& event = forwarded.event;
  JsonWriter out;
  out.begin_object().member("time", now.to_iso8601()).member("id", event.id).member("type", event.type);
  out.member("mode", event.mode).member("sequence", event.sequence).member("reference", event.reference());
  out.member("webhook_id", event.webhook_id()).member("taken", forwarded.taken()).member("tries", forwarded.tries);
  out.member("status", forwarded.status).member("failure", forwarded.failure);
  out.member("took_ms", forwarded.took.count() / 1'000);
  if (print_body) out.key("payload").raw(event.payload);
  return out.end_object().take();
}

std::string event_line(const ForwardedEvent& forwarded, Timestamp now) {
  const StreamedEvent& event = forwarded.event;
  const std::string reference = event.reference();
  std::string outcome = forwarded.status ? std::to_string(*forwarded.status) : printable(forwarded.failure);
  if (!forwarded.taken()) {
    outcome = "not taken in " + std::to_string(forwarded.tries) + " tries: " + outcome;
  } else if (forwarded.tries > 1) {
    outcome += " at try " + std::to_string(forwarded.tries);
  }
  return now.to_wire().substr(11) + "  " + padded(printable(event.type), type_width) + " " +
         padded(event.webhook_id(), id_width) + " " +
         padded(reference.empty() ? "-" : printable(reference), reference_width) + " → " +
         coloured(forwarded.taken() ? Colour::green : Colour::red, outcome) +
         coloured(Colour::dim, "  " + std::to_string(forwarded.took.count() / 1'000) + " ms");
}

void print_summary(const ListenerSummary& summary, bool json) {
  const std::string cursor = summary.cursor ? std::to_string(*summary.cursor) : "";
  if (json) {
    JsonWriter out;
    out.begin_object().member("taken", summary.taken).member("not_taken", summary.not_taken);
    out.member("reconnects", summary.reconnects).member("after", summary.cursor);
    return print_line(out.end_object().take());
  }
  print_line(std::to_string(summary.taken) + " events taken, " + std::to_string(summary.not_taken) + " not taken, " +
             std::to_string(summary.reconnects) + " reconnections" +
             (cursor.empty() ? "" : "; the next run goes on after event " + cursor));
}

ListenerReports reports_of(Tunnel& tunnel, Clock& clock, const ListenConfig& config) {
  return {.keep =
              [&tunnel](std::int64_t cursor) {
                tunnel.state.cursor = cursor;
                return tunnel.file.save(tunnel.state);
              },
          .forwarded =
              [&clock, &config](const ForwardedEvent& forwarded) {
                if (config.json) return print_line(event_json(forwarded, clock.now(), config.print_body));
                print_line(event_line(forwarded, clock.now()));
                if (config.print_body) print_line("  " + printable(forwarded.event.payload));
              },
          .notice = [](const std::string& text) { print_notice(printable(text)); }};
}

struct Run {
  runtime::Reactor& reactor;
  Listener& listener;
  TaskGroup& listening;
  int exit_code = 0;
  bool stopping = false;
};

Task<void> run_listener(Run& run, std::optional<std::int64_t> after) {
  const auto ended = co_await run.listener.run(after);
  if (!ended) run.exit_code = report(ended.error());
  if (!run.stopping) run.reactor.stop();
}

Task<void> stop_listener(Run& run) {
  const microseconds patience = run.listener.forwarding() ? stop_time_max : idle_stop_time_max;
  run.listener.stop();
  co_await run.listening.wait_empty(run.reactor.clock().ticks() + patience);
  run.reactor.stop();
}

}  // namespace

int listen(const ListenConfig& config) {
  runtime::SystemRandom random;
  auto tunnel = prepare(config, random);
  if (!tunnel) return report(tunnel.error());
  runtime::Reactor reactor;
  Log log(
      LogLevel::warning, [&reactor] { return reactor.clock().now(); },
      [](LogLevel, std::string_view line) { print_notice(std::string(line)); });
  ApiClient api(reactor.clock(), random, reactor.network(), tunnel->access);
  http::Client local(reactor.clock(), reactor.network(), any_address(), {});
  Listener listener(reactor.clock(), random, api, local,
                    {tunnel->forward_url, tunnel->state.secret, tunnel->types, config.strict},
                    reports_of(*tunnel, reactor.clock(), config));
  TaskGroup listening(reactor.clock(), log, "listen");
  TaskGroup stopping(reactor.clock(), log, "stop");
  Run run{reactor, listener, listening};
  reactor.on_signal([&](int) {
    // A second signal does not wait any longer.
    if (run.stopping) return reactor.stop();
    run.stopping = true;
    stopping.spawn(stop_listener(run));
  });
  print_beginning(*tunnel, config.json);
  listening.spawn(run_listener(run, tunnel->state.cursor));
  reactor.run();
  print_summary(listener.summary(), config.json);
  return run.exit_code;
}

}  // namespace epay::app
