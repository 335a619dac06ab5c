#include "merchants/role.h"

#include <algorithm>
#include <array>

namespace epay::merchants {
namespace {

constexpr std::array roles = {Role::owner, Role::developer, Role::finance, Role::viewer};
constexpr std::array permissions = {
    Permission::see_money,        Permission::move_money,          Permission::edit_pages,
    Permission::see_integrations, Permission::manage_integrations, Permission::see_webhooks,
    Permission::manage_webhooks,  Permission::manage_team,         Permission::edit_account,
    Permission::own_account,
};

bool developer_may(Permission permission) {
  switch (permission) {
    case Permission::see_money:
    case Permission::edit_pages:
    case Permission::see_integrations:
    case Permission::manage_integrations:
    case Permission::see_webhooks:
    case Permission::manage_webhooks:
    case Permission::own_account: return true;
    case Permission::move_money:
    case Permission::manage_team:
    case Permission::edit_account: return false;
  }
  return false;
}

bool viewer_may(Permission permission) {
  return permission == Permission::see_money || permission == Permission::see_webhooks ||
         permission == Permission::own_account;
}

}  // namespace

bool may(Role role, Permission permission) {
  switch (role) {
    case Role::owner: return true;
    case Role::developer: return developer_may(permission);
    case Role::finance: return viewer_may(permission) || permission == Permission::move_money;
    case Role::viewer: return viewer_may(permission);
  }
  return false;
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::owner: return "owner";
    case Role::developer: return "developer";
    case Role::finance: return "finance";
    case Role::viewer: return "viewer";
  }
  return "";
}

std::string_view name_of(Permission permission) {
  switch (permission) {
    case Permission::see_money: return "see_money";
    case Permission::move_money: return "move_money";
    case Permission::edit_pages: return "edit_pages";
    case Permission::see_integrations: return "see_integrations";
    case Permission::manage_integrations: return "manage_integrations";
    case Permission::see_webhooks: return "see_webhooks";
    case Permission::manage_webhooks: return "manage_webhooks";
    case Permission::manage_team: return "manage_team";
    case Permission::edit_account: return "edit_account";
    case Permission::own_account: return "own_account";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view name) {
  const auto found = std::ranges::find(roles, name, [](Role role) { return name_of(role); });
  return found == roles.end() ? std::nullopt : std::optional(*found);
}

std::span<const Role> all_roles() { return roles; }
std::span<const Permission> all_permissions() { return permissions; }

}  // namespace epay::merchants
