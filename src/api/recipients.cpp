// /api/v1/recipients: create, list, show, delete; GET /api/v1/banks
#include "api/api.h"
#include "api/claim_key.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/payee.h"
#include "api/query.h"
#include "api/replies.h"

namespace epay::api {
namespace {

using payments::HolderCheck;
using payments::Recipient;

struct Wanted {
  payments::NewRecipient recipient;
  Currency currency = Currency::ghs();
};

Result<Wanted> parse_recipient(const std::vector<Field>& fields, Scope scope, const rails::Banks& banks) {
  FieldReader reader(fields);
  Wanted wanted{{.scope = scope, .name = reader.required_text("name", name_max)}, reader.currency_or_ghs("currency")};
  auto account = required_payee(reader, "payout_method", banks);
  if (account) wanted.recipient.account = *std::move(account);
  if (const auto error = reader.error()) return std::unexpected(*error);
  return wanted;
}

void write_recipient(JsonWriter& json, const Recipient& recipient, const rails::Banks& banks) {
  json.begin_object()
      .member("id", recipient.id.value)
      .member("name", recipient.name)
      .member("payout_method", payments::wire_name(recipient.account.method));
  write_payee(json, recipient.account);
  if (recipient.account.method == payments::Method::bank) {
    const rails::Bank* bank = banks.find(recipient.account.network);
    json.member("bank_name", bank != nullptr ? bank->name : recipient.account.network);
  }
  json.member("account_name", recipient.holder_name)
      .member("check", name_of(recipient.check))
      .member("checked_at", recipient.checked_at.to_wire())
      .member("created_at", recipient.created_at.to_wire())
      .end_object();
}

std::string recipient_body(std::string_view message, const Recipient& recipient, const rails::Banks& banks) {
  JsonWriter json;
  json.begin_object().member("success", true).member("message", message).key("recipient");
  write_recipient(json, recipient, banks);
  return json.end_object().take();
}

// The one that the path names. Error: not_found.
Result<RecipientId> recipient_id(const http::Request& request) {
  const std::string& text = request.path_parameters.at(0);
  if (const auto id = parse_id(text)) return RecipientId{*id};
  return fail(ErrorCode::not_found, "There is no recipient " + text.substr(0, reference_max));
}

// What the network says of the account, as it is kept. Error: invalid, where there is no such account.
Result<> take_check(payments::NewRecipient& recipient, const Result<rails::AccountHolder>& holder) {
  if (holder && holder->active) {
    recipient.check = HolderCheck::told;
    recipient.holder_name = holder->name;
    return {};
  }
  if (!holder && holder.error().code != ErrorCode::not_found) return {};
  const bool bank = recipient.account.method == payments::Method::bank;
  const std::string field = bank ? "account_number" : "mobile_wallet_number";
  const std::string message = field + " names no account that money can be sent to";
  return std::unexpected(Error{ErrorCode::invalid, message, {{field, "invalid", message}}});
}

}  // namespace

Task<http::Response> Api::create_recipient(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  const Scope scope = grant->integration.scope;
  auto wanted = parse_recipient(*fields, scope, processor_.banks());
  if (!wanted) co_return error_response(wanted.error());

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    auto known = co_await recall(scope.merchant, claim);
    if (!known) co_return std::unexpected(known.error());
    if (*known) co_return **std::move(known);
    payments::NewRecipient& recipient = wanted->recipient;
    const auto checked = take_check(recipient, co_await processor_.look_up(scope, wanted->currency, recipient.account));
    if (!checked) co_return std::unexpected(checked.error());
    recipient.now = clock_.now();
    co_return co_await database_.write(db::Lane::of(scope.merchant), [&](db::Transaction& tx) -> Result<Reply> {
      auto claimed = claim_key(tx, scope.merchant, claim, recipient.now);
      if (!claimed) return std::unexpected(claimed.error());
      if (*claimed) return **std::move(claimed);
      const auto kept = payments::keep_recipient(tx, recipient);
      if (!kept) return std::unexpected(kept.error());
      return Reply{{200, recipient_body("Recipient created Successfully", *kept, processor_.banks())}};
    });
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

Task<http::Response> Api::list_recipients(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto number = page_number(request);
  if (!number) co_return error_response(number.error());
  const Scope scope = grant->integration.scope;
  const auto list = co_await database_.read([&](db::Transaction& tx) -> Result<payments::Page<Recipient>> {
    return payments::list_recipients(tx, scope, *number);
  });
  if (!list) co_return error_response(list.error());
  JsonWriter rows;
  rows.begin_array();
  for (const Recipient& recipient : list->rows) write_recipient(rows, recipient, processor_.banks());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Recipients retrieved Successfully").key("recipients");
  write_list_page(json, {request.origin + "/api/v1/recipients", *number, std::int64_t(list->rows.size()), list->total},
                  rows.end_array().take());
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Api::show_recipient(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = recipient_id(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const auto found =
      co_await database_.read([&](db::Transaction& tx) { return payments::find_recipient(tx, scope, *id); });
  if (!found) co_return error_response(found.error());
  co_return http::Response::json(200, recipient_body("Recipient retrieved Successfully", *found, processor_.banks()));
}

Task<http::Response> Api::delete_recipient(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto id = recipient_id(request);
  if (!id) co_return error_response(id.error());
  const Scope scope = grant->integration.scope;
  const auto deleted = co_await database_.write(
      db::Lane::of(scope.merchant), [&](db::Transaction& tx) { return payments::delete_recipient(tx, scope, *id); });
  if (!deleted) co_return error_response(deleted.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Recipient deleted Successfully");
  co_return http::Response::json(200, json.end_object().take());
}

Task<http::Response> Api::list_banks(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  JsonWriter json;
  json.begin_object().member("success", true).member("message", "Banks retrieved Successfully").key("banks");
  json.begin_array();
  for (const rails::Bank& bank : processor_.banks().all()) {
    json.begin_object().member("code", bank.code).member("name", bank.name).end_object();
  }
  co_return http::Response::json(200, json.end_array().end_object().take());
}

}  // namespace epay::api
