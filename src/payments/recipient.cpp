#include "payments/recipient.h"

#include <algorithm>

#include "payments/recipient_store.h"

namespace epay::payments {
namespace {

Recipient read_recipient(const db::Row& row, Scope scope) {
  return {.scope = scope,
          .id = row.id<RecipientId>(0),
          .name = row.string(1),
          .account = {row.as<Method>(2), row.string(3), row.string(4)},
          .holder_name = row.optional_string(5),
          .check = row.as<HolderCheck>(6),
          .checked_at = row.time(7),
          .created_at = row.time(8)};
}

std::int64_t total_of(db::Transaction& tx, Scope scope) {
  return tx
      .query_one(
          store::select_recipient_total, [](const db::Row& row) { return row.integer(0); }, scope.merchant, scope.mode)
      .value_or(0);
}

std::optional<Recipient> find_account(db::Transaction& tx, Scope scope, const PayeeAccount& account) {
  return tx.query_one(
      store::select_recipient_of_account, [&](const db::Row& row) { return read_recipient(row, scope); },
      scope.merchant, scope.mode, account.method, account.network, account.number);
}

constexpr std::size_t account_number_min = 4;

}  // namespace

bool is_account_number(std::string_view text) {
  return text.size() >= account_number_min && text.size() <= account_number_max &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

std::string_view name_of(HolderCheck check) {
  switch (check) {
    case HolderCheck::told: return "verified";
    case HolderCheck::not_asked: return "unverified";
  }
  return "";
}

Result<Recipient> keep_recipient(db::Transaction& tx, const NewRecipient& wanted) {
  const Scope scope = wanted.scope;
  if (auto known = find_account(tx, scope, wanted.account)) {
    known->name = wanted.name;
    known->holder_name = wanted.holder_name;
    known->check = wanted.check;
    known->checked_at = wanted.now;
    tx.execute(store::update_recipient, scope.merchant, scope.mode, known->id, known->name, known->holder_name,
               known->check, known->checked_at);
    return *std::move(known);
  }
  if (total_of(tx, scope) >= recipients_max) {
    return fail(ErrorCode::conflict, "There are " + std::to_string(recipients_max) + " recipients already");
  }
  Recipient recipient{.scope = scope,
                      .id = RecipientId{tx.next_id(db::Sequence::recipient)},
                      .name = wanted.name,
                      .account = wanted.account,
                      .holder_name = wanted.holder_name,
                      .check = wanted.check,
                      .checked_at = wanted.now,
                      .created_at = wanted.now};
  tx.execute(store::insert_recipient, scope.merchant, scope.mode, recipient.id, recipient.name,
             recipient.account.method, recipient.account.number, recipient.account.network, recipient.holder_name,
             recipient.check, wanted.now);
  tx.execute(store::count_recipient, scope.merchant, scope.mode, 1);
  return recipient;
}

Result<Recipient> find_recipient(db::Transaction& tx, Scope scope, RecipientId id) {
  auto found = tx.query_one(
      store::select_recipient, [&](const db::Row& row) { return read_recipient(row, scope); }, scope.merchant,
      scope.mode, id);
  if (!found) return fail(ErrorCode::not_found, "There is no recipient " + std::to_string(id.value));
  return *std::move(found);
}

Result<> delete_recipient(db::Transaction& tx, Scope scope, RecipientId id) {
  if (tx.execute(store::delete_recipient, scope.merchant, scope.mode, id) == 0) {
    return fail(ErrorCode::not_found, "There is no recipient " + std::to_string(id.value));
  }
  tx.execute(store::count_recipient, scope.merchant, scope.mode, -1);
  return {};
}

std::vector<Recipient> latest_recipients(db::Transaction& tx, Scope scope, std::int64_t limit) {
  auto recipients = tx.query_all(
      store::select_recipients, [&](const db::Row& row) { return read_recipient(row, scope); }, scope.merchant,
      scope.mode, limit, 0);
  std::ranges::sort(recipients, {}, &Recipient::name);
  return recipients;
}

Page<Recipient> list_recipients(db::Transaction& tx, Scope scope, std::int64_t page) {
  Page<Recipient> list{.total = total_of(tx, scope)};
  const std::int64_t skipped = (page - 1) * rows_per_page;
  if (skipped < list.total) {
    list.rows = tx.query_all(
        store::select_recipients, [&](const db::Row& row) { return read_recipient(row, scope); }, scope.merchant,
        scope.mode, rows_per_page, skipped);
  }
  return list;
}

}  // namespace epay::payments
