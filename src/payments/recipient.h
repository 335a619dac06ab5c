// Whom a merchant pays again and again: a wallet or a bank account, with the name that its network told.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "payments/customer.h"
#include "payments/payment.h"

namespace epay::payments {

inline constexpr std::size_t account_number_max = 40;
inline constexpr std::size_t holder_name_max = 200;  // bytes
// 4 to account_number_max digits and capital letters.
bool is_account_number(std::string_view text);
inline constexpr std::int64_t recipients_max = 10'000;  // of one merchant in one mode

// Where money is sent.
struct PayeeAccount {
  Method method = Method::momo;  // momo or bank
  std::string number;            // of the wallet, in its national form, or of the account
  std::string network;           // as the merchant names it, or our code of the bank
  friend bool operator==(const PayeeAccount&, const PayeeAccount&) = default;
};

// Stored: never renumber.
enum class HolderCheck : std::int64_t {
  told = 1,       // the network knows the account; holder_name where it told whose it is
  not_asked = 2,  // no network that serves it tells, or it did not answer
};
std::string_view name_of(HolderCheck check);  // "verified", "unverified"

struct Recipient {
  Scope scope;
  RecipientId id;
  std::string name;  // as the merchant calls him
  PayeeAccount account;
  std::optional<std::string> holder_name;
  HolderCheck check = HolderCheck::not_asked;
  Timestamp checked_at, created_at;
};

struct NewRecipient {
  Scope scope;
  std::string name;
  PayeeAccount account;
  std::optional<std::string> holder_name;
  HolderCheck check = HolderCheck::not_asked;
  Timestamp now;
};
// The same account again is the same recipient, with what is told now. Error: conflict (recipients_max).
Result<Recipient> keep_recipient(db::Transaction& tx, const NewRecipient& wanted);
// Errors: not_found.
Result<Recipient> find_recipient(db::Transaction& tx, Scope scope, RecipientId id);
// Payouts that were made stay as they are. Error: not_found.
Result<> delete_recipient(db::Transaction& tx, Scope scope, RecipientId id);
// The latest, in the order of their names.
std::vector<Recipient> latest_recipients(db::Transaction& tx, Scope scope, std::int64_t limit);
// Newest first.
Page<Recipient> list_recipients(db::Transaction& tx, Scope scope, std::int64_t page);

}  // namespace epay::payments
