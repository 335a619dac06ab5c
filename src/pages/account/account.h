// The pages of people and their accounts: registering, logging in, Settings. One file per page; what is true of
// accounts is in merchants/.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "db/database.h"
#include "http/form.h"
#include "http/router.h"
#include "mail/letter.h"
#include "merchants/account_link.h"
#include "merchants/merchant.h"
#include "merchants/security_event.h"
#include "merchants/session.h"
#include "merchants/telephone_code.h"
#include "merchants/throttle.h"
#include "merchants/user.h"
#include "pages/dashboard.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "runtime/password_hasher.h"

namespace epay::pages::account {

class Account {
 public:
  // All must outlive it.
  struct Parts {
    Clock& clock;
    Random& random;
    Log& log;
    db::Database& database;
    const Vault& vault;
    PasswordHasher& passwords;
    Dashboard& dashboard;
    WorkThread& images;
    std::function<void()> mail_queued, text_message_queued;  // to be called once that is durable
  };
  explicit Account(Parts parts) : parts_(std::move(parts)) {}

  void add_routes(http::Router& router);

 private:
  using Response = http::Response;
  using Request = http::Request;

  // Without a session.
  Task<Response> show_register(Request& request);
  Task<Response> take_registration(Request& request);
  Task<Response> show_verify(Request& request);
  Task<Response> take_verification(Request& request);
  Task<Response> show_log_in(Request& request);
  Task<Response> take_log_in(Request& request);
  Task<Response> show_code(Request& request);
  Task<Response> take_code(Request& request);
  Task<Response> take_log_out(Request& request);
  Task<Response> show_forgotten(Request& request);
  Task<Response> take_forgotten(Request& request);
  Task<Response> show_reset(Request& request);
  Task<Response> take_reset(Request& request);
  Task<Response> show_join(Request& request);
  Task<Response> take_join(Request& request);
  Task<Response> show_email_change(Request& request);
  Task<Response> take_email_change(Request& request);

  // With one.
  Task<Response> show_confirm(Request& request, const Visitor& visitor);
  Task<Response> take_confirm(Request& request, const Visitor& visitor);
  Task<Response> show_telephone(Request& request, const Visitor& visitor);
  Task<Response> take_telephone_code(Request& request, const Visitor& visitor);
  Task<Response> send_telephone_code(Request& request, const Visitor& visitor);
  Task<Response> show_profile(Request& request, const Visitor& visitor);
  Task<Response> take_personal(Request& request, const Visitor& visitor);
  Task<Response> ask_for_email_change(Request& request, const Visitor& visitor);
  Task<Response> take_logo(Request& request, const Visitor& visitor);
  Task<Response> take_business(Request& request, const Visitor& visitor);
  Task<Response> take_notifications(Request& request, const Visitor& visitor);
  Task<Response> roll_merchant_key(Request& request, const Visitor& visitor);
  Task<Response> show_security(Request& request, const Visitor& visitor);
  Task<Response> take_password(Request& request, const Visitor& visitor);
  Task<Response> end_session(Request& request, const Visitor& visitor);
  Task<Response> end_other_sessions(Request& request, const Visitor& visitor);
  Task<Response> show_second_factor(Request& request, const Visitor& visitor);
  Task<Response> take_second_factor(Request& request, const Visitor& visitor);
  Task<Response> remove_second_factor(Request& request, const Visitor& visitor);
  Task<Response> renew_recovery_codes(Request& request, const Visitor& visitor);
  Task<Response> show_team(Request& request, const Visitor& visitor);
  Task<Response> take_invitation(Request& request, const Visitor& visitor);
  Task<Response> withdraw_invitation(Request& request, const Visitor& visitor);
  Task<Response> change_role(Request& request, const Visitor& visitor);
  Task<Response> remove_member(Request& request, const Visitor& visitor);
  Task<Response> show_activity(Request& request, const Visitor& visitor);

  // ---- what several of them share ----

  // An empty form when it is malformed: the fields are then missing.
  static http::Form form_of(const Request& request);
  Response guest(const Request& request, std::string_view name, View view, int status = 200);
  // The form of a guest that was not shown by us, or too long ago.
  Response stale(const Request& request);
  Response unavailable(const Request& request);
  // A link that has been used or has expired; `kind` chooses the words.
  Response dead_link(const Request& request, std::string_view kind);
  Response slow_down(const Request& request, std::string_view name, View view, microseconds wait);

  // Whom an address's tries are counted for: of IPv6 a whole network belongs to one subscriber.
  static std::string neighbourhood_of(const Request& request);
  merchants::NewSecurityEvent event_of(const Request& request, const merchants::User& user,
                                       merchants::SecurityEventKind kind, std::string detail = "") const;
  merchants::NewSecurityEvent event_of(const Request& request, const Visitor& visitor,
                                       merchants::SecurityEventKind kind, std::string detail = "") const;

  std::string make_token(MerchantId merchant);
  // A session begins, in the transaction of what let the user in: with a new token, whatever the browser came with.
  void enter(db::Transaction& tx, const Request& request, const merchants::User& user, const std::string& token,
             merchants::SessionStage stage = merchants::SessionStage::signed_in);
  // The same, whole: the event, and a letter when he has not been here before.
  void log_in(db::Transaction& tx, const Request& request, const merchants::User& user, const std::string& token);
  Response welcome(const Request& request, merchants::UserKey user, const std::string& token, std::string location);
  // The session that waits for its second factor.
  Task<Result<std::optional<merchants::Session>>> find_half_session(const Request& request);
  Response wrong_credentials(const Request& request, const http::Form& form);

  void queue_letter(db::Transaction& tx, MerchantId merchant, const std::string& recipient, const Texts& texts,
                    std::string_view key, std::initializer_list<std::pair<std::string_view, std::string_view>> words,
                    const std::string& url = "");
  // In the language that the user has chosen, or else that of the request.
  const Texts& texts_of_user(const Request& request, const merchants::User& user) const;
  merchants::NewTelephoneCode new_telephone_code(const std::string& telephone);
  // Puts the text with the code into the outbox; how long to wait when that is too soon.
  std::optional<microseconds> queue_telephone_code(db::Transaction& tx, const Request& request, MerchantId merchant,
                                                   const merchants::NewTelephoneCode& code, const Texts& texts);
  // Counts the try, and looks whether it is the visitor's password or, with a second factor, a code of it.
  struct Confirmation {
    bool right = false;
    std::optional<microseconds> wait;
  };
  Task<Result<Confirmation>> check_password(const Request& request, const Visitor& visitor, Secret password);

  Task<Response> profile_page(Request& request, const Visitor& visitor, View view, int status);
  Task<Response> security_page(Request& request, const Visitor& visitor, View view, int status);
  Task<Response> second_factor_page(Request& request, const Visitor& visitor, View view, int status);
  Task<Response> team_page(Request& request, const Visitor& visitor, View view, int status);
  Task<Response> telephone_page(Request& request, const Visitor& visitor, View view, int status);
  Response codes_page(const Request& request, const Visitor& visitor, const std::vector<std::string>& codes);

  Parts parts_;
};

// {{errors.email}} and so on, in words; one error a field. `codes` are keys of texts under errors.
View errors_view(const std::vector<FieldError>& wrong, const Texts& texts);
// "2 minutes", "45 seconds"
std::string in_words(microseconds wait, const Texts& texts);
// "Chrome on Android", of what a browser calls itself.
std::string describe_device(std::string_view user_agent, const Texts& texts);

}  // namespace epay::pages::account
