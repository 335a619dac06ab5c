#include "payments/payment_page.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "http/client.h"
#include "http/json.h"
#include "payments/payment_page_store.h"
#include "payments/slug.h"

namespace epay::payments {
namespace {

// Numbers after a slug are tried up to here; then the page's own id tells it from the others.
constexpr int slug_numbers_max = 20;

void check_text(std::vector<FieldError>& wrong, const std::string& field, std::string_view text, std::size_t max) {
  if (!is_utf8(text)) {
    wrong.push_back({field, "invalid", field + " must be UTF-8 text"});
  } else if (utf8_length(text) > max) {
    wrong.push_back({field, "too_long", field + " must have at most " + std::to_string(max) + " characters"});
  }
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void check_links(std::vector<FieldError>& wrong, const PageSettings& settings) {
  if (settings.redirect_url) {
    const std::string& url = *settings.redirect_url;
    if (url.size() > redirect_url_max) {
      wrong.push_back({"redirect_url", "too_long",
                       "redirect_url must have at most " + std::to_string(redirect_url_max) + " characters"});
    } else if (!http::Url::parse(url)) {
      wrong.push_back({"redirect_url", "invalid", "redirect_url must be an address that begins with https://"});
    }
  }
  if (settings.embedding != Embedding::listed) return;
  const auto& origins = settings.embed_origins;
  if (origins.empty()) wrong.push_back({"embed_origins", "required", "embed_origins needs at least one site"});
  if (origins.size() > embed_origins_max) {
    wrong.push_back(
        {"embed_origins", "too_many", "embed_origins may have at most " + std::to_string(embed_origins_max)});
  }
  if (!std::ranges::all_of(origins, is_origin)) {
    wrong.push_back({"embed_origins", "invalid", "embed_origins must be sites such as https://shop.example.com"});
  }
}

std::string origins_json(const std::vector<std::string>& origins) {
  JsonWriter json;
  json.begin_array();
  for (const std::string& origin : origins) json.value(origin);
  return json.end_array().take();
}

std::vector<std::string> parse_origins(std::string_view text) {
  const auto json = http::Json::parse(text);
  EPAY_CHECK(json.has_value());
  std::vector<std::string> origins;
  for (const http::Json& item : json->items) origins.push_back(item.text);
  return origins;
}

CountedPage read_page(const db::Row& row) {
  const auto currency = Currency::parse(row.text(6));
  EPAY_CHECK(currency.has_value());
  PaymentPage page{.key = {row.id<MerchantId>(0), row.id<PageId>(1)},
                   .mode = row.as<Mode>(2),
                   .slug = row.string(3),
                   .settings = {.name = row.string(4),
                                .description = row.optional_string(5),
                                .currency = *currency,
                                .amount = parse_amount_rule(row.text(7)),
                                .fields = parse_fields(row.text(8)),
                                .quantity = row.optional_integer(9),
                                .expires_at = row.is_null(10) ? std::nullopt : std::optional(row.time(10)),
                                .active = row.integer(11) != 0,
                                .redirect_url = row.optional_string(12),
                                .success_message = row.optional_string(13),
                                .logo = row.is_null(14) ? std::nullopt : std::optional(row.id<ImageId>(14)),
                                .embedding = row.as<Embedding>(15),
                                .embed_origins = parse_origins(row.text(16))},
                   .created_at = row.time(17),
                   .updated_at = row.time(18)};
  return {std::move(page), {row.integer(19), row.integer(20), row.integer(21), row.integer(22)}};
}

// The first free one: "cd-ag-lounge", "cd-ag-lounge-2", …
std::string take_slug(db::Transaction& tx, PageKey key, const std::string& base) {
  std::string slug = base;
  for (int number = 2; tx.execute(store::insert_slug, slug, key.merchant, key.id) == 0; ++number) {
    slug = base + "-" + (number <= slug_numbers_max ? "" : std::to_string(key.id.value) + "-") + std::to_string(number);
  }
  return slug;
}

std::unexpected<Error> no_page() { return fail(ErrorCode::not_found, "There is no such payment page"); }

}  // namespace

bool is_origin(const std::string& text) {
  const auto url = http::Url::parse(text);
  if (!url) return false;
  const bool plain = std::ranges::all_of(text, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' || c == '/' ||
           c == '[' || c == ']';
  });
  return plain && text == url->scheme + "://" + url->authority();
}

std::vector<FieldError> check_page(const PageSettings& settings) {
  std::vector<FieldError> wrong;
  if (settings.name.find_first_not_of(' ') == std::string::npos) {
    wrong.push_back({"name", "required", "name is needed"});
  } else if (has_control_characters(settings.name)) {
    wrong.push_back({"name", "invalid", "name must be one line"});
  } else {
    check_text(wrong, "name", settings.name, page_name_max);
  }
  if (settings.description) check_text(wrong, "description", *settings.description, page_description_max);
  if (settings.success_message) check_text(wrong, "success_message", *settings.success_message, success_message_max);
  for (FieldError& error : check_rule(settings.amount, settings.currency)) wrong.push_back(std::move(error));
  for (FieldError& error : check_fields(settings.fields)) wrong.push_back(std::move(error));
  if (settings.quantity && *settings.quantity < 1)
    wrong.push_back({"quantity", "too_small", "quantity must be at least 1"});
  if (settings.quantity && *settings.quantity > page_quantity_max) {
    wrong.push_back({"quantity", "too_large", "quantity must be at most " + std::to_string(page_quantity_max)});
  }
  check_links(wrong, settings);
  return wrong;
}

PageState state_of(const PaymentPage& page, const PageTotals& totals, Timestamp now) {
  if (!page.settings.active) return PageState::inactive;
  if (page.settings.expires_at && *page.settings.expires_at <= now) return PageState::expired;
  const bool full = page.settings.quantity && totals.payments + totals.open_payments >= *page.settings.quantity;
  return full ? PageState::sold_out : PageState::open;
}

Result<PaymentPage> create_page(db::Transaction& tx, Scope scope, const PageSettings& settings, Timestamp now) {
  const auto merchant =
      tx.query_one(store::select_merchant_name, [](const db::Row& row) { return row.string(0); }, scope.merchant);
  if (!merchant) return fail(ErrorCode::not_found, "There is no such merchant");
  const auto count =
      tx.query_one(store::select_page_count, [](const db::Row& row) { return row.integer(0); }, scope.merchant);
  if (count.value_or(0) >= std::int64_t(pages_max))
    return fail(ErrorCode::conflict, "There are " + std::to_string(pages_max) + " payment pages already");
  const PageKey key{scope.merchant, PageId{tx.next_id(db::Sequence::page)}};
  PaymentPage page{key, scope.mode, take_slug(tx, key, slug_of(*merchant, settings.name)), settings, now, now};
  tx.execute(store::insert_page, key.merchant, key.id, page.mode, page.slug, settings.name, settings.description,
             settings.currency.code(), to_json(settings.amount), to_json(settings.fields), settings.quantity,
             settings.expires_at, settings.active ? 1 : 0, settings.redirect_url, settings.success_message,
             settings.logo, settings.embedding, origins_json(settings.embed_origins), now);
  tx.execute(store::insert_page_totals, key.merchant, key.id);
  return page;
}

Result<PaymentPage> update_page(db::Transaction& tx, PageKey key, const PageSettings& settings, Timestamp now) {
  auto found = find_page(tx, key);
  if (!found) return std::unexpected(found.error());
  const bool begun = found->totals.payments + found->totals.open_payments > 0;
  if (begun && settings.currency != found->page.settings.currency) {
    const std::string message = "the currency of a page that has been paid cannot change";
    return std::unexpected(Error{ErrorCode::conflict, message, {{"currency", "fixed", message}}});
  }
  tx.execute(store::update_page, key.merchant, key.id, settings.name, settings.description, settings.currency.code(),
             to_json(settings.amount), to_json(settings.fields), settings.quantity, settings.expires_at,
             settings.active ? 1 : 0, settings.redirect_url, settings.success_message, settings.logo,
             settings.embedding, origins_json(settings.embed_origins), now);
  found->page.settings = settings;
  found->page.updated_at = now;
  return std::move(found->page);
}

Result<> set_page_active(db::Transaction& tx, PageKey key, bool active, Timestamp now) {
  if (tx.execute(store::update_page_active, key.merchant, key.id, active ? 1 : 0, now) == 0) return no_page();
  return {};
}

Result<CountedPage> find_page(db::Transaction& tx, PageKey key) {
  auto found = tx.query_one(store::select_page, read_page, key.merchant, key.id);
  if (!found) return no_page();
  return *std::move(found);
}

Result<CountedPage> find_page_by_slug(db::Transaction& tx, std::string_view slug) {
  const auto key = tx.query_one(
      store::select_slug, [](const db::Row& row) { return PageKey{row.id<MerchantId>(0), row.id<PageId>(1)}; }, slug);
  if (!key) return no_page();
  return find_page(tx, *key);
}

std::vector<CountedPage> list_pages(db::Transaction& tx, Scope scope, std::optional<PageId> before, int limit) {
  return tx.query_all(store::select_pages, read_page, scope.merchant, scope.mode, before.value_or(PageId{INT64_MAX}),
                      limit);
}

Result<PageSummary> find_page_summary(db::Transaction& tx, PageKey key) {
  auto found = tx.query_one(
      store::select_page_summary,
      [&](const db::Row& row) { return PageSummary{key.id, row.string(0), row.optional_string(1), row.string(2)}; },
      key.merchant, key.id);
  if (!found) return no_page();
  return *std::move(found);
}

void count_views(db::Transaction& tx, PageKey key, std::int64_t views) {
  tx.execute(store::add_page_views, key.merchant, key.id, views);
}

}  // namespace epay::payments
