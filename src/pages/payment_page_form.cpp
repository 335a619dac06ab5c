#include "pages/payment_page_form.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/check.h"

namespace epay::pages {
namespace {

using payments::AmountKind;
using payments::Embedding;
using payments::FieldKind;

struct NamedKind {
  std::string_view name;
  FieldKind kind;
};
constexpr NamedKind field_kinds[] = {{"text", FieldKind::text},
                                     {"number", FieldKind::number},
                                     {"choice", FieldKind::choice},
                                     {"checkbox", FieldKind::checkbox}};

std::string_view name_of(AmountKind kind) {
  switch (kind) {
    case AmountKind::open: return "open";
    case AmountKind::fixed: return "fixed";
    case AmountKind::choices: return "choices";
  }
  return "open";
}

std::string_view name_of(Embedding embedding) {
  switch (embedding) {
    case Embedding::nowhere: return "nowhere";
    case Embedding::listed: return "listed";
    case Embedding::anywhere: return "anywhere";
  }
  return "anywhere";
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  while (!text.empty() && blanks.contains(text.front())) text.remove_prefix(1);
  while (!text.empty() && blanks.contains(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t at = text.find_first_of(separators);
    if (const auto part = trim(text.substr(0, at)); !part.empty()) parts.push_back(part);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  }
  return parts;
}

std::string field_row(std::size_t index, std::string_view part) {
  return "fields[" + std::to_string(index) + "]." + std::string(part);
}

std::optional<std::string> text_in(const http::Form& form, std::string_view name) {
  const std::string_view text = trim(form.get(name));
  return text.empty() ? std::nullopt : std::optional(std::string(text));
}

class Reader {
 public:
  Reader(const http::Form& form, ReadPage& read) : form_(form), read_(read) {}

  std::optional<std::int64_t> amount(const std::string& field, std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto parsed = Money::parse(payments::plain_decimal(text), read_.settings.currency);
    if (parsed) return parsed->minor;
    wrong(field);
    return std::nullopt;
  }
  std::optional<std::int64_t> amount(const std::string& field) { return amount(field, trim(form_.get(field))); }

  std::optional<std::int64_t> count(const std::string& field) {
    const std::string_view text = trim(form_.get(field));
    if (text.empty()) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
    wrong(field);
    return std::nullopt;
  }

  // As <input type="datetime-local"> sends it, UTC: "2026-11-25T14:05".
  std::optional<Timestamp> moment(const std::string& field) {
    const std::string_view text = trim(form_.get(field));
    if (text.empty()) return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t length) {
      int value = -1;
      if (at + length <= text.size()) std::from_chars(text.data() + at, text.data() + at + length, value);
      return value;
    };
    using namespace std::chrono;
    const year_month_day day{year(number(0, 4)), month(unsigned(number(5, 2))),
                             std::chrono::day(unsigned(number(8, 2)))};
    const int hour = number(11, 2), minute = number(14, 2);
    if (text.size() < 16 || !day.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
      wrong(field);
      return std::nullopt;
    }
    const auto since_1970 = sys_days(day).time_since_epoch() + hours(hour) + minutes(minute);
    return Timestamp{duration_cast<microseconds>(since_1970).count()};
  }

  void wrong(const std::string& field) { read_.wrong.push_back({field, "invalid", ""}); }

 private:
  const http::Form& form_;
  ReadPage& read_;
};

payments::AmountRule read_rule(const http::Form& form, Reader& reader) {
  payments::AmountRule rule;
  const std::string_view kind = form.get("amount_kind");
  if (kind == "fixed") {
    rule.kind = AmountKind::fixed;
    rule.fixed = reader.amount("amount");
    return rule;
  }
  if (kind == "choices") {
    rule.kind = AmountKind::choices;
    for (const std::string_view choice : split(form.get("choices"), ";\n")) {
      if (const auto minor = reader.amount("choices", choice)) rule.choices.push_back(*minor);
    }
    rule.other = !form.get("other").empty();
  }
  if (rule.may_be_typed()) {
    rule.least = reader.amount("least");
    rule.most = reader.amount("most");
  }
  return rule;
}

// Rows without a label are not there.
std::vector<payments::PageField> read_fields(const http::Form& form) {
  std::vector<payments::PageField> fields;
  for (std::size_t i = 0; i <= payments::page_fields_max + empty_field_rows; ++i) {
    const auto label = text_in(form, field_row(i, "label"));
    if (!label) continue;
    payments::PageField field{.label = *label};
    for (const NamedKind& named : field_kinds) {
      if (form.get(field_row(i, "kind")) == named.name) field.kind = named.kind;
    }
    field.required = !form.get(field_row(i, "required")).empty();
    if (field.kind == FieldKind::choice) {
      for (const std::string_view choice : split(form.get(field_row(i, "choices")), ";\n"))
        field.choices.emplace_back(choice);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

std::string decimal(std::optional<std::int64_t> minor, const Currency& currency) {
  return minor ? Money{*minor, currency}.to_decimal() : "";
}

std::string message_of(const FieldError& error, const Texts& texts) {
  const std::string special = "page_error." + error.field + "_" + error.code;
  if (texts.has(special)) return std::string(texts.at(special));
  const std::string general = "page_error." + error.code;
  return std::string(texts.at(texts.has(general) ? general : "page_error.invalid"));
}

View field_view(const http::Form& form, const std::vector<FieldError>& wrong, const std::string& name,
                const Texts& texts) {
  View view;
  view.set("value", form.get(name));
  for (const FieldError& error : wrong) {
    if (error.field == name) view.set("error", message_of(error, texts));
  }
  return view;
}

// The rows that are filled, and some that are not.
std::vector<View> rows_view(const http::Form& form, const std::vector<FieldError>& wrong, const Texts& texts) {
  std::vector<std::size_t> filled;
  for (std::size_t i = 0; i <= payments::page_fields_max + empty_field_rows; ++i) {
    if (!trim(form.get(field_row(i, "label"))).empty()) filled.push_back(i);
  }
  std::vector<View> rows;
  for (std::size_t shown = 0; shown < std::min(filled.size() + empty_field_rows, payments::page_fields_max); ++shown) {
    const bool is_filled = shown < filled.size();
    const auto value = [&](std::string_view part) {
      return is_filled ? form.get(field_row(filled[shown], part)) : std::string_view();
    };
    View row;
    row.set("index", std::to_string(shown))
        .set("number", std::to_string(shown + 1))
        .set("label", value("label"))
        .set("required", !value("required").empty())
        .set("choices", value("choices"));
    std::vector<View> kinds;
    for (const NamedKind& named : field_kinds) {
      kinds.push_back(View()
                          .set("name", named.name)
                          .set("text", texts.at("page_form.kind_" + std::string(named.name)))
                          .set("chosen", value("kind") == named.name));
    }
    row.set("kinds", std::move(kinds));
    for (const FieldError& error : wrong) {
      if (error.field.starts_with("fields[" + std::to_string(shown) + "]"))
        row.set("error", message_of({"", error.code, ""}, texts));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

ReadPage read_page(const http::Form& form, std::optional<ImageId> logo) {
  ReadPage read;
  payments::PageSettings& settings = read.settings;
  Reader reader(form, read);
  settings.name = trim(form.get("name"));
  settings.description = text_in(form, "description");
  if (const auto currency = Currency::parse(trim(form.get("currency")))) {
    settings.currency = *currency;
  } else {
    reader.wrong("currency");
  }
  settings.amount = read_rule(form, reader);
  settings.fields = read_fields(form);
  settings.quantity = reader.count("quantity");
  settings.expires_at = reader.moment("expires_at");
  settings.active = !form.get("active").empty();
  settings.redirect_url = text_in(form, "redirect_url");
  settings.success_message = text_in(form, "success_message");
  settings.logo = logo;
  for (const Embedding embedding : {Embedding::nowhere, Embedding::listed, Embedding::anywhere}) {
    if (form.get("embedding") == name_of(embedding)) settings.embedding = embedding;
  }
  if (settings.embedding == Embedding::listed) {
    for (const std::string_view origin : split(form.get("embed_origins"), " \n"))
      settings.embed_origins.emplace_back(origin);
  }
  // What is malformed is not also missing.
  for (FieldError& error : payments::check_page(settings)) {
    const bool known = std::ranges::any_of(read.wrong, [&](const FieldError& one) { return one.field == error.field; });
    if (!known) read.wrong.push_back(std::move(error));
  }
  return read;
}

http::Form form_of(const payments::PageSettings& settings) {
  http::Form form;
  const auto put = [&](std::string name, std::string value) {
    if (!value.empty()) form.fields.emplace_back(std::move(name), std::move(value));
  };
  const payments::AmountRule& rule = settings.amount;
  put("name", settings.name);
  put("description", settings.description.value_or(""));
  put("currency", std::string(settings.currency.code()));
  put("amount_kind", std::string(name_of(rule.kind)));
  put("amount", decimal(rule.fixed, settings.currency));
  std::string choices;
  for (const std::int64_t minor : rule.choices)
    choices += (choices.empty() ? "" : "; ") + decimal(minor, settings.currency);
  put("choices", choices);
  put("other", rule.other ? "1" : "");
  put("least", decimal(rule.least, settings.currency));
  put("most", decimal(rule.most, settings.currency));
  for (std::size_t i = 0; i < settings.fields.size(); ++i) {
    const payments::PageField& field = settings.fields[i];
    put(field_row(i, "label"), field.label);
    const auto named = std::ranges::find(field_kinds, field.kind, &NamedKind::kind);
    put(field_row(i, "kind"), std::string(named->name));
    put(field_row(i, "required"), field.required ? "1" : "");
    std::string offered;
    for (const std::string& choice : field.choices) offered += (offered.empty() ? "" : "; ") + choice;
    put(field_row(i, "choices"), offered);
  }
  put("quantity", settings.quantity ? std::to_string(*settings.quantity) : "");
  constexpr std::size_t to_the_minute = 16;
  if (settings.expires_at) put("expires_at", settings.expires_at->to_iso8601().substr(0, to_the_minute));
  put("active", settings.active ? "1" : "");
  put("redirect_url", settings.redirect_url.value_or(""));
  put("success_message", settings.success_message.value_or(""));
  put("embedding", std::string(name_of(settings.embedding)));
  std::string origins;
  for (const std::string& origin : settings.embed_origins) origins += origin + "\n";
  put("embed_origins", origins);
  return form;
}

View page_form_view(const http::Form& form, const std::vector<FieldError>& wrong, const Texts& texts) {
  View view;
  for (const char* name : {"name", "description", "currency", "amount", "choices", "least", "most", "quantity",
                           "expires_at", "redirect_url", "success_message", "embed_origins", "logo", "fields"}) {
    view.set(name, field_view(form, wrong, name, texts));
  }
  const std::string_view kind = form.get("amount_kind");
  view.set("is_fixed", kind == "fixed").set("is_choices", kind == "choices");
  view.set("is_open", kind != "fixed" && kind != "choices");
  view.set("other", !form.get("other").empty()).set("active", !form.get("active").empty());
  const std::string_view embedding = form.get("embedding");
  view.set("nowhere", embedding == "nowhere").set("listed", embedding == "listed");
  view.set("anywhere", embedding != "nowhere" && embedding != "listed");
  view.set("rows", rows_view(form, wrong, texts)).set("wrong", !wrong.empty());
  return view;
}

}  // namespace epay::pages
