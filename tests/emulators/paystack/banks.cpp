#include "emulators/paystack/banks.h"

#include "http/message.h"

namespace epay::emulators::paystack {
namespace {

constexpr Bank banks[] = {
    {28, "MTN", "MTN", "mobile_money"},
    {29, "AirtelTigo", "ATL", "mobile_money"},
    {66, "Vodafone", "VOD", "mobile_money"},
    {30, "Absa Bank Ghana Ltd", "030100", "ghipss"},
    {31, "Access Bank", "280100", "ghipss"},
    {32, "ADB Bank Limited", "080100", "ghipss"},
    {33, "Bank of Africa Ghana", "210100", "ghipss"},
    {34, "CAL Bank Limited", "140100", "ghipss"},
    {35, "Consolidated Bank Ghana Limited", "340100", "ghipss"},
    {36, "Ecobank Ghana Limited", "130100", "ghipss"},
    {37, "FBNBank Ghana Limited", "200100", "ghipss"},
    {38, "Fidelity Bank Ghana Limited", "240100", "ghipss"},
    {39, "First Atlantic Bank Limited", "170100", "ghipss"},
    {40, "First National Bank Ghana Limited", "330100", "ghipss"},
    {41, "GCB Bank Limited", "040100", "ghipss"},
    {42, "Guaranty Trust Bank (Ghana) Limited", "230100", "ghipss"},
    {43, "National Investment Bank Limited", "050100", "ghipss"},
    {44, "Prudential Bank Limited", "180100", "ghipss"},
    {45, "Republic Bank (GH) Limited", "110100", "ghipss"},
    {46, "Stanbic Bank Ghana Limited", "190100", "ghipss"},
    {47, "Standard Chartered Bank Ghana Limited", "020100", "ghipss"},
    {48, "United Bank for Africa Ghana Limited", "060100", "ghipss"},
    {49, "Universal Merchant Bank Ghana Limited", "100100", "ghipss"},
    {50, "Zenith Bank Ghana", "120100", "ghipss"},
};

std::string slug_of(std::string_view name) {
  std::string slug;
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) slug += c;
    if (c >= 'A' && c <= 'Z') slug += static_cast<char>(c + 32);
    if (c == ' ' && !slug.ends_with('-')) slug += '-';
  }
  return slug;
}

void write(JsonWriter& json, const Bank& bank) {
  json.begin_object()
      .member("id", bank.id)
      .member("name", bank.name)
      .member("slug", slug_of(bank.name))
      .member("code", bank.code)
      .member("longcode", "")
      .key("gateway")
      .null()
      .member("pay_with_bank", false)
      .member("supports_transfer", true)
      .member("active", true)
      .member("country", "Ghana")
      .member("currency", "GHS")
      .member("type", bank.type)
      .member("is_deleted", false)
      .member("createdAt", "2021-10-07T12:06:53.000Z")
      .member("updatedAt", "2024-08-05T13:39:39.000Z")
      .end_object();
}

}  // namespace

const Bank* find_bank(std::string_view code) {
  for (const Bank& bank : banks) {
    if (http::equal_ignoring_case(bank.code, code)) return &bank;
  }
  return nullptr;
}

std::string bank_list(std::string_view type) {
  JsonWriter json;
  json.begin_array();
  for (const Bank& bank : banks) {
    if (type.empty() || type == bank.type) write(json, bank);
  }
  return json.end_array().take();
}

}  // namespace epay::emulators::paystack
