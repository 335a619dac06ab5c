// Mastercard's gateway by its hosted checkout: cards in, refunds (RAILS §3.1). The customer types the card into the
// gateway's page: no card ever touches us.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "rails/rail.h"
#include "rails/rail_http.h"
#include "rails/rail_tools.h"
#include "rails/settings.h"

namespace epay::rails::mpgs {

struct Options {
  Mode mode = Mode::test;
  std::string url;  // the acquirer's host: "https://test-gateway.mastercard.com"
  int version = 0;  // of the gateway's API
  std::string merchant_id;
  Secret password;           // the integration password
  std::string display_name;  // whom the gateway's page says is paid
  std::vector<Currency> currencies;
  // What notifications must carry; nothing where the merchant's profile has none.
  std::optional<Secret> notification_secret;
  // Whether the gateway is told with each order where to notify us, or calls the address of its merchant profile.
  bool callbacks = true;
};

Options read_options(Settings& settings);

class Mpgs final : public Rail {
 public:
  Mpgs(const RailTools& tools, Options options);

  RailId id() const override { return RailId::mpgs; }
  Capabilities capabilities() const override;
  bool serves_mode(Mode mode) const override { return mode == options_.mode; }
  bool serves(const Need& need) const override;
  // Opens a session of the gateway's page; the order begins there, with the first card that is tried.
  Task<Reply> collect(Order order) override;
  // A card is not paid.
  Task<Reply> pay_out(Order order) override;
  // A transaction of the paid order, under our reference: sent again it makes no second one.
  Task<Reply> refund(Order order) override;
  // Whatever is asked is asked on the gateway's page.
  Task<Reply> submit_input(Order order, std::string input) override;
  Task<Reply> query(Order order) override;
  Result<News> read_callback(const http::Request& request, std::string_view reference) const override;

 private:
  Task<Heard> send(RailRequest request);
  Task<Reply> query_refund(Order order);
  std::string session_body(const Order& order) const;
  std::string page_of(std::string_view session) const;

  RailTools tools_;
  Options options_;
  RailHttp http_;
};

}  // namespace epay::rails::mpgs
