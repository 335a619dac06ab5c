// The whole service, put together in the order of its layers over the four seams: what `epay serve` runs, and what the
// simulator runs in virtual time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/rails_config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "db/database.h"
#include "http/server.h"
#include "mail/sender.h"
#include "pages/checkout_options.h"
#include "processes/membership.h"
#include "rails/banks.h"
#include "runtime/clock.h"
#include "runtime/network.h"
#include "runtime/password_hasher.h"
#include "runtime/random.h"
#include "sms/transport.h"
#include "webhooks/dispatcher.h"

namespace epay::app {

struct AppOptions {
  SocketAddress listen;
  std::optional<runtime::TlsFiles> tls;
  std::string public_url;  // empty: as requests name it
  std::vector<http::Cidr> trusted_proxies;
  std::vector<http::Cidr> allowed_webhook_blocks;
  http::ServerLimits limits;
  webhooks::DispatcherOptions webhooks;
  // /healthz/webhooks fails when a delivery that could be sent has waited for longer.
  microseconds webhook_lag_max = seconds(60);
  microseconds simulator_delay = seconds(2);
  std::int64_t rate_limit = 2'000;  // requests a second of one merchant or unknown address; 0: any number
  pages::CheckoutOptions checkout;
  // How many prompts one number may get, and one merchant may send, in ten minutes. 0: any number.
  std::size_t prompts_per_number = 5;
  std::size_t prompts_per_merchant = 0;
  RailsSettings rails;
  rails::Banks banks = rails::Banks::embedded();
  // Must outlive the App; without one mails stay in the store.
  mail::Transport* mail_transport = nullptr;
  mail::SenderOptions mail;
  sms::Transport* sms_transport = nullptr;  // likewise
  PasswordHasher::Options passwords;
  std::string process_name;  // among those that serve the store: host and number
  // Asked whenever it joins them (again); its error keeps it out.
  processes::Membership::Admission may_join;
};

class App {
 public:
  // The seams must outlive it.
  App(Clock& clock, Random& random, Network& network, Log& log, db::Database& database, const Vault& vault,
      AppOptions options);
  ~App();

  // Listens, and goes on with what the store has open. Error: unavailable (the address cannot be listened on).
  Task<Result<SocketAddress>> start();
  // Stops accepting, answers what has begun, lets deliveries under way end, all until `due`. What is left is in the
  // store.
  Task<void> stop(Ticks due);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace epay::app
