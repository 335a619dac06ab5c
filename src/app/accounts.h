// Opening a merchant's account whole: merchant, owner, an integration in test mode and, where a URL is given, the first
// webhook endpoint. Used by the command line and the demo.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/verbs.h"
#include "base/result.h"

namespace epay::app {

struct NewAccount {
  std::string name, email, telephone;
  std::optional<std::string> password;
  std::optional<std::string> webhook_url;
};

struct Account {
  MerchantId merchant;
  std::string merchant_key, app_id, app_secret;
  std::optional<std::string> webhook_secret;  // "whsec_…", with a webhook URL
};

// Errors: invalid (fields, or a URL that must not be used), conflict (the email has an account), unavailable.
Task<Result<Account>> open_account(VerbContext& context, NewAccount account, std::vector<std::string> webhook_cidrs);
// Whether events may be sent to this URL. Errors: invalid, with a message for the merchant.
Task<Result<>> check_webhook_url(VerbContext& context, std::string url, std::vector<std::string> webhook_cidrs);

std::string to_json(const Account& account);

}  // namespace epay::app
