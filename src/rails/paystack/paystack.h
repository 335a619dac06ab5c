// Paystack: wallets of all networks and cards in, wallets and bank accounts out, refunds; signed webhooks (RAILS §2.1).
#pragma once

#include <string>

#include "base/secret.h"
#include "rails/rail.h"
#include "rails/rail_http.h"
#include "rails/rail_tools.h"
#include "rails/settings.h"

namespace epay::rails::paystack {

struct Options {
  Mode mode = Mode::test;
  std::string url;
  Secret secret_key;  // "sk_live_…": for requests, and what webhooks are signed with
  Currency currency = Currency::ghs();
  std::string default_email;  // of customers who gave none: Paystack wants one; "" where all give one
};

Options read_options(Settings& settings);

class Paystack final : public Rail {
 public:
  Paystack(const RailTools& tools, Options options);

  RailId id() const override { return RailId::paystack; }
  Capabilities capabilities() const override;
  bool serves_mode(Mode mode) const override { return mode == options_.mode; }
  bool serves(const Need& need) const override;
  Task<Reply> collect(Order order) override;
  // The payee becomes a "transfer recipient" first.
  Task<Reply> pay_out(Order order) override;
  // Paystack has no reference of ours for refunds: it stands in the note, by which a refund is found again.
  Task<Reply> refund(Order order) override;
  Task<Reply> submit_input(Order order, std::string input) override;
  Task<Reply> query(Order order) override;
  Result<News> read_callback(const http::Request& request, std::string_view reference) const override;
  Task<Result<Money>> balance(Currency currency) override;
  Task<Result<AccountHolder>> look_up(Payee payee) override;

 private:
  Task<Reply> collect_from_wallet(Order order);
  Task<Reply> send_to_card_page(Order order);
  Task<Reply> query_refund(Order order);
  // Asks for what exists already.
  Task<Reply> find_again(Order order);
  Task<Heard> send(RailRequest request);

  Options options_;
  RailHttp http_;
};

}  // namespace epay::rails::paystack
