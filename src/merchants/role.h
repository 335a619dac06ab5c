// What a person may do for a merchant.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace epay::merchants {

// Values are stored.
enum class Role : std::int64_t { owner = 1, developer = 2, finance = 3, viewer = 4 };

enum class Permission {
  see_money,            // revenue, customers, wallet, statements
  move_money,           // transfers, refunds, settlements
  edit_pages,           // payment pages
  see_integrations,     // which there are; never their secrets
  manage_integrations,  // make and revoke them, roll the merchant key
  see_webhooks,         // endpoints and their logs
  manage_webhooks,      // change, test, send again
  manage_team,          // invite, change roles, remove
  edit_account,         // the business profile
  own_account           // one's own name, password, sessions, second factor
};

bool may(Role role, Permission permission);

// "owner", "developer", "finance", "viewer": in forms, addresses and text keys.
std::string_view name_of(Role role);
std::optional<Role> parse_role(std::string_view name);
std::span<const Role> all_roles();
std::span<const Permission> all_permissions();
std::string_view name_of(Permission permission);  // "see_money"

}  // namespace epay::merchants
