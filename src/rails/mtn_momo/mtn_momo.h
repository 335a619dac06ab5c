// MTN MoMo Open API, direct: collections from MTN wallets, transfers to them, refunds (RAILS §1).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/secret.h"
#include "rails/rail.h"
#include "rails/rail_tools.h"
#include "rails/settings.h"

namespace epay::rails::mtn_momo {

// Of one product of MTN's portal: "Collection" or "Disbursement".
struct Credentials {
  Secret subscription_key;
  std::string api_user;
  Secret api_key;
};

struct Options {
  Mode mode = Mode::test;
  std::string url;
  std::string target_environment;  // "sandbox", "mtnghana", …
  Currency currency = Currency::ghs();
  std::optional<Credentials> collection, disbursement;
  // Whether MTN is told where to call back: the host must be the one that it knows (providerCallbackHost), or it takes
  // nothing.
  bool callbacks = true;
};

Options read_options(Settings& settings);

// X-Reference-Id must be a UUID of version 4: made of our reference, always the same one.
std::string uuid_of(std::string_view reference);

class MtnMomo final : public Rail {
 public:
  MtnMomo(const RailTools& tools, Options options);
  ~MtnMomo() override;

  RailId id() const override { return RailId::mtn_momo; }
  Capabilities capabilities() const override;
  bool serves_mode(Mode mode) const override;
  bool serves(const Need& need) const override;
  Task<Reply> collect(Order order) override;
  Task<Reply> pay_out(Order order) override;
  Task<Reply> refund(Order order) override;
  // MTN asks for nothing.
  Task<Reply> submit_input(Order order, std::string input) override;
  Task<Reply> query(Order order) override;
  Result<News> read_callback(const http::Request& request, std::string_view reference) const override;
  Task<Result<Money>> balance(Currency currency) override;
  Task<Result<AccountHolder>> look_up(Payee payee) override;

 private:
  struct Product;
  Product* product_of(OrderKind kind) const;
  Task<Reply> create(Order order, std::string body);
  std::string callback_address(const Order& order) const;

  RailTools tools_;
  Options options_;
  std::unique_ptr<Product> collection_, disbursement_;
};

}  // namespace epay::rails::mtn_momo
