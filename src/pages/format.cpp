#include "pages/format.h"

#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>

#include <map>

#include "base/check.h"

namespace epay::pages {
namespace {

using icu::number::LocalizedNumberFormatter;
using icu::number::NumberFormatter;

// English as it is written outside of America.
icu::Locale locale_of(const Texts& texts) {
  return texts.language() == "en" ? icu::Locale("en", "GB") : icu::Locale(std::string(texts.language()).c_str());
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

std::string format_number(const LocalizedNumberFormatter& formatter, const std::string& decimal) {
  UErrorCode status = U_ZERO_ERROR;
  const auto formatted = formatter.formatDecimal(decimal, status);
  std::string text = to_utf8(formatted.toString(status));
  EPAY_CHECK(U_SUCCESS(status));
  return text;
}

std::string format_moment(Timestamp time, const Texts& texts, const char16_t* pattern) {
  using Key = std::pair<std::string, std::u16string>;
  static std::map<Key, std::unique_ptr<icu::SimpleDateFormat>> formats;
  UErrorCode status = U_ZERO_ERROR;
  auto& format = formats[{std::string(texts.language()), pattern}];
  if (!format) {
    format = std::make_unique<icu::SimpleDateFormat>(icu::UnicodeString(pattern), locale_of(texts), status);
    format->setTimeZone(*icu::TimeZone::getGMT());
  }
  EPAY_CHECK(U_SUCCESS(status));
  icu::UnicodeString text;
  format->format(UDate(time.micros / 1'000), text);
  return to_utf8(text);
}

}  // namespace

std::string format_money(const Money& amount, const Texts& texts) {
  static std::map<std::pair<std::string, std::string>, LocalizedNumberFormatter> formatters;
  UErrorCode status = U_ZERO_ERROR;
  const std::string code(amount.currency.code());
  auto known = formatters.find({std::string(texts.language()), code});
  if (known == formatters.end()) {
    const std::u16string wide(code.begin(), code.end());
    const icu::CurrencyUnit unit(wide.c_str(), status);
    known = formatters
                .emplace(std::pair(std::string(texts.language()), code),
                         NumberFormatter::withLocale(locale_of(texts))
                             .unit(unit)
                             .unitWidth(UNUM_UNIT_WIDTH_ISO_CODE)
                             .precision(icu::number::Precision::fixedFraction(amount.currency.exponent())))
                .first;
  }
  EPAY_CHECK(U_SUCCESS(status));
  return format_number(known->second, amount.to_decimal());
}

std::string format_count(std::int64_t count, const Texts& texts) {
  static std::map<std::string, LocalizedNumberFormatter, std::less<>> formatters;
  auto known = formatters.find(texts.language());
  if (known == formatters.end()) {
    known = formatters.emplace(texts.language(), NumberFormatter::withLocale(locale_of(texts))).first;
  }
  return format_number(known->second, std::to_string(count));
}

std::string format_date(Timestamp time, const Texts& texts) { return format_moment(time, texts, u"d MMM y"); }
std::string format_time(Timestamp time, const Texts& texts) {
  return format_moment(time, texts, u"d MMM y, HH:mm") + " UTC";
}

}  // namespace epay::pages
