// A payment page: a link under which anybody can pay its merchant, without a line of code. Rows and rules; how it is
// paid is in checkout.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/currency.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "payments/amount_rule.h"
#include "payments/page_field.h"

namespace epay::payments {

// Which sites may show the page in a frame of theirs.
enum class Embedding : std::int64_t { nowhere = 1, listed = 2, anywhere = 3 };

inline constexpr std::size_t page_name_max = 80;
inline constexpr std::size_t page_description_max = 1'000;
inline constexpr std::size_t success_message_max = 500;
inline constexpr std::size_t redirect_url_max = 1'000;
inline constexpr std::int64_t page_quantity_max = 1'000'000;
inline constexpr std::size_t embed_origins_max = 20;
inline constexpr std::size_t pages_max = 1'000;  // of one merchant, in both modes

// What its merchant decides.
struct PageSettings {
  std::string name;
  std::optional<std::string> description;  // may have several lines
  Currency currency = Currency::ghs();
  AmountRule amount;
  std::vector<PageField> fields;
  std::optional<std::int64_t> quantity;  // how often it may be paid; none: as often as anybody likes
  std::optional<Timestamp> expires_at;
  bool active = true;
  std::optional<std::string> redirect_url;     // where a customer goes on after paying
  std::optional<std::string> success_message;  // on the receipt
  std::optional<ImageId> logo;
  Embedding embedding = Embedding::anywhere;
  std::vector<std::string> embed_origins;  // listed: "https://shop.example.com"
};

// Everything that is wrong with them, all at once. Fields are the members' names (name, description, quantity,
// expires_at, redirect_url, success_message, embed_origins) and those of check_rule() and check_fields(); codes:
// required, invalid, too_long, too_small, too_large, too_many.
std::vector<FieldError> check_page(const PageSettings& settings);

// "https://shop.example.com", perhaps with a port: what a browser calls an origin, and nothing that could end a
// directive of a header.
bool is_origin(const std::string& text);

struct PageKey {
  MerchantId merchant;
  PageId id;
  friend auto operator<=>(const PageKey&, const PageKey&) = default;
};

struct PaymentPage {
  PageKey key;
  Mode mode = Mode::test;
  std::string slug;
  PageSettings settings;
  Timestamp created_at, updated_at;
  Scope scope() const { return {key.merchant, mode}; }
};

// Counted with what is counted: exact but for views, which come in batches.
struct PageTotals {
  std::int64_t views = 0;
  std::int64_t payments = 0;
  std::int64_t revenue_minor = 0;
  std::int64_t open_payments = 0;  // that may still be paid, and hold a place
};

struct CountedPage {
  PaymentPage page;
  PageTotals totals;
};

enum class PageState { open, inactive, expired, sold_out };
PageState state_of(const PaymentPage& page, const PageTotals& totals, Timestamp now);

// The settings must have been checked. The slug is made of both names and never changes. Errors: conflict (the merchant
// has pages_max pages), not_found (no such merchant).
Result<PaymentPage> create_page(db::Transaction& tx, Scope scope, const PageSettings& settings, Timestamp now);
// The settings must have been checked. Errors: not_found, conflict (with the field "currency": it is fixed once
// somebody has begun to pay).
Result<PaymentPage> update_page(db::Transaction& tx, PageKey key, const PageSettings& settings, Timestamp now);
Result<> set_page_active(db::Transaction& tx, PageKey key, bool active, Timestamp now);
// Error: not_found.
Result<CountedPage> find_page(db::Transaction& tx, PageKey key);
Result<CountedPage> find_page_by_slug(db::Transaction& tx, std::string_view slug);
// The newest first: those older than `before`, where it is given, at most `limit`.
std::vector<CountedPage> list_pages(db::Transaction& tx, Scope scope, std::optional<PageId> before, int limit);

// What a webhook says of the page through which a payment came (WIRE §4).
struct PageSummary {
  PageId id;
  std::string name;
  std::optional<std::string> description;
  std::string slug;
};
Result<PageSummary> find_page_summary(db::Transaction& tx, PageKey key);

void count_views(db::Transaction& tx, PageKey key, std::int64_t views);

}  // namespace epay::payments
