// Row identifiers as types: a CustomerId is not a MerchantId. All are positive and grow with time.
#pragma once

#include <compare>
#include <cstdint>

namespace epay {

template <class Tag>
struct Id {
  std::int64_t value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

using MerchantId = Id<struct MerchantTag>;
using UserId = Id<struct UserTag>;
using IntegrationId = Id<struct IntegrationTag>;
using CustomerId = Id<struct CustomerTag>;
using PaymentId = Id<struct PaymentTag>;
using BulkPayoutId = Id<struct BulkPayoutTag>;
using RecipientId = Id<struct RecipientTag>;
using PageId = Id<struct PageTag>;
using ImageId = Id<struct ImageTag>;
using TransferId = Id<struct TransferTag>;
using EventId = Id<struct EventTag>;
using EndpointId = Id<struct EndpointTag>;
using RedeliveryId = Id<struct RedeliveryTag>;
using MailId = Id<struct MailTag>;
using TextMessageId = Id<struct TextMessageTag>;
// One life of a process that serves a store with others; 0 is nobody.
using ProcessId = Id<struct ProcessTag>;

// Test money and live money never meet: every row of a merchant's money belongs to one mode.
enum class Mode : std::int64_t { test = 1, live = 2 };

// Whose books: nearly every statement names both.
struct Scope {
  MerchantId merchant;
  Mode mode = Mode::test;
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

}  // namespace epay
