#include "pages/checkout_form.h"

#include <algorithm>

#include "base/email.h"
#include "base/utf8.h"
#include "pages/format.h"
#include "pages/networks.h"

namespace epay::pages {
namespace {

constexpr std::size_t voucher_digits = 6;
constexpr std::size_t telephone_digits_least = 6;

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_telephone(std::string_view text) {
  const auto fits = [](char c) { return is_digit(c) || c == ' ' || c == '-' || c == '(' || c == ')' || c == '.'; };
  const std::string_view rest = text.starts_with('+') ? text.substr(1) : text;
  return text.size() <= customer_telephone_max && std::ranges::all_of(rest, fits) &&
         std::size_t(std::ranges::count_if(rest, is_digit)) >= telephone_digits_least;
}

}  // namespace

std::optional<CheckoutForm> CheckoutForm::read(const http::Request& request, const Texts& texts) {
  auto pairs = http::parse_form(request.body);
  if (!pairs) return std::nullopt;
  CheckoutForm form(texts);
  for (auto& [name, value] : *pairs) {
    if (!is_utf8(name) || !is_utf8(value)) return std::nullopt;
    form.values_.try_emplace(std::move(name), trim(value));
  }
  return form;
}

std::string_view CheckoutForm::value(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view() : found->second;
}

std::string CheckoutForm::message(std::string_view field, std::string_view code, std::string_view label) const {
  const std::string special = "pay_error." + std::string(field) + "_" + std::string(code);
  if (texts_->has(special)) return std::string(texts_->at(special));
  return texts_->format("pay_error." + std::string(code), {{"label", label}});
}

void CheckoutForm::wrong(std::string_view field, std::string_view code, std::string_view label) {
  wrong_says(std::string(field), message(field, code, label));
}

void CheckoutForm::wrong_says(std::string field, std::string message) {
  const bool known = std::ranges::any_of(wrong_, [&](const auto& one) { return one.first == field; });
  if (!known) wrong_.emplace_back(std::move(field), std::move(message));
}

payments::NewCustomer CheckoutForm::customer() {
  const std::string_view name = value("name"), email = value("email"), telephone = value("telephone");
  if (name.empty()) {
    wrong("name", "required");
  } else if (!is_one_line(name) || utf8_length(name) > customer_name_max) {
    wrong("name", "invalid");
  }
  if (email.empty()) {
    wrong("email", "required");
  } else if (!is_email(email)) {
    wrong("email", "invalid");
  }
  if (telephone.empty()) {
    wrong("telephone", "required");
  } else if (!is_telephone(telephone)) {
    wrong("telephone", "invalid");
  }
  return {std::string(name), std::string(email), std::string(telephone)};
}

std::optional<std::string> CheckoutForm::note() {
  const std::string_view note = value("note");
  if (!is_one_line(note) || utf8_length(note) > customer_note_max) wrong("note", "too_long");
  return note.empty() ? std::nullopt : std::optional(std::string(note));
}

Money CheckoutForm::amount(const payments::PageSettings& page) {
  const auto amount =
      payments::choose_amount(page.amount, page.currency, {.choice = value("choice"), .typed = value("amount")});
  if (amount) return *amount;
  const std::string& code = amount.error().fields.front().code;
  const auto shown = [&](std::optional<std::int64_t> minor) {
    return minor ? format_money({*minor, page.currency}, *texts_) : std::string();
  };
  wrong_says("amount", texts_->format("pay_error.amount_" + code, {{"least", shown(page.amount.least)},
                                                                   {"most", shown(page.amount.most)},
                                                                   {"currency", page.currency.code()}}));
  return {0, page.currency};
}

std::vector<payments::Answer> CheckoutForm::answers(const std::vector<payments::PageField>& fields) {
  auto answers = payments::read_answers(fields, values_);
  if (answers) return *std::move(answers);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string name = payments::field_name(i);
    for (const FieldError& error : answers.error().fields) {
      if (error.field == name) wrong(name, error.code, fields[i].label);
    }
  }
  return {};
}

MethodChoice CheckoutForm::method(const Methods& methods) {
  std::string_view name = value("method");
  if (name.empty() && methods.momo != methods.card) name = methods.momo ? "momo" : "card";
  if (name == "card" && methods.card) return {.channel = rails::Channel::card};
  if (name != "momo" || !methods.momo) {
    wrong("method", "required");
    return {};
  }
  MethodChoice choice;
  const std::string_view given = value("number");
  const auto number = PhoneNumber::parse(given.empty() ? value("telephone") : given);
  if (!number) {
    // A telephone that is wrong itself is named once.
    const bool named = given.empty() && std::ranges::find(wrong_, "telephone", [](const auto& one) {
                                          return std::string_view(one.first);
                                        }) != wrong_.end();
    if (!named) wrong("number", "invalid");
    return choice;
  }
  choice.wallet = *number;
  const std::string_view chosen = value("network");
  choice.network = rails::find_network(chosen.empty() ? guess_network(*number) : chosen);
  if (!choice.network) wrong("network", "required");
  if (choice.network && !methods.offers(choice.network->name)) wrong("network", "not_offered");
  return choice;
}

std::string CheckoutForm::voucher() {
  const std::string text(value("voucher"));
  if (text.size() != voucher_digits || !std::ranges::all_of(text, is_digit)) wrong("voucher", "invalid");
  return text;
}

std::string CheckoutForm::code() {
  std::string text;
  for (const char c : value("code")) {
    if (c != ' ') text += c;
  }
  const bool fits = !text.empty() && text.size() <= code_max &&
                    std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (!fits) wrong("code", "invalid");
  return text;
}

View CheckoutForm::field(std::string_view name) const {
  View view;
  view.set("value", value(name));
  for (const auto& [field, message] : wrong_) {
    if (field == name) view.set("error", View().set("message", message));
  }
  return view;
}

std::vector<View> CheckoutForm::errors() const {
  std::vector<View> list;
  for (const auto& [field, message] : wrong_) list.push_back(View().set("field", field).set("message", message));
  return list;
}

View CheckoutForm::methods_view(const Methods& methods) const {
  const std::string_view chosen = value("method");
  const bool momo = methods.momo && (chosen == "momo" || !methods.card || chosen.empty());
  std::vector<View> networks, notes;
  const auto note = [&](std::string_view label, rails::Standing standing) {
    if (standing == rails::Standing::operational) return;
    const std::string key = "pay.rail_" + std::string(rails::wire_name(standing));
    notes.push_back(View().set("text", texts_->format(key, {{"label", label}})));
  };
  for (const NetworkChoice& choice : network_choices()) {
    if (!methods.offers(choice.name)) continue;
    const auto standing = methods.networks.find(choice.name);
    if (standing != methods.networks.end()) note(choice.label, standing->second);
    std::string prefixes;
    for (const std::string& prefix : choice.prefixes) prefixes += (prefixes.empty() ? "" : " ") + prefix;
    networks.push_back(View()
                           .set("name", choice.name)
                           .set("label", choice.label)
                           .set("prefixes", prefixes)
                           .set("chosen", choice.name == value("network")));
  }
  if (methods.card) note(texts_->at("pay.card"), methods.card_standing);
  View view;
  view.set("notes", std::move(notes));
  view.set("momo", methods.momo)
      .set("card", methods.card)
      .set("both", methods.momo && methods.card)
      .set("momo_chosen", momo)
      .set("card_chosen", !momo)
      .set("networks", std::move(networks))
      .set("number", field("number"))
      .set("network", field("network"))
      .set("method", field("method"));
  return view;
}

}  // namespace epay::pages
