// The HTTP API (WIRE): one file per endpoint, each registering its routes here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/authenticator.h"
#include "api/endpoint_replies.h"
#include "api/event_stream.h"
#include "base/crypto.h"
#include "base/log.h"
#include "db/database.h"
#include "http/client.h"
#include "http/message.h"
#include "http/router.h"
#include "payments/idempotency_key.h"
#include "processes/membership.h"
#include "processing/bulk_payer.h"
#include "processing/processor.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "webhooks/dispatcher.h"
#include "webhooks/redeliverer.h"

namespace epay::api {

// What the box of an answer that is kept for an Idempotency-Key, and has a secret in it, is bound to in the vault.
std::string answer_context(MerchantId merchant, std::string_view key);

// What a POST gives: an answer to send and, under an Idempotency-Key, to keep.
struct Reply {
  payments::StoredAnswer answer;
  bool replayed = false;  // it was stored already
};
using Claim = std::optional<payments::KeyClaim>;

// What the API uses; it outlives the API.
struct Services {
  Clock& clock;
  Random& random;
  Log& log;
  db::Database& database;
  const Membership& members;
  processing::Processor& processor;
  processing::BulkPayer& bulk_payer;
  webhooks::Dispatcher& dispatcher;
  webhooks::Redeliverer& redeliverer;
  http::Client& client;
  const Vault& vault;
  std::int64_t rate_limit = 0;               // requests a second of one merchant or unknown address; 0: any number
  microseconds webhook_timeout{15'000'000};  // of endpoints that have none of their own
};

class Api {
 public:
  explicit Api(const Services& services);
  ~Api();

  void add_routes(http::Router& router);

 private:
  using Route = Task<http::Response> (Api::*)(http::Request&);
  struct InFlight;

  void add(http::Router& router, std::string_view method, const std::string& path, Route route);

  Task<http::Response> create_token(http::Request& request);
  Task<http::Response> create_charge(http::Request& request);
  Task<http::Response> create_checkout_token(http::Request& request);
  Task<http::Response> create_payout(http::Request& request);
  Task<http::Response> create_recipient(http::Request& request);
  Task<http::Response> list_recipients(http::Request& request);
  Task<http::Response> show_recipient(http::Request& request);
  Task<http::Response> delete_recipient(http::Request& request);
  Task<http::Response> list_banks(http::Request& request);
  Task<http::Response> create_bulk_payout(http::Request& request);
  Task<http::Response> list_bulk_payouts(http::Request& request);
  Task<http::Response> show_bulk_payout(http::Request& request);
  Task<http::Response> list_bulk_lines(http::Request& request);
  Task<http::Response> start_bulk_payout(http::Request& request);
  Task<http::Response> discard_bulk_payout(http::Request& request);
  Task<http::Response> create_refund(http::Request& request);
  Task<http::Response> list_refunds(http::Request& request);
  Task<http::Response> show_refund(http::Request& request);
  Task<http::Response> submit_input(http::Request& request);
  Task<http::Response> list_customers(http::Request& request);
  Task<http::Response> create_customer(http::Request& request);
  Task<http::Response> show_customer(http::Request& request);
  Task<http::Response> list_transactions(http::Request& request);
  Task<http::Response> show_transaction(http::Request& request);
  Task<http::Response> list_events(http::Request& request);
  Task<http::Response> create_event(http::Request& request);
  Task<http::Response> stream_events(http::Request& request);
  Task<http::Response> show_event(http::Request& request);
  Task<http::Response> list_event_types(http::Request& request);
  Task<http::Response> list_rails(http::Request& request);
  Task<http::Response> list_deliveries(http::Request& request);
  Task<http::Response> show_delivery(http::Request& request);
  Task<http::Response> resend_delivery(http::Request& request);

  Task<http::Response> list_endpoints(http::Request& request);
  Task<http::Response> create_endpoint(http::Request& request);
  Task<http::Response> show_endpoint(http::Request& request);
  Task<http::Response> update_endpoint(http::Request& request);
  Task<http::Response> delete_endpoint(http::Request& request);
  Task<http::Response> show_secret(http::Request& request);
  Task<http::Response> rotate_secret(http::Request& request);
  Task<http::Response> test_endpoint(http::Request& request);
  Task<http::Response> recover_endpoint(http::Request& request);
  Task<http::Response> replay_endpoint(http::Request& request);
  Task<http::Response> list_redeliveries(http::Request& request);
  Task<http::Response> show_redelivery(http::Request& request);
  Task<http::Response> cancel_redelivery(http::Request& request);
  Task<http::Response> resume_redelivery(http::Request& request);
  Task<http::Response> check_signature(http::Request& request);

  // What several of them share.
  using BulkChange = Result<payments::BulkPayout> (*)(db::Transaction&, const payments::BulkKey&, Timestamp);
  Task<http::Response> change_bulk_payout(http::Request& request, BulkChange change, std::string_view message);
  EndpointReplies endpoint_replies() const { return {vault_, webhook_timeout_, clock_.now()}; }
  std::string make_example(events::EventType type, Timestamp now);
  Task<http::Response> begin_redelivery(http::Request& request, events::Redelivery::Kind kind);
  using RedeliveryChange = Result<events::Redelivery> (*)(db::Transaction&, events::RedeliveryKey, Timestamp);
  Task<http::Response> change_redelivery(http::Request& request, RedeliveryChange change, std::string_view message);
  Task<Result<Reply>> send_test(EndpointId id, Scope scope, events::EventType type, Claim claim);

  // Runs `work` once per Idempotency-Key (or always, without one) and gives every request of the key the same answer.
  // `work` writes the claim down in the transaction of its effect. With `sealed` the stored answer is encrypted.
  enum class AtRest { plain, sealed };
  using Work = std::function<Task<Result<Reply>>(Claim)>;
  Task<http::Response> answer_once(http::Request& request, MerchantId merchant, AtRest at_rest, Work work);
  Task<http::Response> answer(Claim claim, MerchantId merchant, AtRest at_rest, const Work& work);
  // The answer that stands for a key, if there is one: for work that asks others before its transaction.
  Task<Result<std::optional<Reply>>> recall(MerchantId merchant, Claim claim);

  Clock& clock_;
  Random& random_;
  Log& log_;
  db::Database& database_;
  processing::Processor& processor_;
  processing::BulkPayer& bulk_payer_;
  webhooks::Dispatcher& dispatcher_;
  webhooks::Redeliverer& redeliverer_;
  http::Client& client_;
  const Vault& vault_;
  microseconds webhook_timeout_;
  Authenticator authenticator_;
  EventStreams streams_;
  // Keyed requests that are being worked on in this process, by merchant and key.
  std::map<std::pair<MerchantId, std::string>, std::shared_ptr<InFlight>> in_flight_;
};

}  // namespace epay::api
