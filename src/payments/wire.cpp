#include "payments/wire.h"

namespace epay::payments {
namespace {

void write_notified(JsonWriter& json, const Payment& payment, const Customer& customer,
                    const std::optional<PageSummary>& page) {
  json.begin_object();
  json.member("reference", payment.reference)
      .member("payment_method", wire_name(payment.method))
      .member("amount", payment.amount.to_decimal())
      .member("status", wire_name(payment.status))
      .member("description", payment.description);
  json.key("customer").begin_object();
  json.member("name", customer.name)
      .member("email", customer.email)
      .member("telephone", customer.telephone)
      .end_object();
  json.key("page");
  if (page) {
    json.begin_object()
        .member("id", page->id.value)
        .member("name", page->name)
        .member("description", page->description)
        .member("slug", page->slug)
        .end_object();
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

void write_customer(JsonWriter& json, const Customer& customer) {
  json.begin_object()
      .member("id", customer.id.value)
      .member("name", customer.name)
      .member("email", customer.email)
      .member("telephone", customer.telephone)
      .member("created_at", customer.created_at.to_wire())
      .member("updated_at", customer.updated_at.to_wire())
      .end_object();
}

void write_transaction(JsonWriter& json, const Payment& payment, WithCustomer with_customer) {
  json.begin_object().member("id", payment.id.value).member("reference", payment.reference);
  json.key("payment_method");
  payment.method == Method::undecided ? json.null() : json.value(wire_name(payment.method));
  json.key("payment_no");
  if (payment.method == Method::card) {
    json.value("card");
  } else {
    payment.wallet_number ? json.value(*payment.wallet_number) : json.null();
  }
  json.member("amount", payment.amount.to_decimal());
  if (with_customer == WithCustomer::yes) {
    json.key("customer_id");
    payment.customer ? json.value(std::to_string(payment.customer->value)) : json.null();
  }
  json.member("status", wire_name(payment.status))
      .member("created_at", payment.created_at.to_wire())
      .member("updated_at", payment.updated_at.to_wire())
      .member("type", payment.kind == PaymentKind::payout ? "payouts" : "payments")
      .member("description", payment.description)
      .end_object();
}

std::string notification(const Payment& payment, const Customer& customer, const std::optional<PageSummary>& page) {
  const bool success = payment.status == PaymentStatus::succeeded;
  JsonWriter json;
  json.begin_object().member("success", success).key("transaction");
  write_notified(json, payment, customer, page);
  return json.end_object().take();
}

std::string pending_data(const Payment& payment, const Customer& customer, const std::optional<PageSummary>& page) {
  JsonWriter json;
  json.begin_object().key("transaction");
  write_notified(json, payment, customer, page);
  return json.end_object().take();
}

std::string transaction_data(const Payment& payment) {
  JsonWriter json;
  json.begin_object().key("transaction");
  write_transaction(json, payment, WithCustomer::no);
  return json.end_object().take();
}

std::string customer_data(const Customer& customer) {
  JsonWriter json;
  json.begin_object().key("customer");
  write_customer(json, customer);
  return json.end_object().take();
}

}  // namespace epay::payments
