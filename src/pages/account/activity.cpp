// GET /settings/activity: what was done for the account's security, newest first.
#include <charconv>

#include "pages/account/account.h"
#include "pages/format.h"

namespace epay::pages::account {
namespace {

constexpr int page_size = 50;

std::optional<std::int64_t> cursor_of(const http::Request& request) {
  const auto text = request.query_parameter("before");
  std::int64_t before = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), before);
  return error == std::errc() && end == text->data() + text->size() ? std::optional(before) : std::nullopt;
}

}  // namespace

Task<http::Response> Account::show_activity(Request& request, const Visitor& visitor) {
  // One more than is shown tells whether there is a next page.
  auto events =
      co_await parts_.database.read([&](db::Transaction& tx) -> Result<std::vector<merchants::SecurityEvent>> {
        return merchants::list_security_events(tx, visitor.merchant, cursor_of(request), page_size + 1);
      });
  if (!events) co_return unavailable(request);
  const Texts& texts = parts_.dashboard.texts(request, visitor);
  const bool more = events->size() > page_size;
  if (more) events->pop_back();
  std::vector<View> rows;
  for (const merchants::SecurityEvent& event : *events) {
    rows.push_back(View()
                       .set("what", texts.at("activity." + std::string(name_of(event.kind))))
                       .set("who", event.user_name)
                       .set("detail", event.detail)
                       .set("device", describe_device(event.device, texts))
                       .set("address", event.address)
                       .set("when", format_time(event.created_at, texts)));
  }
  View view;
  view.set("title", texts.at("settings.title")).set("tab", View().set("activity", true)).set("events", std::move(rows));
  if (more) view.set("older", "/settings/activity?before=" + std::to_string(events->back().id));
  co_return parts_.dashboard.page(request, visitor, "account/activity", std::move(view));
}

}  // namespace epay::pages::account
