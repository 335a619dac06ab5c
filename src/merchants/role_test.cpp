#include "merchants/role.h"

#include <gtest/gtest.h>

#include <string>

namespace epay::merchants {
namespace {

TEST(Role, WhatEachMayDo) {
  struct Row {
    Permission permission;
    // y or n, of owner, developer, finance, viewer
    std::string_view may;
  };
  const Row rows[] = {
      {Permission::see_money, "yyyy"},           {Permission::move_money, "ynyn"},
      {Permission::edit_pages, "yynn"},          {Permission::see_integrations, "yynn"},
      {Permission::manage_integrations, "yynn"}, {Permission::see_webhooks, "yyyy"},
      {Permission::manage_webhooks, "yynn"},     {Permission::manage_team, "ynnn"},
      {Permission::edit_account, "ynnn"},        {Permission::own_account, "yyyy"},
  };
  ASSERT_EQ(std::size(rows), all_permissions().size());
  for (const Row& row : rows) {
    std::string told;
    for (const Role role : all_roles()) told += may(role, row.permission) ? 'y' : 'n';
    EXPECT_EQ(told, row.may) << "permission " << int(row.permission);
  }
}

TEST(Role, AStrangeStoredRoleMayNothing) {
  for (const Permission permission : all_permissions()) EXPECT_FALSE(may(Role{99}, permission));
}

TEST(Role, NamesGoBothWays) {
  for (const Role role : all_roles()) EXPECT_EQ(parse_role(name_of(role)), role);
  EXPECT_EQ(parse_role("Owner"), std::nullopt);
  EXPECT_EQ(parse_role(""), std::nullopt);
}

}  // namespace
}  // namespace epay::merchants
