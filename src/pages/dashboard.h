// What is behind the log-in: who the visitor is, what he may do, and the frame around every page.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "http/message.h"
#include "http/router.h"
#include "merchants/role.h"
#include "merchants/security_event.h"
#include "merchants/user.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "runtime/clock.h"
#include "runtime/random.h"

namespace epay::pages {

// Somebody who is signed in, as this request found it.
struct Visitor {
  MerchantId merchant;
  UserId user;
  merchants::Role role = merchants::Role::viewer;
  Mode mode = Mode::test;  // the one he looks at; kept with his session
  std::string user_name, user_email, merchant_name;
  std::string language;        // "en", "fr"; empty: as the browser asks
  Timestamp authenticated_at;  // when he last gave his password or a code
  Secret session;              // the token of his session's cookie
  bool telephone_verified = false;

  Scope scope() const { return {merchant, mode}; }
  merchants::UserKey key() const { return {merchant, user}; }
  bool may(merchants::Permission permission) const { return merchants::may(role, permission); }
};

// What the visitor did, for the account's activity. `detail`: about what, for people; never a secret.
merchants::NewSecurityEvent security_event(const http::Request& request, const Visitor& visitor,
                                           merchants::SecurityEventKind kind, std::string detail = {});

// For this long after a log-in or a confirmation sensitive actions need no further one.
inline constexpr minutes confirmation_life{10};

class Dashboard {
 public:
  using Handler = std::function<Task<http::Response>(http::Request&, const Visitor&)>;

  // All must outlive it.
  struct Parts {
    Clock& clock;
    Random& random;
    Log& log;
    db::Database& database;
    http::Router& router;
  };
  // Adds POST /mode and the way from / to /dashboard.
  explicit Dashboard(Parts parts);

  // Adds a route. The handler is called for a visitor who is signed in and permitted, and (for anything but GET) whose
  // request comes from our own pages with a good CSRF token: the form field `csrf` or the header X-CSRF-Token. Others
  // are sent to /login, or shown why not (403). The handler lives as long as the router.
  void add(std::string_view method, std::string_view pattern, merchants::Permission permission, Handler handler);

  // The template within the dashboard's frame (web/templates/layout/dashboard.html): navigation by permission, mode
  // switch, notices. The view must have a `title`. The template may use besides: {{csrf}} (for a hidden field of that
  // name, in every form), {{mode_test}} and {{mode_live}} (sections), {{#may.move_money}} and so on for every
  // permission, {{visitor.name}}, {{visitor.merchant}}. What the view has as `alert` is shown above it, and so is, for
  // a query parameter done=NAME, the text notices.NAME.
  http::Response page(const http::Request& request, const Visitor& visitor, std::string_view template_name, View view,
                      int status = 200);

  // Before a sensitive action: nothing when the visitor has shown lately that it is he, and otherwise the way to
  // /confirm, from where he comes back to `next`, a path of ours. Ask in the handler that shows the form and again in
  // the one that acts (there with the form's path as `next`).
  std::optional<http::Response> confirm_first(const Visitor& visitor, std::string_view next) const;

  // The texts in the visitor's language.
  const Texts& texts(const http::Request& request, const Visitor& visitor) const;

  // A fresh mask over the session's CSRF token, for markup that page() does not make.
  std::string csrf_token(const Visitor& visitor) const;

 private:
  Task<http::Response> answer(http::Request& request, merchants::Permission permission, const Handler& handler);
  Task<Result<std::optional<Visitor>>> find_visitor(const http::Request& request);
  http::Response refuse(const http::Request& request, const Visitor& visitor, std::string_view why);
  Task<http::Response> switch_mode(http::Request& request, const Visitor& visitor);

  Parts parts_;
};

}  // namespace epay::pages
