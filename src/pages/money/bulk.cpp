// /transfers/bulk: many transfers from one file: read in, looked at, begun, followed.
#include "http/form.h"
#include "pages/format.h"
#include "pages/money/form_reference.h"
#include "pages/money/list_query.h"
#include "pages/money/money.h"
#include "pages/money/rows.h"
#include "pages/money/transfer_form.h"
#include "pages/page.h"
#include "payments/bulk_payout.h"
#include "processing/bulk_file.h"

namespace epay::pages::money {
namespace {

using payments::BulkKey;
using payments::BulkLine;
using payments::BulkPayout;
using payments::BulkStatus;

constexpr std::string_view bulk_path = "/transfers/bulk";
constexpr int bulks_shown_max = 50;

std::string path_of(const BulkKey& key) { return std::string(bulk_path) + "/" + std::to_string(key.id.value); }

std::string status_text(BulkStatus status, const Texts& texts) {
  return std::string(texts.at("bulk.status_" + std::string(name_of(status))));
}

std::string_view tone_of(BulkStatus status) {
  switch (status) {
    case BulkStatus::reading:
    case BulkStatus::discarded: return "secondary";
    case BulkStatus::ready:
    case BulkStatus::running: return "yellow";
    case BulkStatus::stopped: return "orange";
    case BulkStatus::done: return "green";
  }
  return "";
}

View view_of(const BulkPayout& bulk, const Texts& texts) {
  View view;
  view.set("href", path_of(bulk.key))
      .set("name", bulk.name)
      .set("status", status_text(bulk.status, texts))
      .set("tone", tone_of(bulk.status))
      .set("lines", format_count(bulk.lines, texts))
      .set("good", format_count(bulk.lines - bulk.wrong, texts))
      .set("wrong", bulk.wrong > 0 ? format_count(bulk.wrong, texts) : "")
      .set("total", money_text(bulk.total_minor, bulk.currency, texts))
      .set("sent", format_count(bulk.sent, texts))
      .set("refused", bulk.refused > 0 ? format_count(bulk.refused, texts) : "")
      .set("when", format_time(bulk.created_at, texts));
  return view;
}

View view_of(const BulkLine& line, const BulkPayout& bulk, const rails::Banks& banks, const Texts& texts) {
  View view;
  view.set("number", std::to_string(line.number))
      .set("reference", line.reference)
      .set("description", line.description)
      .set("payee", account_text(line.payee, banks))
      .set("amount", line.amount_minor > 0 ? money_text(line.amount_minor, bulk.currency, texts) : "");
  if (line.payee_name) view.set("name", *line.payee_name);
  if (line.problem) view.set("problem", *line.problem);
  if (line.failure) view.set("problem", *line.failure);
  if (line.payment) view.set("href", "/revenue/" + std::to_string(line.payment->value));
  if (line.status) view.set("status", texts.at(status_key(*line.status))).set("tone", money::tone_of(*line.status));
  return view;
}

std::optional<BulkKey> key_of(const http::Request& request, Scope scope) {
  const auto id = parse_id(request.path_parameters.at(0));
  return id ? std::optional(BulkKey{scope, BulkPayoutId{*id}}) : std::nullopt;
}

// What was uploaded, or typed where no file was chosen.
std::string csv_of(const http::Form& form) {
  const auto* file = form.find_file("file");
  if (file != nullptr && !file->bytes.empty()) return std::string(file->bytes);
  return std::string(form.get("csv"));
}

}  // namespace

Task<http::Response> MoneyPages::bulk_form(const Request& request, const Visitor& visitor, std::string wrong) {
  const Scope scope = visitor.scope();
  const auto bulks = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::vector<BulkPayout>> {
    return payments::list_bulks(tx, scope, bulks_shown_max);
  });
  if (!bulks) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  std::vector<View> rows;
  for (const BulkPayout& bulk : *bulks) rows.push_back(view_of(bulk, texts));
  View view;
  const int status = wrong.empty() ? 200 : 422;
  view.set("title", texts.at("bulk.title"))
      .set("any_rows", !rows.empty())
      .set("rows", std::move(rows))
      .set("wrong", std::move(wrong));
  co_return parts_.dashboard.page(request, visitor, "dashboard/bulk", std::move(view), status);
}

Task<http::Response> MoneyPages::show_bulks(Request& request, const Visitor& visitor) {
  return bulk_form(request, visitor, "");
}

Task<http::Response> MoneyPages::read_bulk(Request& request, const Visitor& visitor) {
  const auto form = http::read_form(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  if (!form) co_return co_await bulk_form(request, visitor, std::string(texts.at("bulk.no_file")));
  std::string name = field_of(*form, "name").substr(0, payments::bulk_name_max);
  const auto currency = Currency::parse(field_of(*form, "currency"));
  const std::string csv = csv_of(*form);
  if (csv.empty()) co_return co_await bulk_form(request, visitor, std::string(texts.at("bulk.no_file")));
  if (!currency) co_return co_await bulk_form(request, visitor, std::string(texts.at("transfers.wrong_currency")));
  auto lines = processing::read_bulk_file(csv, *currency, parts_.processor.banks());
  if (!lines) co_return co_await bulk_form(request, visitor, lines.error().message);
  if (name.empty()) name = format_time(parts_.clock.now(), texts);
  const auto bulk = co_await parts_.bulk_payer.read_in(visitor.scope(), name, *currency, *std::move(lines));
  if (!bulk) co_return unavailable(request);
  co_return see_other(path_of(bulk->key));
}

Task<http::Response> MoneyPages::show_bulk(Request& request, const Visitor& visitor) {
  const auto key = key_of(request, visitor.scope());
  if (!key) co_return not_found(request);
  const std::int64_t from = parse_id(request.query_parameter("from").value_or("")).value_or(1);
  struct Found {
    BulkPayout bulk;
    std::vector<BulkLine> lines;
  };
  const auto found = co_await parts_.database.read([&](db::Transaction& tx) -> Result<Found> {
    auto bulk = payments::find_bulk(tx, *key);
    if (!bulk) return std::unexpected(bulk.error());
    return Found{*std::move(bulk), payments::bulk_lines_from(tx, *key, from, payments::bulk_lines_per_page)};
  });
  if (!found && found.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!found) co_return unavailable(request);
  const BulkPayout& bulk = found->bulk;
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  std::vector<View> lines;
  for (const BulkLine& line : found->lines)
    lines.push_back(money::view_of(line, bulk, parts_.processor.banks(), texts));
  View view;
  view.set("title", bulk.name)
      .set("bulk", view_of(bulk, texts))
      .set("action", path_of(bulk.key))
      .set("may_start", bulk.status == BulkStatus::ready && bulk.lines > bulk.wrong)
      .set("may_go_on", bulk.status == BulkStatus::stopped)
      .set("may_discard", bulk.status == BulkStatus::ready || bulk.status == BulkStatus::reading)
      .set("running", bulk.status == BulkStatus::running)
      .set("rows", std::move(lines));
  if (bulk.stopped_because) view.set("stopped_because", *bulk.stopped_because);
  const std::int64_t next = from + payments::bulk_lines_per_page;
  if (next <= bulk.lines) view.set("older", path_of(bulk.key) + "?from=" + std::to_string(next));
  if (from > 1) {
    const std::int64_t before = std::max<std::int64_t>(1, from - payments::bulk_lines_per_page);
    view.set("newer", path_of(bulk.key) + "?from=" + std::to_string(before));
  }
  view.set("pages", next <= bulk.lines || from > 1);
  co_return parts_.dashboard.page(request, visitor, "dashboard/bulk_payout", std::move(view));
}

Task<http::Response> MoneyPages::start_bulk(Request& request, const Visitor& visitor) {
  const auto key = key_of(request, visitor.scope());
  if (!key) co_return not_found(request);
  if (auto confirm = parts_.dashboard.confirm_first(visitor, path_of(*key))) co_return *std::move(confirm);
  const auto started =
      co_await parts_.database.write(db::Lane::of(key->scope.merchant), [&](db::Transaction& tx) -> Result<BulkPayout> {
        const Timestamp now = parts_.clock.now();
        auto bulk = payments::start_bulk(tx, *key, now);
        if (!bulk) return bulk;
        constexpr auto kind = merchants::SecurityEventKind::transfer_made;
        merchants::record_security_event(tx, security_event(request, visitor, kind, bulk->name), now);
        return bulk;
      });
  if (!started && started.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!started && started.error().code == ErrorCode::unavailable) co_return unavailable(request);
  if (started) {
    parts_.log.info("bulk_payout_started",
                    {{"merchant", visitor.merchant}, {"user", visitor.user}, {"bulk_payout", key->id}});
    parts_.bulk_payer.begin();
  }
  // Whoever was faster has begun it: what stands is shown.
  co_return see_other(path_of(*key));
}

Task<http::Response> MoneyPages::discard_bulk(Request& request, const Visitor& visitor) {
  const auto key = key_of(request, visitor.scope());
  if (!key) co_return not_found(request);
  const auto discarded = co_await parts_.database.write(db::Lane::of(key->scope.merchant), [&](db::Transaction& tx) {
    return payments::discard_bulk(tx, *key, parts_.clock.now());
  });
  if (!discarded && discarded.error().code == ErrorCode::not_found) co_return not_found(request);
  if (!discarded && discarded.error().code == ErrorCode::unavailable) co_return unavailable(request);
  co_return see_other(std::string(bulk_path));
}

}  // namespace epay::pages::money
