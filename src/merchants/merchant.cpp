#include "merchants/merchant.h"

#include "base/email.h"
#include "base/utf8.h"
#include "merchants/merchant_store.h"
#include "merchants/user.h"

namespace epay::merchants {
namespace {

constexpr std::size_t name_max = 200;
constexpr std::size_t telephone_max = 32;

Merchant read_merchant(const db::Row& row) {
  return {.id = row.id<MerchantId>(0),
          .name = row.string(1),
          .email = row.string(2),
          .telephone = row.string(3),
          .merchant_key = row.string(4),
          .fee_basis_points = row.integer(5),
          .created_at = row.time(6),
          .telephone_verified_at = row.is_null(7) ? std::nullopt : std::optional(row.time(7)),
          .logo = row.is_null(8) ? std::nullopt : std::optional(row.id<ImageId>(8))};
}

void check_text(std::vector<FieldError>& wrong, std::string_view field, std::string_view text, std::size_t max) {
  if (text.empty()) {
    wrong.push_back({std::string(field), "required", std::string(field) + " is required"});
  } else if (!is_utf8(text) || utf8_length(text) > max) {
    wrong.push_back({std::string(field), "too_long",
                     std::string(field) + " must be UTF-8 text of at most " + std::to_string(max) + " characters"});
  }
}

}  // namespace

Result<MerchantId> create_merchant(db::Transaction& tx, const NewMerchant& merchant) {
  std::vector<FieldError> wrong;
  check_text(wrong, "name", merchant.name, name_max);
  check_text(wrong, "telephone", merchant.telephone, telephone_max);
  if (!is_email(merchant.email)) wrong.push_back({"email", "invalid", "email must be an email address"});
  if (!wrong.empty()) return std::unexpected(Error{ErrorCode::invalid, wrong.front().message, wrong});

  const auto id = MerchantId{tx.next_id(db::Sequence::merchant)};
  const auto verified_at = merchant.telephone_verified ? std::optional(merchant.now) : std::nullopt;
  tx.execute(store::insert_merchant, id, merchant.name, merchant.email, merchant.telephone, merchant.merchant_key,
             merchant.now, verified_at);
  const auto owner = add_user(tx, {.merchant = id,
                                   .name = merchant.name,
                                   .email = merchant.email,
                                   .password_hash = merchant.password_hash,
                                   .role = Role::owner,
                                   .language = merchant.language,
                                   .now = merchant.now});
  if (!owner) return std::unexpected(owner.error());
  for (const Mode mode : {Mode::test, Mode::live}) tx.execute(store::insert_totals, id, mode);
  return id;
}

Result<Merchant> find_merchant(db::Transaction& tx, MerchantId id) {
  auto found = tx.query_one(store::select_merchant, read_merchant, id);
  if (!found) return fail(ErrorCode::not_found, "there is no merchant " + std::to_string(id.value));
  return *std::move(found);
}

std::vector<Merchant> list_merchants(db::Transaction& tx) {
  return tx.query_all(store::select_merchants, read_merchant);
}

void set_profile(db::Transaction& tx, MerchantId id, const MerchantProfile& profile) {
  tx.execute(store::update_profile, id, profile.name, profile.email, profile.telephone);
}

void set_logo(db::Transaction& tx, MerchantId id, std::optional<ImageId> logo) {
  tx.execute(store::update_logo, id, logo);
}

void set_telephone_verified(db::Transaction& tx, MerchantId id, std::string_view telephone, Timestamp now) {
  tx.execute(store::update_telephone_verified, id, telephone, now);
}

void set_merchant_key(db::Transaction& tx, MerchantId id, std::string_view merchant_key) {
  tx.execute(store::update_merchant_key, id, merchant_key);
}

Result<IntegrationId> create_integration(db::Transaction& tx, const NewIntegration& integration) {
  const auto count =
      tx.query_one(store::count_integrations, [](const db::Row& row) { return row.integer(0); }, integration.merchant);
  if (count.value_or(0) >= integrations_max) {
    return fail(ErrorCode::conflict, "There are " + std::to_string(integrations_max) +
                                         " integrations already; revoke one that is not used any more");
  }
  const auto id = IntegrationId{tx.next_id(db::Sequence::integration)};
  tx.execute(store::insert_integration, integration.merchant, id, integration.app_id,
             db::Bytes{to_bytes(integration.app_secret_hash)}, integration.mode, integration.now, integration.name);
  return id;
}

std::vector<ListedIntegration> list_integrations(db::Transaction& tx, MerchantId merchant) {
  return tx.query_all(
      store::select_integrations,
      [](const db::Row& row) {
        ListedIntegration listed{.id = row.id<IntegrationId>(0),
                                 .mode = row.as<Mode>(1),
                                 .app_id = row.string(2),
                                 .name = row.optional_string(3),
                                 .created_at = row.time(4)};
        if (!row.is_null(5)) listed.revoked_at = row.time(5);
        return listed;
      },
      merchant);
}

Result<> revoke_integration(db::Transaction& tx, MerchantId merchant, IntegrationId id, Timestamp now) {
  if (tx.execute(store::revoke_integration, merchant, id, now) == 1) return {};
  return fail(ErrorCode::not_found, "There is no integration " + std::to_string(id.value));
}

bool has_live_integration(db::Transaction& tx, MerchantId merchant) {
  return tx.query_one(store::select_live_integration, [](const db::Row&) { return true; }, merchant).value_or(false);
}

Result<Integration> find_integration(db::Transaction& tx, const Credentials& credentials) {
  struct Found {
    Integration integration;
    std::string secret_hash;
  };
  // Whose key it is comes first: where merchants live on several machines, it says which of them has the integration.
  const auto merchant = tx.query_one(
      store::select_key_owner, [](const db::Row& row) { return row.id<MerchantId>(0); }, credentials.merchant_key);
  const auto found = !merchant
                         ? std::nullopt
                         : tx.query_one(
                               store::select_integration,
                               [&](const db::Row& row) {
                                 return Found{{row.id<IntegrationId>(0), {*merchant, row.as<Mode>(1)}}, row.string(2)};
                               },
                               *merchant, credentials.app_id);
  if (!found) return fail(ErrorCode::unauthenticated, "We couldn't verify your identity!");
  const std::string given = to_bytes(sha256(credentials.app_secret));
  if (!Secret(found->secret_hash).equals(given)) {
    return fail(ErrorCode::unauthenticated, "Your identity couldn't be validated!");
  }
  return found->integration;
}

}  // namespace epay::merchants
