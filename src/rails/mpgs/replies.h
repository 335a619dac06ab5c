// What the gateway's answers mean: an error, an order with all that was tried for it, or one transaction.
#pragma once

#include <string>

#include "base/timestamp.h"
#include "rails/rail.h"
#include "rails/rail_http.h"

namespace epay::rails::mpgs {

// After a session's end, this long for what was begun in it: an authentication at the customer's bank, an acquirer.
inline constexpr minutes end_of_session_grace{15};

// The gateway does not know the order or the transaction that was asked for.
bool is_not_found(const RailAnswer& answer);
// "HTTP 400 INVALID_REQUEST order.amount: Value is …": an error in its words.
std::string words_of(const RailAnswer& answer);
// An error in answer to what should have made something: whether it proves that nothing was.
Reply reply_to_error(const RailAnswer& answer);

// Of Retrieve Order. `session_ended`: no customer can try another card any more. Before that a declined card is no end,
// since the page lets the customer try the next one: the reply is a redirect, without its page. After it the order
// stands as it will.
Reply reply_of_order(const RailAnswer& answer, const Order& order, bool session_ended);
// Of the transaction that a refund is.
Reply reply_of_refund(const RailAnswer& answer, const Order& order);

// Whom a notification is about, and what it says. It has the form of a transaction. With 3-D Secure the authentication
// is notified first: that is no payment.
News news_of(const http::Json& transaction);

}  // namespace epay::rails::mpgs
