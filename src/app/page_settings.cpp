#include "app/page_settings.h"

#include <charconv>

#include "http/json.h"

namespace epay::app {
namespace {

using http::Json;
using payments::AmountKind;
using payments::Embedding;
using payments::FieldKind;
using payments::PageSettings;

template <class T>
struct Word {
  std::string_view word;
  T meaning;
};
constexpr Word<AmountKind> amount_kinds[] = {
    {"open", AmountKind::open}, {"fixed", AmountKind::fixed}, {"choices", AmountKind::choices}};
constexpr Word<FieldKind> field_kinds[] = {{"text", FieldKind::text},
                                           {"number", FieldKind::number},
                                           {"choice", FieldKind::choice},
                                           {"checkbox", FieldKind::checkbox}};
constexpr Word<Embedding> embeddings[] = {
    {"anywhere", Embedding::anywhere}, {"listed", Embedding::listed}, {"nowhere", Embedding::nowhere}};

class Reader {
 public:
  void wrong(std::string field, std::string message) {
    wrong_.push_back({field, "invalid", std::move(field) + " " + std::move(message)});
  }

  std::optional<std::string> text(const Json& json, std::string_view name) {
    const Json* found = json.find(name);
    if (found == nullptr || found->kind == Json::Kind::null) return std::nullopt;
    if (found->kind == Json::Kind::string) return found->text;
    wrong(std::string(name), "must be a text");
    return std::nullopt;
  }

  bool truth(const Json& json, std::string_view name, bool otherwise) {
    const Json* found = json.find(name);
    if (found == nullptr) return otherwise;
    if (found->kind != Json::Kind::boolean) wrong(std::string(name), "must be true or false");
    return found->truth;
  }

  std::optional<std::int64_t> integer(const Json& json, std::string_view name) {
    const Json* found = json.find(name);
    if (found == nullptr || found->kind == Json::Kind::null) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = found->text.data() + found->text.size();
    const auto parsed = std::from_chars(found->text.data(), end, number);
    if (found->kind == Json::Kind::number && parsed.ec == std::errc() && parsed.ptr == end) return number;
    wrong(std::string(name), "must be a whole number");
    return std::nullopt;
  }

  template <class T, std::size_t N>
  T word(const Json& json, std::string_view name, const Word<T> (&words)[N]) {
    const auto given = text(json, name);
    std::string listed;
    for (const Word<T>& one : words) {
      if (!given || one.word == *given) return one.meaning;
      listed += (listed.empty() ? "" : ", ") + std::string(one.word);
    }
    wrong(std::string(name), "must be one of " + listed);
    return words[0].meaning;
  }

  std::vector<std::string> texts(const Json& json, std::string_view name) {
    std::vector<std::string> list;
    const Json* found = json.find(name);
    if (found == nullptr) return list;
    for (const Json& item : found->items) {
      if (item.kind != Json::Kind::string) wrong(std::string(name), "must be a list of texts");
      list.push_back(item.text);
    }
    return list;
  }

  std::optional<std::int64_t> minor(const Json& json, std::string_view name, const Currency& currency) {
    const auto decimal = text(json, name);
    if (!decimal) return std::nullopt;
    return minor_of(*decimal, std::string(name), currency);
  }

  std::optional<std::int64_t> minor_of(const std::string& decimal, std::string name, const Currency& currency) {
    const auto amount = Money::parse(decimal, currency);
    if (amount) return amount->minor;
    wrong(std::move(name), amount.error().message);
    return std::nullopt;
  }

  std::vector<FieldError> take() { return std::move(wrong_); }

 private:
  std::vector<FieldError> wrong_;
};

void read_amount(Reader& reader, const Json& json, PageSettings& settings) {
  payments::AmountRule& rule = settings.amount;
  rule.kind = reader.word(json, "kind", amount_kinds);
  rule.fixed = reader.minor(json, "fixed", settings.currency);
  rule.least = reader.minor(json, "least", settings.currency);
  rule.most = reader.minor(json, "most", settings.currency);
  rule.other = reader.truth(json, "other", false);
  for (const std::string& choice : reader.texts(json, "choices")) {
    if (const auto minor = reader.minor_of(choice, "choices", settings.currency)) rule.choices.push_back(*minor);
  }
}

}  // namespace

Result<PageSettings> parse_page_settings(std::string_view text) {
  const auto json = Json::parse(text);
  if (!json) return fail(ErrorCode::invalid, "--settings is no JSON: " + json.error().message);
  Reader reader;
  PageSettings settings{.name = reader.text(*json, "name").value_or("")};
  settings.description = reader.text(*json, "description");
  const auto currency = Currency::parse(reader.text(*json, "currency").value_or("GHS"));
  if (!currency) reader.wrong("currency", "must be an active ISO 4217 code such as GHS");
  settings.currency = currency.value_or(Currency::ghs());
  if (const Json* amount = json->find("amount")) read_amount(reader, *amount, settings);
  if (const Json* fields = json->find("fields")) {
    for (const Json& field : fields->items) {
      settings.fields.push_back({.label = reader.text(field, "label").value_or(""),
                                 .kind = reader.word(field, "kind", field_kinds),
                                 .required = reader.truth(field, "required", false),
                                 .choices = reader.texts(field, "choices")});
    }
  }
  settings.quantity = reader.integer(*json, "quantity");
  constexpr std::int64_t micros = 1'000'000;
  if (const auto expires = reader.integer(*json, "expires_at")) settings.expires_at = Timestamp{*expires * micros};
  settings.active = reader.truth(*json, "active", true);
  settings.redirect_url = reader.text(*json, "redirect_url");
  settings.success_message = reader.text(*json, "success_message");
  settings.embedding = reader.word(*json, "embedding", embeddings);
  settings.embed_origins = reader.texts(*json, "embed_origins");

  std::vector<FieldError> wrong = reader.take();
  if (wrong.empty()) wrong = payments::check_page(settings);
  if (!wrong.empty()) return std::unexpected(Error{ErrorCode::invalid, wrong.front().message, wrong});
  return settings;
}

}  // namespace epay::app
