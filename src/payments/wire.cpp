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

std::string_view wire_type(PaymentKind kind) {
  switch (kind) {
    case PaymentKind::payment: return "payments";
    case PaymentKind::payout: return "payouts";
    case PaymentKind::refund: return "refunds";
  }
  return "";
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
      .member("type", wire_type(payment.kind))
      .member("description", payment.description);
  // What the wire has not documented follows, where there is anything to say.
  if (payment.refunded_minor > 0) {
    json.member("amount_refunded", Money{payment.refunded_minor, payment.amount.currency}.to_decimal());
  }
  json.end_object();
}

void write_refund(JsonWriter& json, const Payment& refund, const std::string& payment_reference) {
  json.begin_object()
      .member("id", refund.id.value)
      .member("reference", refund.reference)
      .member("transaction_reference", payment_reference)
      .member("amount", refund.amount.to_decimal())
      .member("currency", refund.amount.currency.code())
      .member("status", wire_name(refund.status))
      .member("reason", refund.description)
      .member("created_at", refund.created_at.to_wire())
      .member("updated_at", refund.updated_at.to_wire())
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

std::string refund_data(const Payment& refund, const Payment& payment) {
  JsonWriter json;
  json.begin_object().key("refund");
  write_refund(json, refund, payment.reference);
  json.key("transaction");
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
