// Hubtel: wallets of all networks in, wallets and bank accounts out, whole refunds (RAILS §2.2). It signs nothing, and
// a reference must never be sent twice.
#pragma once

#include <string>

#include "base/secret.h"
#include "rails/rail.h"
#include "rails/rail_http.h"
#include "rails/rail_tools.h"
#include "rails/settings.h"

namespace epay::rails::hubtel {

// Each of Hubtel's services has a host of its own.
struct Addresses {
  std::string receive, status, send, payout_status, verify, refund, balance;
};

struct Options {
  Mode mode = Mode::test;
  std::string api_id;
  Secret api_key;
  std::string pos_sales_id;     // the account that money comes into; "" where none is collected
  std::string prepaid_account;  // the account that payouts are made from; "" where none are
  Addresses addresses;
};

Options read_options(Settings& settings);

class Hubtel final : public Rail {
 public:
  Hubtel(const RailTools& tools, Options options);

  RailId id() const override { return RailId::hubtel; }
  Capabilities capabilities() const override;
  bool serves_mode(Mode mode) const override { return mode == options_.mode; }
  bool serves(const Need& need) const override;
  Task<Reply> collect(Order order) override;
  Task<Reply> pay_out(Order order) override;
  // Of the whole payment: Hubtel knows a refund by the payment that it gives back.
  Task<Reply> refund(Order order) override;
  // Hubtel asks for nothing.
  Task<Reply> submit_input(Order order, std::string input) override;
  Task<Reply> query(Order order) override;
  Result<News> read_callback(const http::Request& request, std::string_view reference) const override;
  Task<Result<Money>> balance(Currency currency) override;
  Task<Result<AccountHolder>> look_up(Payee payee) override;

 private:
  struct Create {
    std::string path, body;
  };
  Task<Reply> create(RailHttp& host, Create what, std::string reference);
  Task<Heard> get(RailHttp& host, std::string path, std::string about);
  Task<Heard> send(RailHttp& host, RailRequest request);
  std::string callback_address(const Order& order) const;

  RailTools tools_;
  Options options_;
  RailHttp receive_, status_, send_, payout_status_, verify_, refund_, balance_;
};

}  // namespace epay::rails::hubtel
