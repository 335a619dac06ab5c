// Giving money back: which way it goes, and then as everything that is sent.
#include "base/crypto.h"
#include "processing/processor.h"

namespace epay::processing {
namespace {

using Answer = std::variant<Started, payments::StoredAnswer>;

constexpr std::string_view reference_prefix = "RF-";
constexpr std::size_t reference_letters = 11;

// The same request under the same idempotency key has the same reference: it is the same refund.
std::string reference_of(const payments::KeyClaim& key) {
  const Sha256 digest = sha256(key.key + "\n" + std::string(to_bytes(key.fingerprint)));
  std::string reference(reference_prefix);
  for (std::size_t i = 0; i < reference_letters; ++i) {
    reference += Random::letters_and_digits[digest[i] % Random::letters_and_digits.size()];
  }
  return reference;
}

}  // namespace

Result<Processor::RefundRoute> Processor::route_refund(const payments::Refundable& refundable, bool whole) {
  const auto& [payment, attempt] = refundable;
  const Scope scope = payment.scope;
  rails::Rail* took = rails_.find(static_cast<rails::RailId>(attempt.rail), scope.mode);
  const auto can = took != nullptr ? took->capabilities() : rails::Capabilities{};
  if (can.refunds && (whole || can.partial_refunds)) return RefundRoute{took, payments::RefundWay::by_rail};
  const auto& network_name = attempt.method ? attempt.wallet_network : payment.wallet_network;
  const auto network = network_name ? rails::find_network(*network_name) : std::nullopt;
  if (attempt.method.value_or(payment.method) != payments::Method::momo || !network) {
    return fail(ErrorCode::unsupported, "The rail of " + payment.reference + " gives " +
                                            (whole ? "nothing" : "no part of a payment") +
                                            " back, and there is no wallet that money can be sent to");
  }
  const auto sends = rails_.route({.merchant = scope.merchant,
                                   .mode = scope.mode,
                                   .kind = rails::OrderKind::payout,
                                   .currency = payment.amount.currency,
                                   .network = network->name});
  if (!sends) return std::unexpected(sends.error());
  return RefundRoute{*sends, payments::RefundWay::by_payout};
}

Task<Result<Answer>> Processor::start_refund(RefundRequest request) {
  const auto refundable = co_await database_.read([&request](db::Transaction& tx) {
    return payments::find_refundable(tx, request.scope, request.payment_reference);
  });
  if (!refundable) co_return std::unexpected(refundable.error());
  const payments::Payment& payment = refundable->payment;
  const bool whole = payment.refunded_minor == 0 && payment.charged() == payment.amount &&
                     (!request.amount || *request.amount == payment.amount);
  const auto route = route_refund(*refundable, whole);
  if (!route) co_return std::unexpected(route.error());
  payments::NewRefund wanted{.scope = request.scope,
                             .payment = payment.id,
                             .reference = std::move(request.reference),
                             .amount = request.amount,
                             .reason = std::move(request.reason),
                             .way = route->way,
                             .rail = static_cast<std::int64_t>(route->rail->id()),
                             .key = std::move(request.key),
                             .now = clock_.now()};
  if (wanted.reference.empty()) {
    wanted.reference =
        wanted.key ? reference_of(*wanted.key)
                   : std::string(reference_prefix) + random_.text(reference_letters, Random::letters_and_digits);
  }
  auto opening = co_await database_.write(db::Lane::of(wanted.scope.merchant),
                                          [&wanted](db::Transaction& tx) { return payments::open_refund(tx, wanted); });
  co_return co_await send_first(std::move(opening), *route->rail, {.origin = std::move(request.origin)});
}

}  // namespace epay::processing
