#include "merchants/registration.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/email.h"
#include "base/phone_number.h"
#include "base/utf8.h"
#include "merchants/merchant.h"
#include "merchants/password_rules.h"
#include "merchants/registration_store.h"

namespace epay::merchants {
namespace {

FieldError wrong(std::string_view field, std::string_view code) {
  return {std::string(field), std::string(code), std::string(field) + ": " + std::string(code)};
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

std::optional<FieldError> check_name(std::string_view field, std::string_view name, std::size_t max) {
  if (name.find_first_not_of(' ') == std::string_view::npos) return wrong(field, "required");
  if (!is_utf8(name) || has_control_character(name)) return wrong(field, "invalid");
  if (utf8_length(name) > max) return wrong(field, "too_long");
  return std::nullopt;
}

std::optional<FieldError> check_telephone(std::string_view telephone) {
  if (telephone.empty()) return wrong("telephone", "required");
  if (!PhoneNumber::parse(telephone)) return wrong("telephone", "telephone");
  return std::nullopt;
}

std::vector<FieldError> check_registration(const RegistrationForm& form) {
  std::vector<FieldError> all;
  const auto add = [&](std::optional<FieldError> error) {
    if (error) all.push_back(*std::move(error));
  };
  add(check_name("name", form.name, merchant_name_max));
  if (form.email.empty()) {
    add(wrong("email", "required"));
  } else if (!is_email(form.email)) {
    add(wrong("email", "email"));
  }
  add(check_telephone(form.telephone));
  if (form.password.empty()) {
    add(wrong("password", "required"));
  } else if (const auto fault = password_fault(form.password, {form.email, form.name, form.telephone})) {
    add(wrong("password", code_of(*fault)));
  }
  return all;
}

void keep_registration(db::Transaction& tx, const Registration& registration, std::string_view token, Timestamp now) {
  tx.execute(store::delete_old_registrations, now);
  tx.execute(store::insert_registration, db::Bytes{to_bytes(sha256(token))}, registration.name, registration.email,
             registration.telephone, registration.password_hash, registration.language, now, now + registration_life);
}

std::optional<Registration> find_registration(db::Transaction& tx, std::string_view token, Timestamp now) {
  return tx.query_one(
      store::select_registration,
      [](const db::Row& row) {
        return Registration{row.string(0), row.string(1), row.string(2), row.string(3), row.string(4)};
      },
      db::Bytes{to_bytes(sha256(token))}, now);
}

Result<UserKey> complete_registration(db::Transaction& tx, std::string_view token, std::string_view merchant_key,
                                      Timestamp now) {
  const auto registration = find_registration(tx, token, now);
  if (!registration) return fail(ErrorCode::not_found, "the link has been used, or has expired");
  const auto merchant = create_merchant(tx, {.name = registration->name,
                                             .email = registration->email,
                                             .telephone = registration->telephone,
                                             .merchant_key = std::string(merchant_key),
                                             .password_hash = registration->password_hash,
                                             .now = now,
                                             .language = registration->language});
  if (!merchant) return std::unexpected(merchant.error());
  tx.execute(store::delete_registration, db::Bytes{to_bytes(sha256(token))});
  return find_user_by_email(tx, registration->email)->key;
}

}  // namespace epay::merchants
