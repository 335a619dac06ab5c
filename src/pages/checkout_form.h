// What a customer has typed into a page of the checkout, and what is wrong with it: every wrong field is found at once,
// and nothing that was typed is lost.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/phone_number.h"
#include "http/message.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "payments/customer.h"
#include "payments/payment_page.h"
#include "rails/health.h"
#include "rails/networks.h"
#include "rails/rail.h"

namespace epay::pages {

inline constexpr std::size_t customer_name_max = 200;
inline constexpr std::size_t customer_telephone_max = 32;
inline constexpr std::size_t customer_note_max = 200;
inline constexpr std::size_t code_max = 12;  // a voucher or OTP

// How the customer pays.
struct MethodChoice {
  rails::Channel channel = rails::Channel::momo;
  std::optional<PhoneNumber> wallet;
  std::optional<rails::Network> network;
};

// Which methods there are for this payment.
struct Methods {
  bool momo = false, card = false;
  // Networks that can be paid with, and how each does; empty: all of them, and well.
  std::map<std::string, rails::Standing, std::less<>> networks = {};
  rails::Standing card_standing = rails::Standing::operational;
  bool offers(std::string_view network) const { return networks.empty() || networks.contains(network); }
  bool any() const { return momo || card; }
};

class CheckoutForm {
 public:
  explicit CheckoutForm(const Texts& texts) : texts_(&texts) {}
  // A posted form. Nothing when it is no form at all, or not UTF-8.
  static std::optional<CheckoutForm> read(const http::Request& request, const Texts& texts);

  std::string_view value(std::string_view name) const;  // without blanks around it
  const std::map<std::string, std::string, std::less<>>& values() const { return values_; }
  void set(std::string name, std::string value) { values_.insert_or_assign(std::move(name), std::move(value)); }

  // What a rule has found: the message is the text pay_error.FIELD_CODE, or pay_error.CODE with {label}.
  void wrong(std::string_view field, std::string_view code, std::string_view label = {});
  void wrong_says(std::string field, std::string message);
  bool good() const { return wrong_.empty(); }

  // ---- what is typed, checked; what they give is to be used only when good() ----
  payments::NewCustomer customer();
  std::optional<std::string> note();
  Money amount(const payments::PageSettings& page);
  std::vector<payments::Answer> answers(const std::vector<payments::PageField>& fields);
  // The wallet is the telephone's number where none is given, its network guessed where none is chosen.
  MethodChoice method(const Methods& methods);
  // A voucher, six digits.
  std::string voucher();
  std::string code();

  // ---- for a template ----
  // {value, error}
  View field(std::string_view name) const;
  // [{field, message}], for the summary at the top.
  std::vector<View> errors() const;
  View methods_view(const Methods& methods) const;

 private:
  std::string message(std::string_view field, std::string_view code, std::string_view label) const;

  const Texts* texts_;
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::pair<std::string, std::string>> wrong_;  // a field and its message, in the page's order
};

}  // namespace epay::pages
