#include "payments/payment_page.h"

#include <gtest/gtest.h>

#include "payments/slug.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;

TEST(Slug, IsMadeOfBothNames) {
  struct Row {
    const char *merchant, *page, *slug;
  };
  for (const auto& [merchant, page, slug] : {
           Row{"Creativo Designs", "Ag lounge", "cd-ag-lounge"},
           Row{"Sam's Tickets", "Event Demo App", "st-event-demo-app"},
           Row{"Épicerie  Ɔdɔ", "Café – Thé & more!", "eo-cafe-the-more"},
           Row{"A", "--- ", "a-page"},
           Row{"中文", "中文", "page"},
           Row{"1 2 3 4 5 6 7 8", "9", "123456-9"},
           Row{"A\xff", "b\xc3", "a-b"},
       }) {
    EXPECT_EQ(slug_of(merchant, page), slug) << merchant << "|" << page;
  }
  const std::string words = slug_of("A", "word " + std::string(200, 'x'));
  EXPECT_EQ(words, "a-word");
}

class Pages : public testing::Test {
 protected:
  PaymentPage create(PageSettings settings) {
    auto page = store.write([&](db::Transaction& tx) { return create_page(tx, scope, settings, store.clock.now()); });
    EPAY_CHECK(page.has_value());
    return *std::move(page);
  }
  CountedPage find(PageKey key) {
    return *store.write([&](db::Transaction& tx) { return find_page(tx, key); });
  }

  MemoryStore store;
  Scope scope = store.merchant();
};

TEST_F(Pages, KeepEverythingThatWasDecided) {
  PageSettings settings{
      .name = "Event \"Demo\" <App>",
      .description = "Two\nlines",
      .currency = *Currency::parse("NGN"),
      .amount = {.kind = AmountKind::choices, .choices = {5, 10}, .other = true, .least = 2, .most = 20},
      .fields = {{"Size", FieldKind::choice, true, {"S", "M"}}},
      .quantity = 3,
      .expires_at = store.clock.now() + hours(1),
      .active = false,
      .redirect_url = "https://shop.example.com/thanks?a=b",
      .success_message = "See you there",
      .logo = ImageId{4},
      .embedding = Embedding::listed,
      .embed_origins = {"https://shop.example.com", "http://localhost:3000"}};
  const PaymentPage page = create(settings);
  EXPECT_TRUE(check_page(settings).empty());
  const auto check = [&](const PaymentPage& found) {
    const PageSettings& is = found.settings;
    EXPECT_EQ(std::tie(is.name, is.description, is.currency, is.amount, is.fields, is.quantity, is.expires_at),
              std::tie(settings.name, settings.description, settings.currency, settings.amount, settings.fields,
                       settings.quantity, settings.expires_at));
    EXPECT_EQ(std::tie(is.active, is.redirect_url, is.success_message, is.logo, is.embedding, is.embed_origins),
              std::tie(settings.active, settings.redirect_url, settings.success_message, settings.logo,
                       settings.embedding, settings.embed_origins));
  };
  check(find(page.key).page);
  settings.name = "Another";
  settings.quantity.reset();
  settings.active = true;
  const auto updated =
      store.write([&](db::Transaction& tx) { return update_page(tx, page.key, settings, store.clock.now()); });
  ASSERT_TRUE(updated);
  check(find(page.key).page);
  EXPECT_EQ(find(page.key).page.slug, page.slug);  // links that are out in the world stay good
  const auto by_slug = store.write([&](db::Transaction& tx) { return find_page_by_slug(tx, page.slug); });
  EXPECT_EQ(by_slug->page.key, page.key);
}

TEST_F(Pages, EachHasAnAddressOfItsOwn) {
  std::set<std::string> slugs;
  for (int i = 0; i < 25; ++i) slugs.insert(create({.name = "Ag lounge"}).slug);
  EXPECT_EQ(slugs.size(), 25u);
  EXPECT_TRUE(slugs.contains("s-ag-lounge"));
  EXPECT_TRUE(slugs.contains("s-ag-lounge-2"));
  const auto pages = store.write(
      [&](db::Transaction& tx) -> Result<std::vector<CountedPage>> { return list_pages(tx, scope, std::nullopt, 10); });
  ASSERT_EQ(pages->size(), 10u);
  EXPECT_GT(pages->front().page.key.id, pages->back().page.key.id);
  const auto next = store.write([&](db::Transaction& tx) -> Result<std::vector<CountedPage>> {
    return list_pages(tx, scope, pages->back().page.key.id, 100);
  });
  EXPECT_EQ(next->size(), 15u);
}

TEST_F(Pages, AreOfOneMerchant) {
  const PaymentPage page = create({.name = "Mine"});
  const Scope other = store.merchant();
  const auto found = store.write([&](db::Transaction& tx) { return find_page(tx, {other.merchant, page.key.id}); });
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
  const auto changed = store.write([&](db::Transaction& tx) {
    return update_page(tx, {other.merchant, page.key.id}, {.name = "Theirs"}, store.clock.now());
  });
  EXPECT_EQ(changed.error().code, ErrorCode::not_found);
}

TEST_F(Pages, TakePaymentsOrSayWhyNot) {
  const Timestamp now = store.clock.now();
  PaymentPage page = create({.name = "x", .quantity = 2, .expires_at = now + seconds(1)});
  EXPECT_EQ(state_of(page, {}, now), PageState::open);
  EXPECT_EQ(state_of(page, {}, now + seconds(1)), PageState::expired);
  EXPECT_EQ(state_of(page, {.payments = 1, .open_payments = 0}, now), PageState::open);
  EXPECT_EQ(state_of(page, {.payments = 1, .open_payments = 1}, now), PageState::sold_out);
  EXPECT_EQ(state_of(page, {.payments = 2}, now), PageState::sold_out);
  page.settings.active = false;
  EXPECT_EQ(state_of(page, {.payments = 2}, now + hours(1)), PageState::inactive);
}

TEST(PageRules, EverythingWrongIsFoundAtOnce) {
  const PageSettings settings{.name = " ",
                              .description = std::string(page_description_max + 1, 'x'),
                              .amount = {.kind = AmountKind::fixed},
                              .fields = {{"", FieldKind::text}},
                              .quantity = 0,
                              .redirect_url = "javascript:alert(1)",
                              .success_message = "\xff",
                              .embedding = Embedding::listed};
  std::string codes;
  for (const FieldError& error : check_page(settings)) codes += error.field + ":" + error.code + " ";
  EXPECT_EQ(codes,
            "name:required description:too_long success_message:invalid amount:required fields[0]:required "
            "quantity:too_small redirect_url:invalid embed_origins:required ");
}

TEST(PageRules, AnOriginIsNothingElse) {
  for (const char* good : {"https://shop.example.com", "http://localhost:3000", "https://[2a00::1]:8443"})
    EXPECT_TRUE(is_origin(good)) << good;
  for (const char* bad :
       {"", "https://shop.example.com/", "https://shop.example.com/a", "https://Shop.example.com", "shop.example.com",
        "https://a.com; script-src *", "https://*.example.com", "https://user@a.com", "https://a.com:443", "*"}) {
    EXPECT_FALSE(is_origin(bad)) << bad;
  }
}

}  // namespace
}  // namespace epay::payments
