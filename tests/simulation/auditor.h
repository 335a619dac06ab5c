// An independent bookkeeper: it believes only what merchants' software, their receivers and the rail's own table show,
// keeps a plain model of it, and says what cannot be. It knows nothing of the service's code but the wire.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.h"
#include "simulation/sim_clock.h"
#include "simulation/workload.h"

namespace epay::simulation {

// A transaction as the API lists it.
struct Listed {
  std::string id, reference, status, amount, type;
};

// How a payment ended: the status that its merchant's list shows, and those its webhooks told ("failed,success").
struct Ending {
  std::string status, told;
};
using Endings = std::map<std::pair<std::size_t, std::string>, Ending>;  // by merchant and reference

// A webhook as a receiver got it.
struct Message {
  std::size_t merchant = 0;
  std::string id, timestamp, signature, body;
};

class Auditor {
 public:
  Auditor(const SimClock& clock, const Plan& plan);

  // What a merchant's books are called at Epay, and what signs its webhooks ("whsec_…").
  void open_account(std::size_t merchant, std::int64_t merchant_id, std::string webhook_secret);

  // ---- what clients saw ----
  void sent(const Order& order);
  void answered(const Order& order, int status, const std::string& body);
  // What was known of an order's status, to be given back with what a later question answered.
  std::string status_known(const Order& order) const;
  void saw_status(const Order& order, const std::string& known_before, const std::string& status);

  // ---- what receivers saw ----
  void received(const Message& message);
  // Our 2xx for it arrived: it must not come again, unless Epay died before it could write that down.
  void delivered(const std::string& message_id, Ticks answered_at);

  // ---- what is known to have gone wrong ----
  void service_died();
  // Of several processes one has died or was lost: what it had under way may be sent by another, too.
  void process_lost();
  void store_is_full();
  void store_has_room() { store_full_since_.reset(); }
  // Called before and after.
  void wall_jumps();

  // The store's own checks, at any time between two steps.
  void check_books(db::Transaction& tx);
  // When all is quiet: everything that each merchant's list shows, against everything else.
  void reconcile(const std::vector<std::vector<Listed>>& lists, db::Transaction& tx);

  const std::optional<std::string>& failure() const { return failure_; }
  void fail(std::string what);
  const Endings& endings() const { return endings_; }
  std::size_t messages() const { return messages_.size(); }
  std::size_t receipts() const { return receipts_; }

 private:
  // Everything about one reference of one merchant.
  struct Dossier {
    std::vector<const Order*> orders;     // that use it
    std::optional<Timestamp> first_sent;  // wall clock
    std::optional<Ticks> accepted_at;
    const Order* winner = nullptr;  // the order whose request had an effect
    bool exists = false;
    std::string status = "pending";           // the highest seen
    std::map<std::string, std::string> told;  // status -> the webhook-id that told it
  };
  struct Told {
    std::size_t merchant = 0;
    std::string body;
    std::optional<Ticks> delivered_at;
  };
  struct Merchant {
    std::int64_t id = 0;
    std::string secret;
  };
  // A row of the rail's own table.
  struct RailOrder {
    int status = 0;
    std::string wallet;
    std::int64_t amount_minor = 0;
    bool claimed = false;
  };
  using RailOrders = std::map<std::string, RailOrder>;
  using Balances = std::map<std::pair<std::size_t, std::string>, std::pair<std::int64_t, std::int64_t>>;

  Dossier& dossier_of(const Order& order);
  void told_to_wait(const Order& order);
  void effect(const Order& order, int status, const std::string& body);
  void raise(Dossier& dossier, const std::string& status, const std::string& by);
  bool may_have_expired(const Dossier& dossier) const;
  bool checkout_may_be_over(const Dossier& dossier) const;
  bool signature_is_valid(const Message& message) const;
  void read_notification(const Message& message);
  void check_prompt(const Dossier& dossier);
  const Order* order_behind(const Dossier& dossier, const Listed& listed) const;
  void reconcile_one(std::size_t merchant, const Listed& listed, RailOrders& rail, Balances& balances);
  void compare_checkout_with_rail(std::size_t merchant, const Order& order, const Dossier& dossier,
                                  const Listed& listed, RailOrders& rail);
  void compare_with_rail(const Order& order, const Listed& listed, const RailOrder* rail);
  void compare_with_webhooks(const Order& order, const Dossier& dossier, const Listed& listed);
  void compare_balances(const Balances& balances, db::Transaction& tx);

  const SimClock& clock_;
  const Plan& plan_;
  std::vector<Merchant> merchants_;
  std::map<std::pair<std::size_t, std::string>, Dossier> dossiers_;
  std::map<const Order*, std::pair<int, std::string>> effects_;  // the answer that stands
  std::map<const Order*, Ticks> waiting_since_;  // told that an earlier request of theirs is being worked on
  std::map<std::string, Told> messages_;
  std::optional<std::string> failure_;
  Timestamp wall_highest_;
  std::optional<Ticks> jumped_at_;
  std::optional<Ticks> store_full_since_;
  Ticks tries_repeat_until_;
  Endings endings_;
  std::size_t receipts_ = 0;
};

}  // namespace epay::simulation
