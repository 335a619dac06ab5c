// What the command line can do. Each verb returns the process's exit code: 0 done, 1 could not, 2 used wrongly.
#pragma once

#include <functional>
#include <string>

#include "app/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "db/database.h"
#include "runtime/clock.h"
#include "runtime/network.h"
#include "runtime/random.h"

namespace epay::app {

int serve(const ServeConfig& config);

struct MerchantConfig {
  StoreConfig store;
  std::string name, email, telephone, password, webhook_url;
  std::vector<std::string> webhook_cidrs;
  std::int64_t merchant_id = 0;
  bool json = false;
};
int merchant_create(const MerchantConfig& config);
int merchant_list(const MerchantConfig& config);
int merchant_show(const MerchantConfig& config);

struct PageConfig {
  StoreConfig store;
  std::int64_t merchant_id = 0;
  std::string settings;  // page_settings.h
  bool live = false, json = false;
};
int page_create(const PageConfig& config);
int page_list(const PageConfig& config);

struct RailsVerbConfig {
  StoreConfig store;
  std::string rails_file, currency = "GHS";
  bool json = false;
};
// What a rails file switches on, and whether each rail answers to its keys: exit code 1 when one does not.
int rails_check(const RailsVerbConfig& config);

struct StatementConfig {
  StoreConfig store;
  std::string rail, file, mapping_file, mode = "live";
  std::string since, until;  // "": from its first line to its last
  std::int64_t statement = 0, line = 0;
  std::string as, note;
  std::int64_t merchant_id = 0;
  bool json = false;
};
// Holds a rail's statement against the books; goes on where it was interrupted.
int statement_import(const StatementConfig& config);
int statement_list(const StatementConfig& config);
// What it and the books have in common, and why they differ.
int statement_show(const StatementConfig& config);
// What waits for a person, with what is known of it.
int statement_queue(const StatementConfig& config);
int statement_resolve(const StatementConfig& config);

struct MailVerbConfig {
  StoreConfig store;
  MailConfig mail;
  std::string to;
  std::int64_t merchant_id = 0;
};
// Sends one mail at once, past the outbox, and says what became of it.
int mail_test(const MailVerbConfig& config);
int mail_list(const MailVerbConfig& config);

int verify(const StoreConfig& config, bool json);
int backup(const StoreConfig& config, const std::string& path);
// Puts a copy made by backup() in the store's place, once its pages, schema, books and secrets are found right. On
// PostgreSQL, whose own tools do that, `from` is empty: what they have put back is made fit to be served.
int restore(const StoreConfig& config, const std::string& from, bool replace);
// Brings the schema up to this binary's, and says what was done.
int migrate(const StoreConfig& config, const MigrateConfig& wanted);
// Brings what a stopped epay has in a SQLite file into PostgreSQL, and puts the file aside. Goes on where it stopped.
int move(const std::string& from, const StoreConfig& to);
// A new master key, and everything sealed under it. Nobody may serve meanwhile.
int rotate_key(const StoreConfig& config);

// What a verb that works on the store is given.
struct VerbContext {
  Clock& clock;
  Random& random;
  Network& network;
  db::Database& database;
  const Vault& vault;
};
// Whether a verb seals or opens secrets. One that does not also works on a backup without its key.
enum class MasterKey { needed, not_needed };
// Opens the store and runs `work` to its end. The store may be in use by a serving process.
int run_on_store(const StoreConfig& config, std::function<Task<int>(VerbContext&)> work,
                 MasterKey master_key = MasterKey::needed);

// "epay: " and the message on standard error; gives exit code 1, or 2 for wrong use.
int report(const Error& error);

}  // namespace epay::app
