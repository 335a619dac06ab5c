// What Hubtel's answers mean. All have the envelope {"ResponseCode": …, "Message": …, "Data": …}, in this spelling or
// in that of camels.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/timestamp.h"
#include "rails/rail.h"
#include "rails/rail_http.h"

namespace epay::rails::hubtel {

// `Unpaid` is all that Hubtel's status says of a prompt that waits, was refused or was never seen. It ends a payment
// only when no telephone can show its prompt any more: a session there lives for minutes (RAILS §4.3).
inline constexpr hours unpaid_is_final_after{6};

// A member, whatever the case of its name; null where it is missing.
const http::Json* part_of(const http::Json& json, std::string_view name);
// Its text, where that is a string or a number, and not empty.
std::optional<std::string> word_of(const http::Json& json, std::string_view name);
// The envelope's data; null where there is none, or nothing in it.
const http::Json* data_of(const http::Json& json);

// To a request for a new order.
Reply reply_to_create(const RailAnswer& answer);
// To a request for a refund. What Hubtel has taken on has a rail_id: without one it may never have heard of it.
Reply reply_to_refund(const RailAnswer& answer, const Order& order);
// To a question about an order, by its kind: of a refund it is the question about its payment.
Reply reply_to_query(const RailAnswer& answer, const Order& order, Timestamp now);

Claim claim_of(const http::Json& callback);

}  // namespace epay::rails::hubtel
