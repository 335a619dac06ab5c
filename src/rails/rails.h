// The rails that are switched on, which of them takes an order, and how each does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rails/health.h"
#include "rails/pace.h"
#include "rails/rail.h"
#include "runtime/clock.h"

namespace epay::rails {

// An operator's rule: what fits it goes to these rails, the first that can take it. What a member does not say fits
// anything.
struct Route {
  std::optional<MerchantId> merchant;
  std::optional<Mode> mode;
  std::optional<OrderKind> kind;
  std::optional<Channel> channel;
  std::optional<Currency> currency;
  std::string network;
  std::vector<std::string> rails;  // names

  bool fits(const Need& need) const;
};

class Rails {
 public:
  explicit Rails(Clock& clock) : clock_(clock) {}

  // In the order in which they are asked where no route says otherwise.
  void add(std::unique_ptr<Rail> rail);
  // The first that fits is the one that counts.
  void set_routes(std::vector<Route> routes) { routes_ = std::move(routes); }

  // For a new order. Errors: unsupported (no rail that is switched on serves it), unavailable (those that do do not
  // answer).
  Result<Rail*> route(const Need& need);
  bool serves(const Need& need) const;
  struct Condition {
    Standing standing = Standing::operational;
    Health::Figures figures;
  };
  // How orders fare just now, with the best of the rails that serve them; nothing where none does.
  std::optional<Condition> condition(const Need& need) const;
  // Null when it has been switched off since. A rail may be on in both modes, each with an account of its own.
  Rail* find(RailId id, Mode mode) const;
  // Of either mode.
  std::vector<Rail*> named(std::string_view name) const;

  // One order's talk to its rail.
  void note_reply(const Rail& rail, std::string_view network, const Reply& reply, microseconds took);
  // Until the rail may be asked another question.
  Task<void> wait_turn(const Rail& rail);

  struct Report {
    const Rail* rail = nullptr;
    std::string network;  // "" of cards and banks
    Standing standing = Standing::operational;
    Health::Figures figures;
  };
  // Of each rail, and each network that it was used for.
  std::vector<Report> reports() const;

 private:
  struct Line {
    std::unique_ptr<Rail> rail;
    std::unique_ptr<Pace> queries;
    std::map<std::string, Health, std::less<>> health;  // by network
  };
  std::vector<const Line*> candidates(const Need& need) const;
  Line& line_of(const Rail& rail);

  Clock& clock_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<Route> routes_;
};

}  // namespace epay::rails
