#include "reconciliation/statement_file.h"

#include <time.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/csv_reader.h"
#include "base/time_text.h"
#include "http/json.h"
#include "rails/reply_reader.h"

namespace epay::reconciliation {
namespace {

// clang-format does not know #embed, and would put a blank into the name.
// clang-format off
constexpr char mtn[] = {
#embed <mtn.json>
};
constexpr char paystack[] = {
#embed <paystack.json>
};
constexpr char hubtel[] = {
#embed <hubtel.json>
};
constexpr char mpgs[] = {
#embed <mpgs.json>
};
// clang-format on

struct Known {
  std::string_view rail, json;
};
constexpr Known known[] = {{"mtn", {mtn, sizeof mtn}},
                           {"paystack", {paystack, sizeof paystack}},
                           {"hubtel", {hubtel, sizeof hubtel}},
                           {"mpgs", {mpgs, sizeof mpgs}}};

using Kind = http::Json::Kind;

std::optional<LineKind> kind_named(std::string_view word) {
  for (const LineKind kind :
       {LineKind::collect, LineKind::payout, LineKind::refund, LineKind::fee, LineKind::settlement, LineKind::other}) {
    if (wire_name(kind) == word) return kind;
  }
  return std::nullopt;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

// What does not change an amount: blanks, commas between thousands, the currency's code before or after it.
std::string plain_amount(std::string_view text, std::string_view currency) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ' && c != ',') plain += c;
  }
  if (plain.starts_with(currency)) plain = plain.substr(currency.size());
  if (plain.ends_with(currency)) plain = plain.substr(0, plain.size() - currency.size());
  return plain;
}

std::optional<Timestamp> parse_as(const std::string& text, const std::string& format) {
  tm parts{};
  const char* end = ::strptime(text.c_str(), format.c_str(), &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const time_t at = ::timegm(&parts);
  return at < 0 ? std::nullopt : std::optional(Timestamp{std::int64_t(at) * 1'000'000});
}

class Columns {
 public:
  Columns(const CsvLine& header, std::vector<std::string>& problems) : problems_(problems) {
    for (const std::string& name : header.fields) names_.push_back(trimmed(name));
  }
  // Where a column is; nothing for one that the rail does not have. One that is named and is not there is a problem.
  std::optional<std::size_t> find(const std::string& name) {
    if (name.empty()) return std::nullopt;
    const auto at = std::ranges::find(names_, name);
    if (at != names_.end()) return std::size_t(at - names_.begin());
    problems_.push_back("there is no column \"" + name + "\"");
    return std::nullopt;
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string>& problems_;
};

class Reader {
 public:
  explicit Reader(const Mapping& mapping) : mapping_(mapping) {}

  Result<std::vector<StatementLine>> read(std::string_view csv) {
    const auto lines = read_csv(csv, mapping_.separator);
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) return fail(ErrorCode::invalid, "the file is empty");
    find_columns(lines->front());
    const bool columns_found = problems_.empty();
    for (std::size_t i = 1; columns_found && i < lines->size() && problems_.size() < lines_named_max; ++i)
      take((*lines)[i]);
    if (problems_.empty()) return std::move(found_);
    std::string all;
    for (const std::string& problem : problems_) all += (all.empty() ? "" : "\n") + problem;
    return fail(ErrorCode::invalid, all);
  }

 private:
  void find_columns(const CsvLine& header) {
    Columns columns(header, problems_);
    reference_ = columns.find(mapping_.reference);
    rail_reference_ = columns.find(mapping_.rail_reference);
    amount_ = columns.find(mapping_.amount);
    fee_ = columns.find(mapping_.fee);
    currency_ = columns.find(mapping_.currency);
    status_ = columns.find(mapping_.status);
    kind_ = columns.find(mapping_.kind);
    time_ = columns.find(mapping_.time);
  }

  static std::string field(const CsvLine& line, std::optional<std::size_t> column) {
    return column && *column < line.fields.size() ? trimmed(line.fields[*column]) : "";
  }
  void wrong(const CsvLine& line, const std::string& what) {
    problems_.push_back("line " + std::to_string(line.number) + ": " + what);
  }

  LineKind kind_of(const CsvLine& line, bool negative) {
    const std::string word = field(line, kind_);
    for (const auto& [name, kind] : mapping_.kinds) {
      if (name == word) return kind;
    }
    if (kind_ && !word.empty()) return LineKind::other;
    return negative && mapping_.negative_is_payout ? LineKind::payout : mapping_.default_kind;
  }

  // Nothing where the line is of something that is not decided.
  std::optional<bool> success_of(const CsvLine& line) {
    if (!status_) return true;
    const std::string word = field(line, status_);
    if (std::ranges::find(mapping_.success, word) != mapping_.success.end()) return true;
    if (std::ranges::find(mapping_.failure, word) != mapping_.failure.end()) return false;
    return std::nullopt;
  }

  std::optional<Money> money_of(const CsvLine& line, std::string text, const Currency& currency,
                                std::string_view name) {
    http::Json number;
    number.kind = Kind::string;
    number.text = plain_amount(text, currency.code());
    if (number.text.starts_with('-') || number.text.starts_with('+')) number.text.erase(0, 1);
    auto money = mapping_.minor_units ? rails::minor_units(&number, currency) : rails::major_units(&number, currency);
    if (!money) wrong(line, std::string(name) + ": \"" + text + "\" is no amount of " + std::string(currency.code()));
    return money;
  }

  void take(const CsvLine& line) {
    const std::string code = field(line, currency_);
    const auto currency = code.empty() ? std::optional(mapping_.default_currency) : Currency::parse(code);
    if (!currency) return wrong(line, "currency: \"" + code + "\" is none");
    const auto success = success_of(line);
    if (!success) return;
    const std::string amount_text = field(line, amount_);
    const auto amount = money_of(line, amount_text, *currency, "amount");
    if (!amount) return;
    StatementLine read{.number = line.number,
                       .kind = kind_of(line, amount_text.starts_with('-')),
                       .reference = field(line, reference_),
                       .rail_reference = field(line, rail_reference_),
                       .amount = *amount,
                       .succeeded = *success};
    const std::string fee_text = field(line, fee_);
    if (fee_text.find_first_of("123456789") != std::string::npos) {
      const auto fee = money_of(line, fee_text, *currency, "fee");
      if (!fee) return;
      read.fee_minor = fee->minor;
    }
    const std::string time = field(line, time_);
    const auto at = mapping_.time_format.empty() ? parse_time(time) : parse_as(time, mapping_.time_format);
    if (!at) return wrong(line, "time: \"" + time + "\" cannot be read");
    read.occurred_at = *at;
    found_.push_back(std::move(read));
  }

  const Mapping& mapping_;
  std::vector<std::string> problems_;
  std::vector<StatementLine> found_;
  std::optional<std::size_t> reference_, rail_reference_, amount_, fee_, currency_, status_, kind_, time_;
};

std::string text_at(const http::Json& json, std::string_view name) { return rails::text_of(json, name).value_or(""); }

void read_words(const http::Json& json, std::string_view name, std::vector<std::string>& words) {
  const http::Json* list = rails::member_of(json, name);
  if (list == nullptr) return;
  for (const http::Json& item : list->items) words.push_back(item.text);
}

}  // namespace

std::string_view wire_name(LineKind kind) {
  switch (kind) {
    case LineKind::collect: return "collect";
    case LineKind::payout: return "payout";
    case LineKind::refund: return "refund";
    case LineKind::fee: return "fee";
    case LineKind::settlement: return "settlement";
    case LineKind::other: return "other";
  }
  return "";
}

Result<Mapping> parse_mapping(std::string_view text) {
  const auto json = http::Json::parse(text);
  if (!json) return std::unexpected(json.error());
  std::string problems;
  const auto problem = [&](const std::string& what) { problems += (problems.empty() ? "" : "\n") + what; };
  Mapping mapping;
  if (const http::Json* columns = rails::member_of(*json, "columns")) {
    mapping.reference = text_at(*columns, "reference");
    mapping.rail_reference = text_at(*columns, "rail_reference");
    mapping.amount = text_at(*columns, "amount");
    mapping.fee = text_at(*columns, "fee");
    mapping.currency = text_at(*columns, "currency");
    mapping.status = text_at(*columns, "status");
    mapping.kind = text_at(*columns, "kind");
    mapping.time = text_at(*columns, "time");
  }
  if (mapping.amount.empty()) problem("columns.amount: is missing");
  if (mapping.time.empty()) problem("columns.time: is missing");
  if (mapping.reference.empty() && mapping.rail_reference.empty()) problem("columns.reference: is missing");
  const std::string currency = text_at(*json, "default_currency");
  if (const auto parsed = Currency::parse(currency.empty() ? "GHS" : currency)) {
    mapping.default_currency = *parsed;
  } else {
    problem("default_currency: must be an ISO 4217 code such as GHS");
  }
  const std::string units = text_at(*json, "units");
  if (units != "major" && units != "minor") problem("units: must be major or minor");
  mapping.minor_units = units == "minor";
  const std::string separator = text_at(*json, "separator");
  if (separator.size() > 1) problem("separator: must be one character");
  if (!separator.empty()) mapping.separator = separator[0];
  mapping.time_format = text_at(*json, "time_format");
  read_words(*json, "success", mapping.success);
  read_words(*json, "failure", mapping.failure);
  if (!mapping.status.empty() && mapping.success.empty()) problem("success: names no word of the status column");
  if (const http::Json* kinds = rails::member_of(*json, "kinds")) {
    for (const auto& [word, kind] : kinds->members) {
      const auto known_kind = kind_named(kind.text);
      if (!known_kind) problem("kinds." + word + ": must be collect, payout, refund, fee, settlement or other");
      mapping.kinds.emplace_back(word, known_kind.value_or(LineKind::other));
    }
  }
  if (const http::Json* negative = rails::member_of(*json, "negative_is_payout"))
    mapping.negative_is_payout = negative->truth;
  if (!problems.empty()) return fail(ErrorCode::invalid, problems);
  return mapping;
}

Result<Mapping> mapping_of(std::string_view rail) {
  for (const Known& one : known) {
    if (one.rail != rail) continue;
    auto mapping = parse_mapping(one.json);
    EPAY_CHECK(mapping.has_value());
    return mapping;
  }
  return fail(ErrorCode::not_found, "There is no mapping for statements of " + std::string(rail) + ": give one");
}

Result<std::vector<StatementLine>> read_statement(std::string_view csv, const Mapping& mapping) {
  return Reader(mapping).read(csv);
}

}  // namespace epay::reconciliation
