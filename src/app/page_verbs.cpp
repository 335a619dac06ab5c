#include <cstdio>

#include "app/page_settings.h"
#include "app/verbs.h"
#include "base/json_writer.h"

namespace epay::app {
namespace {

constexpr int listed_max = 1'000;

std::string page_json(const payments::CountedPage& counted) {
  const payments::PaymentPage& page = counted.page;
  JsonWriter json;
  json.begin_object()
      .member("id", page.key.id.value)
      .member("mode", page.mode == Mode::live ? "live" : "test")
      .member("slug", page.slug)
      .member("name", page.settings.name)
      .member("active", page.settings.active)
      .member("views", counted.totals.views)
      .member("payments", counted.totals.payments)
      .member("revenue", Money{counted.totals.revenue_minor, page.settings.currency}.to_decimal())
      .member("currency", page.settings.currency.code());
  return json.end_object().take();
}

void print(const payments::CountedPage& counted, bool json) {
  if (json) {
    std::printf("%s\n", page_json(counted).c_str());
  } else {
    std::printf("%-6lld /pay/%-40s %s\n", static_cast<long long>(counted.page.key.id.value), counted.page.slug.c_str(),
                counted.page.settings.name.c_str());
  }
}

Task<int> create(PageConfig config, VerbContext& context) {
  const auto settings = parse_page_settings(config.settings);
  if (!settings) co_return report(settings.error());
  const Scope scope{MerchantId{config.merchant_id}, config.live ? Mode::live : Mode::test};
  const Timestamp now = context.clock.now();
  auto page = co_await context.database.write(
      [&](db::Transaction& tx) { return payments::create_page(tx, scope, *settings, now); });
  if (!page) co_return report(page.error());
  print({*std::move(page), {}}, config.json);
  co_return 0;
}

Task<int> list(PageConfig config, VerbContext& context) {
  for (const Mode mode : {Mode::test, Mode::live}) {
    const Scope scope{MerchantId{config.merchant_id}, mode};
    const auto pages =
        co_await context.database.read([scope](db::Transaction& tx) -> Result<std::vector<payments::CountedPage>> {
          return payments::list_pages(tx, scope, std::nullopt, listed_max);
        });
    if (!pages) co_return report(pages.error());
    for (const auto& page : *pages) print(page, config.json);
  }
  co_return 0;
}

}  // namespace

int page_create(const PageConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return create(config, context); }, MasterKey::not_needed);
}

int page_list(const PageConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return list(config, context); }, MasterKey::not_needed);
}

}  // namespace epay::app
