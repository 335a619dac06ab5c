// Paystack's endpoints. One class, whose parts stand in charges.cpp, hosted.cpp, transfers.cpp and refunds.cpp.
#pragma once

#include <expected>
#include <map>

#include "emulators/engine.h"
#include "emulators/paystack/bodies.h"

namespace epay::emulators::paystack {

class Paystack final : public Vendor {
 public:
  explicit Paystack(Engine& engine);

  void add_routes(Gate& gate) override;
  http::Response error(int status, std::string_view message) const override;
  std::optional<Scenario> published(const Order& order) const override;
  std::vector<Callback> callbacks(const Order& order) override;
  void sign(Callback& callback) const override;
  std::vector<microseconds> callback_retries() const override;

 private:
  using Answer = Task<http::Response>;
  // Endpoints behind the secret key.
  void add(Gate& gate, std::string_view method, std::string_view path, Answer (Paystack::*answer)(http::Request&));

  // charges.cpp
  Answer charge(http::Request& request);
  Answer submit_otp(http::Request& request);
  Answer check_charge(http::Request& request);
  Answer verify(http::Request& request);
  Answer show_transaction(http::Request& request);
  Answer list_transactions(http::Request& request);
  std::expected<Order, http::Response> read_charge(const http::Json& body);
  http::Response unknown_reference();
  Task<void> expire(std::string key);

  // hosted.cpp
  Answer initialize(http::Request& request);
  Answer show_page(http::Request& request);
  Answer use_page(http::Request& request);

  // transfers.cpp
  Answer list_banks(http::Request& request);
  Answer resolve_account(http::Request& request);
  Answer create_recipient(http::Request& request);
  Answer list_recipients(http::Request& request);
  Answer show_recipient(http::Request& request);
  Answer transfer(http::Request& request);
  Answer bulk_transfer(http::Request& request);
  Answer finalize_transfer(http::Request& request);
  Answer resend_otp(http::Request& request);
  Answer verify_transfer(http::Request& request);
  Answer show_transfer(http::Request& request);
  Answer list_transfers(http::Request& request);
  Answer show_balance(http::Request& request);
  Answer show_balance_ledger(http::Request& request);
  std::expected<Order, http::Response> read_transfer(const http::Json& body, const http::Json& batch);
  // What is left for payouts once those under way are paid.
  std::int64_t available();
  const Order* find_transfer(std::string_view id_or_code) const;

  // refunds.cpp
  Answer refund(http::Request& request);
  Answer list_refunds(http::Request& request);
  Answer show_refund(http::Request& request);
  Answer retry_refund(http::Request& request);
  std::expected<Order, http::Response> read_refund(const http::Json& body);

  Engine& engine_;
  std::map<std::string, std::string, std::less<>> recipients_;  // by code, their JSON
  TaskGroup tasks_;
};

// Why a refund to this account fails; empty for any but the vendor's cards for that.
std::string refund_failure_of(std::string_view customer);

// How long a customer may take for a code.
inline constexpr seconds otp_time{180};
inline constexpr std::string_view balance_account = "merchant:balance";

}  // namespace epay::emulators::paystack
