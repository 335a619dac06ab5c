// Merchants, the people who sign in for them, and their integrations: rows and rules, inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/role.h"

namespace epay::merchants {

struct Merchant {
  MerchantId id;
  std::string name, email, telephone;
  std::string merchant_key;  // 16 letters and digits
  std::int64_t fee_basis_points = 0;
  Timestamp created_at;
  std::optional<Timestamp> telephone_verified_at;
  std::optional<ImageId> logo;  // where a payment page has none of its own
};

struct NewMerchant {
  std::string name, email, telephone;
  std::string merchant_key;
  std::optional<std::string> password_hash;  // the owner's; without one nobody can sign in yet
  Timestamp now;
  bool telephone_verified = false;
  std::string language;  // the owner's
};

// Errors: invalid (empty or oversized fields, all of them named), conflict (the email has an account).
Result<MerchantId> create_merchant(db::Transaction& tx, const NewMerchant& merchant);
Result<Merchant> find_merchant(db::Transaction& tx, MerchantId id);
std::vector<Merchant> list_merchants(db::Transaction& tx);

struct MerchantProfile {
  std::string name, email, telephone;
};
// A telephone that has changed is no longer verified. The fields must be right.
void set_profile(db::Transaction& tx, MerchantId id, const MerchantProfile& profile);
void set_logo(db::Transaction& tx, MerchantId id, std::optional<ImageId> logo);
// `telephone` is the one that the code went to: nothing happens when it has changed meanwhile.
void set_telephone_verified(db::Transaction& tx, MerchantId id, std::string_view telephone, Timestamp now);
// From now on no token is given for the old key; tokens that were given go on to their end.
void set_merchant_key(db::Transaction& tx, MerchantId id, std::string_view merchant_key);

struct NewIntegration {
  MerchantId merchant;
  Mode mode = Mode::test;
  std::string app_id;      // 13 lower-case hex digits
  Sha256 app_secret_hash;  // the secret has 190 bits of chance, so a plain hash keeps it
  Timestamp now;
  std::optional<std::string> name = {};  // what its merchant calls it, at most integration_name_max characters
};

inline constexpr std::size_t integration_name_max = 60;
inline constexpr int integrations_max = 100;  // of one merchant, revoked ones not counted

// Error: conflict (integrations_max).
Result<IntegrationId> create_integration(db::Transaction& tx, const NewIntegration& integration);

struct ListedIntegration {
  IntegrationId id;
  Mode mode = Mode::test;
  std::string app_id;
  std::optional<std::string> name;
  Timestamp created_at;
  std::optional<Timestamp> revoked_at;
};
// Of both modes, the newest first.
std::vector<ListedIntegration> list_integrations(db::Transaction& tx, MerchantId merchant);
// Its tokens are good for nothing from then on. Error: not_found (also when it is revoked already).
Result<> revoke_integration(db::Transaction& tx, MerchantId merchant, IntegrationId id, Timestamp now);

// Whether real money may move for it.
bool has_live_integration(db::Transaction& tx, MerchantId merchant);

struct Credentials {
  std::string merchant_key, app_id, app_secret;
};

struct Integration {
  IntegrationId id;
  Scope scope;
};

// Errors: unauthenticated, with the wire's message for what is wrong (unknown key or app, wrong secret).
Result<Integration> find_integration(db::Transaction& tx, const Credentials& credentials);

}  // namespace epay::merchants
