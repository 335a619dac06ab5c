#include "pages/payment_pages.h"

#include <charconv>

#include "merchants/merchant.h"
#include "pages/format.h"
#include "pages/logos.h"
#include "pages/page.h"
#include "pages/payment_page_form.h"
#include "pages/problem.h"
#include "pages/qr_file.h"

namespace epay::pages {
namespace {

using merchants::Permission;

constexpr int pages_shown = 24;
constexpr int unprocessable = 422;
constexpr std::string_view here = "/payment-pages";

std::string path_of(PageId id) { return std::string(here) + "/" + std::to_string(id.value); }
std::string link_of(const http::Request& request, const payments::PaymentPage& page) {
  return request.origin + "/pay/" + page.slug;
}

std::optional<PageId> to_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) return std::nullopt;
  return PageId{id};
}

std::string_view name_of(payments::PageState state) {
  switch (state) {
    case payments::PageState::open: return "active";
    case payments::PageState::inactive: return "inactive";
    case payments::PageState::expired: return "expired";
    case payments::PageState::sold_out: return "sold_out";
  }
  return "inactive";
}

View card_view(const http::Request& request, const payments::CountedPage& counted, const Texts& texts, Timestamp now) {
  const payments::PaymentPage& page = counted.page;
  const std::string link = link_of(request, page);
  const std::string state(name_of(payments::state_of(page, counted.totals, now)));
  View view;
  view.set("id", std::to_string(page.key.id.value))
      .set("name", page.settings.name)
      .set("slug", page.slug)
      .set("link", link)
      .set("encoded_link", http::percent_encode(link))
      .set("encoded_text", http::percent_encode(page.settings.name))
      .set("state", texts.at("payment_pages.state_" + state))
      .set("is_open", state == "active")
      .set("switched_on", page.settings.active)
      .set("views", format_count(counted.totals.views, texts))
      .set("payments", format_count(counted.totals.payments, texts))
      .set("revenue", format_money({counted.totals.revenue_minor, page.settings.currency}, texts));
  if (page.settings.logo) view.set("logo", image_url(page.key.merchant, *page.settings.logo));
  return view;
}

}  // namespace

void PaymentPages::add_routes() {
  const auto add = [this](std::string_view method, std::string_view pattern, Permission permission, auto handler) {
    parts_.dashboard.add(method, pattern, permission, [this, handler](http::Request& request, const Visitor& visitor) {
      return (this->*handler)(request, visitor);
    });
  };
  add("GET", here, Permission::edit_pages, &PaymentPages::list);
  add("POST", here, Permission::edit_pages, &PaymentPages::create);
  add("GET", "/payment-pages/new", Permission::edit_pages, &PaymentPages::show_new);
  add("POST", "/payment-pages/preview", Permission::edit_pages, &PaymentPages::preview);
  add("GET", "/payment-pages/{id}", Permission::edit_pages, &PaymentPages::show);
  add("POST", "/payment-pages/{id}", Permission::edit_pages, &PaymentPages::save);
  add("POST", "/payment-pages/{id}/turn", Permission::edit_pages, &PaymentPages::turn);
  add("GET", "/payment-pages/{id}/qr", Permission::edit_pages, &PaymentPages::qr);
}

http::Response PaymentPages::problem(const http::Request& request, const Error& error) {
  return show_problem(request, error.code == ErrorCode::not_found ? 404 : 503, "", parts_.random);
}

Task<Result<payments::CountedPage>> PaymentPages::find(const http::Request& request, const Visitor& visitor) {
  const auto id = to_id(request.path_parameters.at(0));
  if (!id) co_return fail(ErrorCode::not_found, "There is no such page");
  co_return co_await parts_.database.read([&](db::Transaction& tx) -> Result<payments::CountedPage> {
    auto found = payments::find_page(tx, {visitor.merchant, *id});
    if (found && found->page.mode != visitor.mode) return fail(ErrorCode::not_found, "of the other mode");
    return found;
  });
}

Task<http::Response> PaymentPages::list(http::Request& request, const Visitor& visitor) {
  const auto before = to_id(request.query_parameter("before").value_or(""));
  const auto found =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::vector<payments::CountedPage>> {
        return payments::list_pages(tx, visitor.scope(), before, pages_shown + 1);
      });
  if (!found) co_return problem(request, found.error());
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  std::vector<View> cards;
  for (const payments::CountedPage& counted : *found) {
    if (cards.size() < pages_shown) cards.push_back(card_view(request, counted, texts, parts_.clock.now()));
  }
  View view;
  view.set("title", texts.at("payment_pages.title")).set("none", cards.empty() && !before);
  if (found->size() > pages_shown)
    view.set("older", std::string(here) + "?before=" + std::to_string((*found)[pages_shown - 1].page.key.id.value));
  view.set("pages", std::move(cards));
  co_return parts_.dashboard.page(request, visitor, "dashboard/payment_pages", std::move(view));
}

http::Response PaymentPages::form_page(const http::Request& request, const Visitor& visitor,
                                       const payments::PaymentPage* page, const http::Form& form,
                                       const std::vector<FieldError>& wrong) {
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  View view;
  view.set("title", texts.at(page ? "payment_pages.edit" : "payment_pages.new"))
      .set("action", page ? path_of(page->key.id) : std::string(here))
      .set("form", page_form_view(form, wrong, texts));
  if (page) {
    view.set("link", link_of(request, *page)).set("id", std::to_string(page->key.id.value));
    if (page->settings.logo) view.set("logo_url", image_url(page->key.merchant, *page->settings.logo));
    const Currency currency = page->settings.currency;
    if (!parts_.checkout.methods_of({page->key.merchant, page->mode}, currency).any()) {
      view.set("no_method", texts.format("page_form.no_method", {{"currency", currency.code()}}));
    }
  }
  return parts_.dashboard.page(request, visitor, "dashboard/payment_page", std::move(view),
                               wrong.empty() ? 200 : unprocessable);
}

Task<http::Response> PaymentPages::show_new(http::Request& request, const Visitor& visitor) {
  co_return form_page(request, visitor, nullptr, form_of(payments::PageSettings()), {});
}

Task<http::Response> PaymentPages::show(http::Request& request, const Visitor& visitor) {
  const auto found = co_await find(request, visitor);
  if (!found) co_return problem(request, found.error());
  co_return form_page(request, visitor, &found->page, form_of(found->page.settings), {});
}

Task<std::optional<ImageId>> PaymentPages::logo_of(const Visitor& visitor, const http::Form& form,
                                                   std::optional<ImageId> present, std::vector<FieldError>& wrong) {
  const auto stored = co_await store_logo(parts_.database, parts_.images, visitor.merchant, form, "logo");
  if (!stored) {
    wrong.insert(wrong.end(), stored.error().fields.begin(), stored.error().fields.end());
    co_return present;
  }
  if (*stored) co_return *stored;
  co_return form.get("logo_gone").empty() ? present : std::nullopt;
}

Task<http::Response> PaymentPages::create(http::Request& request, const Visitor& visitor) {
  const auto form = http::read_form(request);
  if (!form) co_return form_page(request, visitor, nullptr, {}, {{"logo", "too_large", ""}});
  ReadPage read = read_page(*form, std::nullopt);
  // A picture is looked at when the rest is right: it would have to be sent again anyway.
  if (read.wrong.empty()) read.settings.logo = co_await logo_of(visitor, *form, std::nullopt, read.wrong);
  if (!read.wrong.empty()) co_return form_page(request, visitor, nullptr, *form, read.wrong);
  const auto made = co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) {
    return payments::create_page(tx, visitor.scope(), read.settings, now);
  });
  if (!made && made.error().code == ErrorCode::conflict)
    co_return form_page(request, visitor, nullptr, *form, {{"name", "too_many", ""}});
  if (!made) co_return problem(request, made.error());
  co_return see_other(path_of(made->key.id) + "?done=page_made");
}

Task<http::Response> PaymentPages::save(http::Request& request, const Visitor& visitor) {
  const auto found = co_await find(request, visitor);
  if (!found) co_return problem(request, found.error());
  const payments::PaymentPage& page = found->page;
  const auto form = http::read_form(request);
  if (!form) co_return form_page(request, visitor, &page, form_of(page.settings), {{"logo", "too_large", ""}});
  ReadPage read = read_page(*form, page.settings.logo);
  if (read.wrong.empty()) read.settings.logo = co_await logo_of(visitor, *form, page.settings.logo, read.wrong);
  if (!read.wrong.empty()) co_return form_page(request, visitor, &page, *form, read.wrong);
  const auto saved = co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) {
    return payments::update_page(tx, page.key, read.settings, now);
  });
  if (!saved && saved.error().code == ErrorCode::conflict)
    co_return form_page(request, visitor, &page, *form, {{"currency", "conflict", ""}});
  if (!saved) co_return problem(request, saved.error());
  co_return see_other(path_of(page.key.id) + "?done=saved");
}

Task<http::Response> PaymentPages::turn(http::Request& request, const Visitor& visitor) {
  const auto found = co_await find(request, visitor);
  if (!found) co_return problem(request, found.error());
  const auto form = http::read_form(request);
  const bool active = form && form->get("to") == "on";
  const auto turned = co_await parts_.database.write([&, now = parts_.clock.now()](db::Transaction& tx) {
    return payments::set_page_active(tx, found->page.key, active, now);
  });
  if (!turned) co_return problem(request, turned.error());
  co_return see_other(std::string(here) + "?done=saved");
}

Task<http::Response> PaymentPages::qr(http::Request& request, const Visitor& visitor) {
  const auto found = co_await find(request, visitor);
  if (!found) co_return problem(request, found.error());
  const auto format = request.query_parameter("format") == "png" ? QrFormat::png : QrFormat::svg;
  co_return qr_file(link_of(request, found->page), found->page.settings.name, found->page.slug, format);
}

// The page as its customers would see it now, whatever is still wrong with it.
Task<http::Response> PaymentPages::preview(http::Request& request, const Visitor& visitor) {
  const http::Form form = http::read_form(request).value_or(http::Form());
  // A picture that is only chosen yet is not shown: it would have to be kept first.
  const auto logo = co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::optional<ImageId>> {
    const auto id = to_id(form.get("page"));
    const auto present = id ? payments::find_page(tx, {visitor.merchant, *id}) : fail(ErrorCode::not_found, "");
    if (present && present->page.settings.logo && form.get("logo_gone").empty()) return present->page.settings.logo;
    const auto merchant = merchants::find_merchant(tx, visitor.merchant);
    return merchant ? merchant->logo : std::nullopt;
  });
  ReadPage read = read_page(form, logo.value_or(std::nullopt));
  payments::PaymentPage page{.key = {visitor.merchant, {}},
                             .mode = visitor.mode,
                             .slug = "",
                             .settings = std::move(read.settings),
                             .created_at = {},
                             .updated_at = {}};
  if (!payments::check_rule(page.settings.amount, page.settings.currency).empty()) page.settings.amount = {};
  page.settings.embedding = payments::Embedding::listed;
  page.settings.embed_origins = {request.origin};
  co_return parts_.checkout.preview(request, page, visitor.merchant_name);
}

}  // namespace epay::pages
