// What a list's address asks for: filters, a place in the list; and addresses that keep the filters.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "ledger/ledger.h"
#include "lists/payment_list.h"
#include "pages/texts.h"
#include "pages/view.h"

namespace epay::pages::money {

// An id of a path or a parameter: a whole number from 1. Nothing for any other text.
std::optional<std::int64_t> parse_id(std::string_view text);
// Days since 1970 of "2026-11-25"; nothing for what is no day.
std::optional<std::int64_t> parse_day(std::string_view text);
std::string show_day(std::int64_t day);

// ?before=ID or ?after=ID
std::optional<lists::ListCursor> cursor_of(const http::Request& request);
// The address with the cursor in it.
std::string address_at(const std::string& path, const std::string& query, const lists::ListCursor& cursor);
// Sets {{older}} and {{newer}}, {{pages}} when there is either, {{looked_back}} in words when a page's work was enough.
template <class Row>
void set_pages(View& view, const std::string& path, const std::string& query, const lists::ListPage<Row>& page,
               const Texts& texts);
void set_looked_back(View& view, Timestamp to, const Texts& texts);

struct PaymentQuery {
  lists::PaymentFilter filter;
  std::optional<lists::ListCursor> cursor;
  std::string query;  // the filters alone, as an address has them: "q=ama&status=failed"
  std::vector<std::pair<std::string, std::string>> typed;  // by name of the field
  std::vector<std::pair<std::string, std::string>> wrong;  // field, key of the text that says why
};
PaymentQuery payment_query_of(const http::Request& request);
// {{typed.q}}, {{chosen.status_failed}}, {{wrong.from}} and so on.
void set_filters(View& view, const PaymentQuery& query, const Texts& texts);

template <class Row>
void set_pages(View& view, const std::string& path, const std::string& query, const lists::ListPage<Row>& page,
               const Texts& texts) {
  if (page.older) view.set("older", address_at(path, query, *page.older));
  if (page.newer) view.set("newer", address_at(path, query, *page.newer));
  view.set("pages", page.older || page.newer);
  if (page.looked_back_to) set_looked_back(view, *page.looked_back_to, texts);
}

}  // namespace epay::pages::money
