#include "processing/bulk_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/csv_reader.h"
#include "base/money.h"
#include "base/phone_number.h"
#include "base/utf8.h"
#include "rails/networks.h"

namespace epay::processing {
namespace {

using payments::BulkLine;
using payments::Method;

constexpr std::size_t reference_max = 100, description_max = 140;

enum class Column {
  reference,
  amount,
  wallet_number,
  wallet_network,
  bank_code,
  account_number,
  name,
  description,
  count
};
constexpr std::array<std::string_view, std::size_t(Column::count)> column_names = {
    "reference",      "amount", "mobile_wallet_number", "mobile_wallet_network", "bank_code",
    "account_number", "name",   "description"};

// Where each column stands in a line.
using Places = std::array<std::optional<std::size_t>, std::size_t(Column::count)>;

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<Places> places_of(const CsvLine& head) {
  Places places;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto name = std::ranges::find(column_names, trim(head.fields[i]));
    if (name == column_names.end())
      return fail(ErrorCode::invalid, "There is no column called \"" + head.fields[i].substr(0, 40) + "\"");
    auto& place = places[std::size_t(name - column_names.begin())];
    if (place) return fail(ErrorCode::invalid, "The column " + std::string(*name) + " stands there twice");
    place = i;
  }
  const auto has = [&](Column column) { return places[std::size_t(column)].has_value(); };
  const bool wallets = has(Column::wallet_number) && has(Column::wallet_network);
  const bool accounts = has(Column::bank_code) && has(Column::account_number);
  if (!has(Column::amount)) return fail(ErrorCode::invalid, "The column amount is missing");
  if (!has(Column::description)) return fail(ErrorCode::invalid, "The column description is missing");
  if (!wallets && !accounts) {
    return fail(ErrorCode::invalid,
                "The columns mobile_wallet_number and mobile_wallet_network, or bank_code and account_number, are "
                "missing");
  }
  return places;
}

class LineReader {
 public:
  LineReader(const Places& places, const Currency& currency, const rails::Banks& banks)
      : places_(places), currency_(currency), banks_(banks) {}

  BulkLine read(const CsvLine& csv, std::int64_t number) {
    BulkLine line{.number = number};
    line.reference = text(csv, Column::reference);
    line.description = text(csv, Column::description);
    if (const std::string name = text(csv, Column::name); !name.empty()) line.payee_name = name;
    const auto amount = Money::parse(text(csv, Column::amount), currency_);
    if (amount) line.amount_minor = amount->minor;
    const auto wrong = [&](std::string why) {
      if (!line.problem) line.problem = std::move(why);
    };
    if (!amount) wrong("the amount is none: " + amount.error().message);
    if (line.description.empty()) wrong("the description is missing");
    if (utf8_length(line.description) > description_max) wrong("the description is too long");
    if (utf8_length(line.reference) > reference_max) wrong("the reference is too long");
    if (line.payee_name && line.payee_name->size() > payments::holder_name_max) wrong("the name is too long");
    read_payee(csv, line, wrong);
    if (!line.reference.empty() && !references_.insert(line.reference).second)
      wrong("the reference stands in the file twice");
    if (line.problem) shorten(line);
    return line;
  }

 private:
  std::string text(const CsvLine& line, Column column) const {
    const auto place = places_[std::size_t(column)];
    return place && *place < line.fields.size() ? std::string(trim(line.fields[*place])) : "";
  }

  template <class Wrong>
  void read_payee(const CsvLine& csv, BulkLine& line, const Wrong& wrong) const {
    const std::string number = text(csv, Column::wallet_number), account = text(csv, Column::account_number);
    if (number.empty() == account.empty())
      return wrong(number.empty() ? "neither a wallet nor an account is named"
                                  : "both a wallet and an account are named");
    if (!account.empty()) {
      line.payee = {Method::bank, account, text(csv, Column::bank_code)};
      if (!payments::is_account_number(account)) wrong("the account number is none");
      if (banks_.find(line.payee.network) == nullptr) wrong("there is no bank \"" + line.payee.network + "\"");
      return;
    }
    // Spreadsheets drop the first digit where it is 0.
    const auto wallet = PhoneNumber::parse(number.size() == 9 ? "0" + number : number);
    const std::string network = text(csv, Column::wallet_network);
    line.payee = {Method::momo, wallet ? wallet->national() : number, network};
    if (!wallet) wrong("the mobile money number is none");
    if (!rails::find_network(network)) wrong("there is no network \"" + network + "\"");
  }

  // What is shown of a line that is not sent, and kept.
  static void shorten(BulkLine& line) {
    constexpr std::size_t kept = 200;
    for (std::string* one : {&line.reference, &line.description, &line.payee.number, &line.payee.network})
      if (one->size() > kept) one->resize(kept);
    if (line.payee_name && line.payee_name->size() > kept) line.payee_name->resize(kept);
    for (std::string* one : {&line.reference, &line.description, &line.payee.number, &line.payee.network})
      if (!is_utf8(*one)) one->clear();
    if (line.payee_name && !is_utf8(*line.payee_name)) line.payee_name.reset();
    if (line.problem && !is_utf8(*line.problem)) line.problem = "the line cannot be read";
  }

  const Places& places_;
  Currency currency_;
  const rails::Banks& banks_;
  std::set<std::string, std::less<>> references_;
};

}  // namespace

Result<std::vector<BulkLine>> read_bulk_file(std::string_view csv, const Currency& currency,
                                             const rails::Banks& banks) {
  if (!is_utf8(csv)) return fail(ErrorCode::invalid, "The file is not UTF-8");
  // Spreadsheets of some languages write semicolons.
  const std::string_view head = csv.substr(0, csv.find('\n'));
  const bool semicolons = head.contains(';') && !head.contains(',');
  const auto lines = read_csv(csv, semicolons ? ';' : ',');
  if (!lines) return std::unexpected(lines.error());
  if (lines->size() < 2) return fail(ErrorCode::invalid, "The file has no line beside the names of its columns");
  if (lines->size() - 1 > payments::bulk_lines_max) {
    return fail(ErrorCode::invalid, "The file has more than " + std::to_string(payments::bulk_lines_max) + " lines");
  }
  const auto places = places_of(lines->front());
  if (!places) return std::unexpected(places.error());
  LineReader reader(*places, currency, banks);
  std::vector<BulkLine> read;
  for (std::size_t i = 1; i < lines->size(); ++i) read.push_back(reader.read((*lines)[i], std::int64_t(i)));
  return read;
}

}  // namespace epay::processing
