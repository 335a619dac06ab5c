// epay statement import|list|show|queue|resolve: a rail's statement against the books.
#include <algorithm>
#include <cstdio>
#include <fstream>

#include "app/moment.h"
#include "app/screen.h"
#include "app/verbs.h"
#include "base/json_writer.h"
#include "events/delivery.h"
#include "rails/rail.h"
#include "reconciliation/reconcile.h"
#include "reconciliation/report.h"

namespace epay::app {
namespace {

using namespace reconciliation;

constexpr std::size_t lines_at_once = 200;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file) return fail(ErrorCode::unavailable, "cannot read " + path);
  return text;
}

std::string decimal(std::int64_t minor, const Currency& currency) {
  const std::string text = Money{minor < 0 ? -minor : minor, currency}.to_decimal();
  return (minor < 0 ? "-" : "") + text;
}
std::string decimal(std::int64_t minor, const std::string& currency) {
  return decimal(minor, Currency::parse(currency).value_or(Currency::ghs()));
}

struct ReadStatement {
  NewStatement wanted;
  std::vector<StatementLine> lines;
};

Result<Mapping> mapping_for(const StatementConfig& config) {
  if (config.mapping_file.empty()) return mapping_of(config.rail);
  const auto text = read_file(config.mapping_file);
  if (!text) return std::unexpected(text.error());
  auto mapping = parse_mapping(*text);
  if (!mapping) return fail(ErrorCode::invalid, "--mapping: " + config.mapping_file + ": " + mapping.error().message);
  return mapping;
}

Result<ReadStatement> read(const StatementConfig& config, Timestamp now) {
  const auto rail = rails::rail_named(config.rail);
  if (!rail) return fail(ErrorCode::invalid, "--rail: must be mtn, paystack, hubtel or mpgs");
  if (config.mode != "live" && config.mode != "test") return fail(ErrorCode::invalid, "--mode: must be live or test");
  const auto mapping = mapping_for(config);
  if (!mapping) return std::unexpected(mapping.error());
  auto content = read_file(config.file);
  if (!content) return std::unexpected(content.error());
  ReadStatement statement;
  auto lines = read_statement(*content, *mapping);
  if (!lines) return fail(ErrorCode::invalid, config.file + ": " + lines.error().message);
  statement.lines = *std::move(lines);
  NewStatement& wanted = statement.wanted;
  wanted = {.rail = static_cast<std::int64_t>(*rail),
            .mode = config.mode == "live" ? Mode::live : Mode::test,
            .name = config.file.substr(config.file.rfind('/') + 1),
            .content = *std::move(content)};
  const auto [first, last] = std::ranges::minmax_element(statement.lines, {}, &StatementLine::occurred_at);
  if (first != statement.lines.end()) {
    wanted.since = first->occurred_at;
    wanted.until = last->occurred_at + seconds(1);
  }
  for (const auto& [flag, text, at] :
       {std::tuple{"--since", &config.since, &wanted.since}, std::tuple{"--until", &config.until, &wanted.until}}) {
    if (text->empty()) continue;
    const auto moment = parse_moment(*text, now);
    if (!moment) return fail(ErrorCode::invalid, std::string(flag) + ": " + moment.error().message);
    *at = *moment;
  }
  if (statement.lines.empty() && (config.since.empty() || config.until.empty()))
    return fail(ErrorCode::invalid, config.file + ": has no lines; --since and --until say what it is of");
  return statement;
}

void print(const FoundLine& found, bool json) {
  const StatementLine& line = found.line;
  if (json) {
    JsonWriter out;
    out.begin_object().member("statement", found.statement.value).member("line", line.number);
    out.member("finding", wire_name(found.finding)).member("kind", wire_name(line.kind));
    out.member("reference", line.reference).member("rail_reference", line.rail_reference);
    out.member("amount", decimal(line.amount.minor, line.amount.currency));
    out.member("currency", line.amount.currency.code()).member("succeeded", line.succeeded);
    out.member("occurred_at", line.occurred_at.to_wire());
    out.member("merchant_id", found.order ? std::optional(found.order->scope.merchant.value) : std::nullopt);
    out.member("payment_id", found.order ? std::optional(found.order->payment.value) : std::nullopt);
    out.member("ours",
               found.ours_minor ? std::optional(decimal(*found.ours_minor, line.amount.currency)) : std::nullopt);
    out.member("suspended", decimal(found.suspended_minor, line.amount.currency));
    out.member("resolution",
               found.resolution ? std::optional(std::string(wire_name(*found.resolution))) : std::nullopt);
    out.member("note", found.note);
    print_line(out.end_object().take());
    return;
  }
  std::string text = "statement " + std::to_string(found.statement.value) + " line " + std::to_string(line.number) +
                     "  " + coloured(Colour::yellow, std::string(wire_name(found.finding))) + ": " +
                     std::string(wire_name(line.kind)) + " of " + decimal(line.amount.minor, line.amount.currency) +
                     " " + std::string(line.amount.currency.code()) + (line.succeeded ? "" : " (failed there)") +
                     " at " + line.occurred_at.to_wire();
  if (!line.reference.empty()) text += ", reference " + printable(line.reference);
  if (!line.rail_reference.empty()) text += ", the rail's " + printable(line.rail_reference);
  print_line(text);
  std::string evidence = "    ours: ";
  if (found.order) {
    evidence += "merchant " + std::to_string(found.order->scope.merchant.value) + ", payment " +
                std::to_string(found.order->payment.value);
    evidence += found.ours_minor ? ", " + decimal(*found.ours_minor, line.amount.currency) + " in the books"
                                 : ", nothing in the books";
  } else {
    evidence += "no such order";
  }
  if (found.suspended_minor != 0) evidence += "; in suspense: " + decimal(found.suspended_minor, line.amount.currency);
  print_line(evidence);
}

Task<Result<>> take_lines(VerbContext& context, const Statement& statement, const std::vector<StatementLine>& lines) {
  for (std::size_t at = 0; at < lines.size(); at += lines_at_once) {
    const std::size_t end = std::min(at + lines_at_once, lines.size());
    const auto taken = co_await context.database.write(
        [&, now = context.clock.now(), jitter = int(context.random.below(400))](db::Transaction& tx) -> Result<> {
          bool changed = false;
          for (std::size_t i = at; i < end; ++i)
            changed = take_line(tx, statement, lines[i], now, jitter).has_value() || changed;
          if (changed) events::note_outside_change(tx);
          return {};
        });
    if (!taken) co_return taken;
  }
  co_return Result<>();
}

Task<Result<>> look_for_ours(VerbContext& context, const Statement& statement) {
  const auto merchants = co_await context.database.read(
      [](db::Transaction& tx) -> Result<std::vector<MerchantId>> { return merchant_ids(tx); });
  if (!merchants) co_return std::unexpected(merchants.error());
  for (const MerchantId merchant : *merchants) {
    const auto looked = co_await context.database.write([&statement, merchant](db::Transaction& tx) -> Result<> {
      find_ours_only(tx, statement, merchant);
      return {};
    });
    if (!looked) co_return looked;
  }
  co_return Result<>();
}

struct Whole {
  Statement statement;
  std::vector<FoundLine> lines;
  std::vector<Explanation> explanations;
  std::vector<Clearing> clearing;
};

Result<Whole> whole(db::Transaction& tx, StatementId id) {
  auto statement = find_statement(tx, id);
  if (!statement) return std::unexpected(statement.error());
  Whole found{.statement = *std::move(statement)};
  found.lines = lines_of(tx, id);
  found.explanations = explain(tx, found.statement);
  found.clearing = clearing_of(tx, found.statement.rail, found.statement.mode);
  return found;
}

void print_json(const Whole& all) {
  JsonWriter out;
  out.begin_object().member("statement", all.statement.id.value).member("name", all.statement.name);
  out.member("rail", rails::name_of(static_cast<rails::RailId>(all.statement.rail)));
  out.member("since", all.statement.since.to_wire()).member("until", all.statement.until.to_wire());
  std::map<Finding, std::int64_t> counts;
  for (const FoundLine& found : all.lines) ++counts[found.finding];
  out.key("findings").begin_object();
  for (const auto& [finding, count] : counts) out.member(wire_name(finding), count);
  out.end_object().key("currencies").begin_array();
  for (const Explanation& one : all.explanations) {
    const auto sum = [&](std::string_view name, const Sum& of) {
      out.key(name).begin_object().member("count", of.count).member("amount", decimal(of.minor, one.currency));
      out.end_object();
    };
    out.begin_object().member("currency", one.currency);
    sum("theirs", one.theirs);
    sum("ours", one.ours);
    out.key("differences").begin_object();
    for (const auto& [finding, of] : one.differences) sum(wire_name(finding), of);
    out.end_object();
    sum("booked_outside", one.booked_outside);
    sum("on_other_statement", one.on_other_statement);
    sum("rail_fees", one.rail_fees);
    sum("settlements", one.settlements);
    sum("others", one.others);
    out.member("in_suspense", decimal(one.in_suspense_minor, one.currency));
    out.member("unexplained", decimal(one.unexplained_minor(), one.currency)).end_object();
  }
  out.end_array().key("clearing").begin_array();
  for (const Clearing& one : all.clearing)
    out.begin_object().member("currency", one.currency).member("amount", decimal(one.minor, one.currency)).end_object();
  print_line(out.end_array().end_object().take());
}

void print_people(const Whole& all) {
  const std::string rail(rails::name_of(static_cast<rails::RailId>(all.statement.rail)));
  print_line("statement " + std::to_string(all.statement.id.value) + ", " + printable(all.statement.name) + ": " +
             rail + " from " + all.statement.since.to_wire() + " to " + all.statement.until.to_wire() + " UTC, " +
             std::to_string(all.lines.size()) + " lines");
  for (const Explanation& one : all.explanations) {
    const auto row = [&](const std::string& what, const Sum& of) {
      if (of.count == 0) return;
      print_line("  " + padded(what, 58) + padded(std::to_string(of.count), 8) + decimal(of.minor, one.currency));
    };
    print_line(one.currency);
    row("orders that succeeded, by the statement", one.theirs);
    for (const auto& [finding, of] : one.differences) {
      Sum taken = of;
      taken.minor = -taken.minor;
      row("  " + std::string(wire_name(finding)), taken);
    }
    Sum outside = one.booked_outside;
    outside.minor = -outside.minor;
    row("  in our books before or after its time", outside);
    row("  in our books, and on another statement", one.on_other_statement);
    row("entries of orders in our books in its time", one.ours);
    row("beside them: the rail's fees", one.rail_fees);
    row("beside them: settlements to the bank", one.settlements);
    row("beside them: others", one.others);
    if (one.in_suspense_minor != 0)
      print_line("  " + padded("in suspense, waiting for a person", 66) + decimal(one.in_suspense_minor, one.currency));
    const std::int64_t left = one.unexplained_minor();
    print_line(left == 0 ? coloured(Colour::green, "  everything is explained")
                         : coloured(Colour::red, "  NOT explained: " + decimal(left, one.currency)));
  }
  for (const Clearing& one : all.clearing) {
    print_line("by our books " + rail + " owes us " + decimal(one.minor, one.currency) + " " + one.currency +
               " today, less what it has settled");
  }
}

Task<int> show_whole(StatementId id, bool json, VerbContext& context) {
  const auto all = co_await context.database.read([id](db::Transaction& tx) -> Result<Whole> { return whole(tx, id); });
  if (!all) co_return report(all.error());
  if (json) {
    print_json(*all);
  } else {
    print_people(*all);
    for (const FoundLine& found : all->lines) {
      if (!found.resolution) print(found, false);
    }
  }
  for (const Explanation& one : all->explanations) {
    if (one.unexplained_minor() != 0) co_return 1;
  }
  co_return 0;
}

Task<int> import(StatementConfig config, VerbContext& context) {
  const auto file = read(config, context.clock.now());
  if (!file) co_return report(file.error());
  const auto begun =
      co_await context.database.write([&file, now = context.clock.now()](db::Transaction& tx) -> Result<Statement> {
        return begin_statement(tx, file->wanted, now);
      });
  if (!begun) co_return report(begun.error());
  if (const auto taken = co_await take_lines(context, *begun, file->lines); !taken) co_return report(taken.error());
  if (const auto looked = co_await look_for_ours(context, *begun); !looked) co_return report(looked.error());
  const auto finished =
      co_await context.database.write([&begun, now = context.clock.now()](db::Transaction& tx) -> Result<> {
        finish_statement(tx, begun->id, now);
        return {};
      });
  if (!finished) co_return report(finished.error());
  co_return co_await show_whole(begun->id, config.json, context);
}

Task<int> list(bool json, VerbContext& context) {
  const auto found = co_await context.database.read(
      [](db::Transaction& tx) -> Result<std::vector<Statement>> { return list_statements(tx); });
  if (!found) co_return report(found.error());
  for (const Statement& one : *found) {
    const std::string rail(rails::name_of(static_cast<rails::RailId>(one.rail)));
    if (json) {
      JsonWriter out;
      out.begin_object().member("statement", one.id.value).member("rail", rail).member("name", one.name);
      out.member("since", one.since.to_wire()).member("until", one.until.to_wire());
      out.member("imported_at", one.imported_at.to_wire()).member("finished", one.finished_at.has_value());
      print_line(out.end_object().take());
    } else {
      print_line(padded(std::to_string(one.id.value), 6) + padded(rail, 10) + one.since.to_wire() + "  " +
                 one.until.to_wire() + "  " + printable(one.name) + (one.finished_at ? "" : "  (interrupted)"));
    }
  }
  co_return 0;
}

Task<int> queue(bool json, VerbContext& context) {
  const auto found = co_await context.database.read(
      [](db::Transaction& tx) -> Result<std::vector<FoundLine>> { return open_lines(tx); });
  if (!found) co_return report(found.error());
  for (const FoundLine& one : *found) print(one, json);
  if (found->empty() && !json) print_line("nothing waits for a person");
  co_return 0;
}

Task<int> resolve_line(StatementConfig config, VerbContext& context) {
  Resolution as = Resolution::noted;
  if (config.as == "credited")
    as = Resolution::credited;
  else if (config.as == "returned")
    as = Resolution::returned;
  else if (config.as != "noted")
    co_return report({ErrorCode::invalid, "--as: must be credited, returned or noted"});
  const auto merchant =
      config.merchant_id > 0 ? std::optional(MerchantId{config.merchant_id}) : std::optional<MerchantId>();
  const auto resolved =
      co_await context.database.write([&, now = context.clock.now()](db::Transaction& tx) -> Result<> {
        return resolve(tx, {config.statement}, config.line, as, merchant, config.note, now);
      });
  if (!resolved) co_return report(resolved.error());
  print_line("statement " + std::to_string(config.statement) + " line " + std::to_string(config.line) + " is " +
             config.as);
  co_return 0;
}

}  // namespace

int statement_import(const StatementConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return import(config, context); });
}
int statement_list(const StatementConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return list(config.json, context); });
}
int statement_show(const StatementConfig& config) {
  return run_on_store(config.store,
                      [&](VerbContext& context) { return show_whole({config.statement}, config.json, context); });
}
int statement_queue(const StatementConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return queue(config.json, context); });
}
int statement_resolve(const StatementConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return resolve_line(config, context); });
}

}  // namespace epay::app
