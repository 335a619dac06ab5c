#include "pages/money/list_query.h"

#include <charconv>
#include <chrono>

#include "base/utf8.h"
#include "pages/format.h"

namespace epay::pages::money {
namespace {

using payments::Method;
using payments::PaymentKind;
using payments::PaymentStatus;

constexpr std::size_t field_max = 100;

struct StatusChoice {
  std::string_view name;
  std::vector<PaymentStatus> statuses;
};
// "failed" as merchants hear it, who are told the same of one that has expired, or come back.
const std::vector<StatusChoice>& status_choices() {
  static const std::vector<StatusChoice> choices = {
      {"success", {PaymentStatus::succeeded}},
      {"pending", {PaymentStatus::pending, PaymentStatus::created}},
      {"failed", {PaymentStatus::failed, PaymentStatus::expired, PaymentStatus::reversed}},
  };
  return choices;
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Reads the fields one by one, and keeps what was typed.
class Reader {
 public:
  Reader(const http::Request& request, PaymentQuery& query) : request_(request), query_(query) {}

  std::string text(const std::string& name) {
    auto typed = request_.query_parameter(name).value_or("");
    if (typed.empty()) return typed;
    if (typed.size() > field_max || !is_utf8(typed)) {
      query_.wrong.emplace_back(name, "lists.too_long");
      typed = is_utf8(typed) ? typed.substr(0, 0) : "";
    }
    query_.typed.emplace_back(name, typed);
    query_.query += (query_.query.empty() ? "" : "&") + name + "=" + http::percent_encode(typed);
    return typed;
  }
  template <class Parse>
  auto parsed(const std::string& name, const char* wrong, Parse parse) -> decltype(parse(std::string())) {
    const std::string typed = text(name);
    if (typed.empty()) return std::nullopt;
    auto value = parse(typed);
    if (!value) query_.wrong.emplace_back(name, wrong);
    return value;
  }

 private:
  const http::Request& request_;
  PaymentQuery& query_;
};

}  // namespace

std::optional<std::int64_t> parse_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) return std::nullopt;
  return id;
}

std::optional<std::int64_t> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_number(text.substr(0, 4)), month = parse_number(text.substr(5, 2)),
             day = parse_number(text.substr(8, 2));
  if (!year || !month || !day || *year < 1970 || *month < 1 || *day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)),
                                         std::chrono::day(unsigned(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::string show_day(std::int64_t day) { return Timestamp::start_of_day(day).to_wire().substr(0, 10); }

std::optional<lists::ListCursor> cursor_of(const http::Request& request) {
  if (const auto before = parse_id(request.query_parameter("before").value_or(""))) {
    return lists::ListCursor{lists::Direction::older, *before};
  }
  if (const auto after = parse_id(request.query_parameter("after").value_or(""))) {
    return lists::ListCursor{lists::Direction::newer, *after};
  }
  return std::nullopt;
}

std::string address_at(const std::string& path, const std::string& query, const lists::ListCursor& cursor) {
  return path + "?" + query + (query.empty() ? "" : "&") +
         (cursor.direction == lists::Direction::older ? "before=" : "after=") + std::to_string(cursor.id);
}

void set_looked_back(View& view, Timestamp to, const Texts& texts) {
  view.set("looked_back", texts.format("lists.looked_back", {{"date", format_date(to, texts)}}));
}

PaymentQuery payment_query_of(const http::Request& request) {
  PaymentQuery query;
  Reader reader(request, query);
  lists::PaymentFilter& filter = query.filter;
  filter.text = reader.text("q");
  filter.kind = reader.parsed("kind", "lists.no_such_choice", [](const std::string& typed) {
    if (typed == "payment") return std::optional(PaymentKind::payment);
    if (typed == "payout") return std::optional(PaymentKind::payout);
    return typed == "refund" ? std::optional(PaymentKind::refund) : std::nullopt;
  });
  const auto statuses = reader.parsed("status", "lists.no_such_choice", [](const std::string& typed) {
    for (const StatusChoice& choice : status_choices()) {
      if (choice.name == typed) return std::optional(choice.statuses);
    }
    return std::optional<std::vector<PaymentStatus>>();
  });
  if (statuses) filter.statuses = *statuses;
  filter.method = reader.parsed("method", "lists.no_such_choice", [](const std::string& typed) {
    if (typed == "momo") return std::optional(Method::momo);
    if (typed == "card") return std::optional(Method::card);
    return typed == "bank" ? std::optional(Method::bank) : std::nullopt;
  });
  const auto id = [](const std::string& typed) { return parse_id(typed); };
  if (const auto page = reader.parsed("page", "lists.no_such_choice", id)) filter.page = PageId{*page};
  if (const auto customer = reader.parsed("customer", "lists.no_such_choice", id))
    filter.customer = CustomerId{*customer};
  const auto day = [](const std::string& typed) { return parse_day(typed); };
  if (const auto from = reader.parsed("from", "lists.no_day", day)) filter.since = Timestamp::start_of_day(*from);
  if (const auto to = reader.parsed("to", "lists.no_day", day)) filter.until = Timestamp::start_of_day(*to + 1);
  if (filter.since && filter.until && *filter.since >= *filter.until)
    query.wrong.emplace_back("to", "lists.ends_before");
  query.cursor = cursor_of(request);
  return query;
}

void set_filters(View& view, const PaymentQuery& query, const Texts& texts) {
  View typed, chosen, wrong;
  for (const auto& [name, text] : query.typed) {
    typed.set(name, text);
    chosen.set(name + "_" + text, true);
  }
  for (const auto& [name, why] : query.wrong) wrong.set(name, texts.at(why));
  view.set("typed", std::move(typed)).set("chosen", std::move(chosen)).set("wrong", std::move(wrong));
  view.set("filtered", !query.typed.empty()).set("any_wrong", !query.wrong.empty());
}

}  // namespace epay::pages::money
