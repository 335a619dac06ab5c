// /api/v1/bulk_payouts: create, list, show, lines, start, discard
#include "api/api.h"
#include "api/claim_key.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/payee.h"
#include "api/query.h"
#include "api/replies.h"
#include "payments/bulk_payout.h"
#include "processing/bulk_file.h"

namespace epay::api {
namespace {

using payments::BulkKey;
using payments::BulkLine;
using payments::BulkPayout;

constexpr std::size_t csv_bytes_max = 1'000'000;
constexpr int bulks_shown_max = 100;

void write_bulk(JsonWriter& json, const BulkPayout& bulk) {
  json.begin_object()
      .member("id", bulk.key.id.value)
      .member("name", bulk.name)
      .member("currency", bulk.currency.code())
      .member("status", name_of(bulk.status))
      .member("lines", bulk.lines)
      .member("wrong", bulk.wrong)
      .member("total", Money{bulk.total_minor, bulk.currency}.to_decimal())
      .member("sent", bulk.sent)
      .member("refused", bulk.refused)
      .member("stopped_because", bulk.stopped_because)
      .member("created_at", bulk.created_at.to_wire())
      .member("updated_at", bulk.updated_at.to_wire())
      .end_object();
}

std::string bulk_body(std::string_view message, const BulkPayout& bulk) {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", message).key("bulk_payout");
  write_bulk(json, bulk);
  return json.end_object().take();
}

void write_line(JsonWriter& json, const BulkLine& line, const Currency& currency) {
  json.begin_object().member("number", line.number).member("reference", line.reference);
  json.member("payout_method", payments::wire_name(line.payee.method));
  write_payee(json, line.payee);
  json.member("name", line.payee_name)
      .member("amount", Money{line.amount_minor, currency}.to_decimal())
      .member("description", line.description)
      .member("problem", line.problem ? line.problem : line.failure);
  const auto status = line.status ? std::optional(payments::wire_name(*line.status)) : std::nullopt;
  json.member("status", status).end_object();
}

// The one that the path names. Error: not_found.
Result<BulkKey> key_of(const http::Request& request, Scope scope) {
  const std::string& text = request.path_parameters.at(0);
  if (const auto id = parse_id(text)) return BulkKey{scope, BulkPayoutId{*id}};
  return fail(ErrorCode::not_found, "There is no file " + text.substr(0, reference_max));
}

}  // namespace

Task<http::Response> Api::create_bulk_payout(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  FieldReader reader(*fields);
  const Currency currency = reader.currency_or_ghs("currency");
  const std::string name = reader.required_text("name", payments::bulk_name_max);
  const std::string csv = reader.required_raw_text("csv", csv_bytes_max);
  auto lines = processing::read_bulk_file(csv, currency, processor_.banks());
  if (!csv.empty() && !lines) reader.malformed("csv", "cannot be read: " + lines.error().message);
  if (const auto error = reader.error()) co_return error_response(*error);

  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    // The key is written down with the answer only: what is read in twice is not begun twice.
    auto known = co_await recall(scope.merchant, claim);
    if (!known) co_return std::unexpected(known.error());
    if (*known) co_return **std::move(known);
    const auto bulk = co_await bulk_payer_.read_in(scope, name, currency, *std::move(lines));
    if (!bulk) co_return std::unexpected(bulk.error());
    co_return Reply{{200, bulk_body("File read Successfully", *bulk)}};
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::list_bulk_payouts(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const Scope scope = grant->integration.scope;
  const auto bulks = co_await database_.read([&](db::Transaction& tx) -> Result<std::vector<BulkPayout>> {
    return payments::list_bulks(tx, scope, bulks_shown_max);
  });
  if (!bulks) co_return error_response(bulks.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Files retrieved Successfully").key("bulk_payouts");
  json.begin_array();
  for (const BulkPayout& bulk : *bulks) write_bulk(json, bulk);
  co_return http::Response::json(200, json.end_array().end_object().take());
}

Task<http::Response> Api::show_bulk_payout(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto key = key_of(request, grant->integration.scope);
  if (!key) co_return error_response(key.error());
  const auto bulk = co_await database_.read([&](db::Transaction& tx) { return payments::find_bulk(tx, *key); });
  if (!bulk) co_return error_response(bulk.error());
  co_return http::Response::json(200, bulk_body("File retrieved Successfully", *bulk));
}

Task<http::Response> Api::list_bulk_lines(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto key = key_of(request, grant->integration.scope);
  if (!key) co_return error_response(key.error());
  QueryReader query(request);
  const std::int64_t from = query.number("from").value_or(1);
  const int limit = query.limit();
  if (const auto error = query.error()) co_return error_response(*error);
  struct Found {
    BulkPayout bulk;
    std::vector<BulkLine> lines;
  };
  const auto found = co_await database_.read([&](db::Transaction& tx) -> Result<Found> {
    auto bulk = payments::find_bulk(tx, *key);
    if (!bulk) return std::unexpected(bulk.error());
    return Found{*std::move(bulk), payments::bulk_lines_from(tx, *key, from, limit)};
  });
  if (!found) co_return error_response(found.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Lines retrieved Successfully").key("lines");
  json.begin_array();
  for (const BulkLine& line : found->lines) write_line(json, line, found->bulk.currency);
  co_return http::Response::json(200, json.end_array().end_object().take());
}

Task<http::Response> Api::change_bulk_payout(http::Request& request, BulkChange change, std::string_view message) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const Scope scope = grant->integration.scope;
  const auto key = key_of(request, scope);
  if (!key) co_return error_response(key.error());
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    const Timestamp now = clock_.now();
    auto reply = co_await database_.write(db::Lane::of(scope.merchant), [&](db::Transaction& tx) -> Result<Reply> {
      auto known = claim_key(tx, scope.merchant, claim, now);
      if (!known) return std::unexpected(known.error());
      if (*known) return **std::move(known);
      const auto bulk = change(tx, *key, now);
      if (!bulk) return std::unexpected(bulk.error());
      return Reply{{200, bulk_body(message, *bulk)}};
    });
    if (reply) bulk_payer_.begin();
    co_return reply;
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::start_bulk_payout(http::Request& request) {
  co_return co_await change_bulk_payout(request, payments::start_bulk, "The payouts are on their way");
}

Task<http::Response> Api::discard_bulk_payout(http::Request& request) {
  co_return co_await change_bulk_payout(request, payments::discard_bulk, "File discarded Successfully");
}

}  // namespace epay::api
