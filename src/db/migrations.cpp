#include "db/migrations.h"

#include <string>

namespace epay::db {
namespace {

// clang-format does not know #embed, and would put a blank into the name.
// clang-format off
constexpr char first[] = {
#embed <0001_first.sql>
};
constexpr char webhooks[] = {
#embed <0002_webhooks.sql>
};
constexpr char mails[] = {
#embed <0003_mails.sql>
};
constexpr char accounts[] = {
#embed <0004_accounts.sql>
};
constexpr char payment_pages[] = {
#embed <0005_payment_pages.sql>
};
constexpr char lists[] = {
#embed <0006_lists.sql>
};
constexpr char test_phone[] = {
#embed <0007_test_phone.sql>
};
constexpr char integrations[] = {
#embed <0008_integrations.sql>
};
constexpr char merchant_logo[] = {
#embed <0009_merchant_logo.sql>
};
constexpr char event_starts[] = {
#embed <0010_event_starts.sql>
};
constexpr char processes[] = {
#embed <0011_processes.sql>
};
constexpr char master_keys[] = {
#embed <0012_master_keys.sql>
};
constexpr char attempts_by_week[] = {
#embed <0013_attempts_by_week.sql>
};
constexpr char refunds[] = {
#embed <0014_refunds.sql>
};
constexpr char recipients[] = {
#embed <0015_recipients.sql>
};
constexpr char fees[] = {
#embed <0016_fees.sql>
};
constexpr char bulk_payouts[] = {
#embed <0018_bulk_payouts.sql>
};
constexpr char reconciliation[] = {
#embed <0017_reconciliation.sql>
};
// clang-format on

constexpr Migration migrations[] = {
    {1, "first", {first, sizeof first}},
    {2, "webhooks", {webhooks, sizeof webhooks}},
    {3, "mails", {mails, sizeof mails}},
    {4, "accounts", {accounts, sizeof accounts}},
    {5, "payment_pages", {payment_pages, sizeof payment_pages}},
    {6, "lists", {lists, sizeof lists}},
    {7, "test_phone", {test_phone, sizeof test_phone}},
    {8, "integrations", {integrations, sizeof integrations}},
    {9, "merchant_logo", {merchant_logo, sizeof merchant_logo}},
    {10, "event_starts", {event_starts, sizeof event_starts}},
    {11, "processes", {processes, sizeof processes}},
    {12, "master_keys", {master_keys, sizeof master_keys}},
    {13, "attempts_by_week", {attempts_by_week, sizeof attempts_by_week}},
    {14, "refunds", {refunds, sizeof refunds}},
    {15, "recipients", {recipients, sizeof recipients}},
    {16, "fees", {fees, sizeof fees}},
    {17, "reconciliation", {reconciliation, sizeof reconciliation}},
    {18, "bulk_payouts", {bulk_payouts, sizeof bulk_payouts}},
};

}  // namespace

bool Migration::is_additive() const { return !text.starts_with("-- needs: all processes stopped\n"); }

std::span<const Migration> embedded_migrations() { return migrations; }

Result<> check_newer_schema(std::int64_t version, std::int64_t known, std::optional<std::int64_t> first_to_know) {
  if (!first_to_know) return {};
  return fail(ErrorCode::unavailable, "this database was written by a newer epay (schema " + std::to_string(version) +
                                          ", step " + std::to_string(*first_to_know) +
                                          " must be known; this binary knows " + std::to_string(known) +
                                          "): use that version or a newer one");
}

}  // namespace epay::db
