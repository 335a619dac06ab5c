#include "events/catalogue.h"

#include "base/check.h"

// Pieces of schemas, put together by the preprocessor because they are put together at compile time.
#define EPAY_OBJECT(required, properties) \
  R"({"type":"object","required":[)" required R"(],"properties":{)" properties R"(}})"
#define EPAY_TEXT R"({"type":"string"})"
#define EPAY_TEXT_OR_NULL R"({"type":["string","null"]})"
#define EPAY_NUMBER R"({"type":"integer"})"
#define EPAY_TIME R"({"type":"string","pattern":"^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$"})"
#define EPAY_AMOUNT R"({"type":"string","pattern":"^(0|[1-9]\\d*)(\\.\\d*[1-9])?$"})"
#define EPAY_ENVELOPE(name, data)             \
  EPAY_OBJECT(R"("type","timestamp","data")", \
              R"("type":{"const":")" name R"("},"timestamp":{"type":"string","format":"date-time"},"data":)" data)
#define EPAY_PAYER                             \
  EPAY_OBJECT(R"("name","email","telephone")", \
              R"("name":)" EPAY_TEXT R"(,"email":)" EPAY_TEXT R"(,"telephone":)" EPAY_TEXT)
#define EPAY_PAGE                                                                                              \
  R"({"type":["object","null"],"required":["id","name","description","slug"],"properties":{"id":)" EPAY_NUMBER \
  R"(,"name":)" EPAY_TEXT R"(,"description":)" EPAY_TEXT_OR_NULL R"(,"slug":)" EPAY_TEXT R"(}})"
#define EPAY_NOTIFIED(status)                                                                                        \
  EPAY_OBJECT(R"("reference","payment_method","amount","status","description","customer","page")",                   \
              R"("reference":)" EPAY_TEXT R"(,"payment_method":{"enum":["momo","card",""]},"amount":)" EPAY_AMOUNT   \
              R"(,"status":{"const":")" status R"("},"description":)" EPAY_TEXT_OR_NULL R"(,"customer":)" EPAY_PAYER \
              R"(,"page":)" EPAY_PAGE)
#define EPAY_NOTIFICATION(success, status)  \
  EPAY_OBJECT(R"("success","transaction")", \
              R"("success":{"const":)" success R"(},"transaction":)" EPAY_NOTIFIED(status))
#define EPAY_TRANSACTION(type, status, more)                                                                          \
  EPAY_OBJECT(R"("id","reference","payment_method","payment_no","amount","status","created_at","updated_at","type")", \
              R"("id":)" EPAY_NUMBER R"(,"reference":)" EPAY_TEXT R"(,"payment_method":)" EPAY_TEXT_OR_NULL           \
              R"(,"payment_no":)" EPAY_TEXT_OR_NULL R"(,"amount":)" EPAY_AMOUNT R"(,"status":{"const":")" status      \
              R"("},"created_at":)" EPAY_TIME R"(,"updated_at":)" EPAY_TIME R"(,"type":{"const":")" type              \
              R"("},"description":)" EPAY_TEXT_OR_NULL more)
#define EPAY_PAYOUT(name, status) \
  EPAY_ENVELOPE(name, EPAY_OBJECT(R"("transaction")", R"("transaction":)" EPAY_TRANSACTION("payouts", status, "")))
#define EPAY_REFUND(name, status)                                                                                            \
  EPAY_ENVELOPE(                                                                                                             \
      name,                                                                                                                  \
      EPAY_OBJECT(                                                                                                           \
          R"("refund","transaction")",                                                                                       \
          R"("refund":)" EPAY_OBJECT(                                                                                        \
              R"("id","reference","transaction_reference","amount","currency","status","reason","created_at","updated_at")", \
              R"("id":)" EPAY_NUMBER R"(,"reference":)" EPAY_TEXT R"(,"transaction_reference":)" EPAY_TEXT                   \
              R"(,"amount":)" EPAY_AMOUNT                                                                                    \
              R"(,"currency":{"type":"string","pattern":"^[A-Z]{3}$"},"status":{"const":")" status                           \
              R"("},"reason":)" EPAY_TEXT_OR_NULL R"(,"created_at":)" EPAY_TIME                                              \
              R"(,"updated_at":)" EPAY_TIME) R"(,"transaction":)" EPAY_TRANSACTION("payments", "success",                    \
                                                                                   R"(,"amount_refunded":)" EPAY_AMOUNT)))
#define EPAY_ENDPOINT(name)                                                                                   \
  EPAY_ENVELOPE(name, EPAY_OBJECT(R"("endpoint")",                                                            \
                                  R"("endpoint":)" EPAY_OBJECT(                                               \
                                      R"("id","url","enabled","disabled_reason","failing_since","failures")", \
                                      R"("id":)" EPAY_NUMBER R"(,"url":)" EPAY_TEXT                           \
                                      R"(,"enabled":{"type":"boolean"},"disabled_reason":)" EPAY_TEXT_OR_NULL \
                                      R"(,"failing_since":{"type":["string","null"]},"failures":)" EPAY_NUMBER)))

namespace epay::events {
namespace {

constexpr EventKind
    kinds
        [] =
            {
                {EventType::payment_success, "payment.success", "A customer has paid; the wallet is credited.",
                 Kept::always, EPAY_NOTIFICATION("true", "success"),
                 R"({"success":true,"transaction":{"reference":"EP-XSks6NGSvtd","payment_method":"momo","amount":"1","status":"success","description":"Payment for sample event","customer":{"name":"sam","email":"sam@gmail.com","telephone":"0540000000"},"page":{"id":73,"name":"Event Demo App","description":"A demo payment page","slug":"st-event-demo-app"}}})"},
                {EventType::payment_failed, "payment.failed",
                 "A payment was refused, or not approved in time. A late success may still follow, as payment.success.",
                 Kept::always, EPAY_NOTIFICATION("false", "failed"),
                 R"({"success":false,"transaction":{"reference":"EP-XSks6NGSvtd","payment_method":"momo","amount":"1","status":"failed","description":"Payment for sample event","customer":{"name":"sam","email":"sam@gmail.com","telephone":"0540000000"},"page":null}})"},
                {EventType::payment_pending, "payment.pending", "The network has a payment and waits for the customer.",
                 Kept::when_asked_for,
                 EPAY_ENVELOPE("payment.pending",
                               EPAY_OBJECT(R"("transaction")", R"("transaction":)" EPAY_NOTIFIED("pending"))),
                 R"({"type":"payment.pending","timestamp":"2026-01-25T12:53:29.000001Z","data":{"transaction":{"reference":"order-1001","payment_method":"momo","amount":"22.5","status":"pending","description":"Two tickets","customer":{"name":"Ama Mensah","email":"ama@example.com","telephone":"0240000000"},"page":null}}})"},
                {EventType::payout_success, "payout.success", "A payout has reached the wallet it was sent to.",
                 Kept::always, EPAY_PAYOUT("payout.success", "success"),
                 R"({"type":"payout.success","timestamp":"2026-01-25T12:53:29.000001Z","data":{"transaction":{"id":184,"reference":"salary-7","payment_method":"momo","payment_no":"0240000000","amount":"150","status":"success","created_at":"2026-01-25 12:53:27","updated_at":"2026-01-25 12:53:29","type":"payouts","description":"January"}}})"},
                {EventType::payout_failed, "payout.failed",
                 "A payout was not made; what was held for it is available again.", Kept::always,
                 EPAY_PAYOUT("payout.failed", "failed"),
                 R"({"type":"payout.failed","timestamp":"2026-01-25T12:53:29.000001Z","data":{"transaction":{"id":184,"reference":"salary-7","payment_method":"momo","payment_no":"0240000000","amount":"150","status":"failed","created_at":"2026-01-25 12:53:27","updated_at":"2026-01-25 12:53:29","type":"payouts","description":"January"}}})"},
                {EventType::payout_reversed, "payout.reversed",
                 "The network has taken back a payout that had succeeded; the money is in the wallet again.",
                 Kept::always, EPAY_PAYOUT("payout.reversed", "failed"),
                 R"({"type":"payout.reversed","timestamp":"2026-01-26T08:00:00.000001Z","data":{"transaction":{"id":184,"reference":"salary-7","payment_method":"momo","payment_no":"0240000000","amount":"150","status":"failed","created_at":"2026-01-25 12:53:27","updated_at":"2026-01-26 08:00:00","type":"payouts","description":"January"}}})"},
                {EventType::refund_success, "refund.success", "A refund has reached the customer.", Kept::always,
                 EPAY_REFUND("refund.success", "success"), R"({"type":"refund.success","timestamp":"2026-01-25T12:53:29.000001Z","data":{"refund":{"id":12,"reference":"RF-9hTkw2LmQx4","transaction_reference":"order-1001","amount":"5","currency":"GHS","status":"success","reason":"One ticket returned","created_at":"2026-01-25 12:53:20","updated_at":"2026-01-25 12:53:29"},"transaction":{"id":170,"reference":"order-1001","payment_method":"momo","payment_no":"0240000000","amount":"22.5","status":"success","created_at":"2026-01-24 09:00:00","updated_at":"2026-01-24 09:00:04","type":"payments","description":"Two tickets","amount_refunded":"5"}}})"},
                {EventType::refund_failed, "refund.failed",
                 "A refund could not be made, or has come back after it had succeeded; the wallet has the money again.",
                 Kept::always, EPAY_REFUND("refund.failed", "failed"),
                 R"({"type":"refund.failed","timestamp":"2026-01-25T12:53:29.000001Z","data":{"refund":{"id":12,"reference":"RF-9hTkw2LmQx4","transaction_reference":"order-1001","amount":"5","currency":"GHS","status":"failed","reason":"One ticket returned","created_at":"2026-01-25 12:53:20","updated_at":"2026-01-25 12:53:29"},"transaction":{"id":170,"reference":"order-1001","payment_method":"momo","payment_no":"0240000000","amount":"22.5","status":"success","created_at":"2026-01-24 09:00:00","updated_at":"2026-01-24 09:00:04","type":"payments","description":"Two tickets"}}})"},
                {EventType::customer_created, "customer.created", "Somebody has become a customer.",
                 Kept::when_asked_for,
                 EPAY_ENVELOPE(
                     "customer.created",
                     EPAY_OBJECT(R"("customer")", R"("customer":)" EPAY_OBJECT(
                                                      R"("id","name","email","telephone","created_at","updated_at")",
                                                      R"("id":)" EPAY_NUMBER R"(,"name":)" EPAY_TEXT
                                                      R"(,"email":)" EPAY_TEXT R"(,"telephone":)" EPAY_TEXT
                                                      R"(,"created_at":)" EPAY_TIME R"(,"updated_at":)" EPAY_TIME))),
                 R"({"type":"customer.created","timestamp":"2026-01-25T12:53:29.000001Z","data":{"customer":{"id":37,"name":"Ama Mensah","email":"ama@example.com","telephone":"0240000000","created_at":"2026-01-25 12:53:29","updated_at":"2026-01-25 12:53:29"}}})"},
                {EventType::endpoint_disabled, "endpoint.disabled",
                 "Epay has stopped sending to an endpoint: it answered 410, or nothing got through for five days.",
                 Kept::always, EPAY_ENDPOINT("endpoint.disabled"),
                 R"({"type":"endpoint.disabled","timestamp":"2026-01-25T12:53:29.000001Z","data":{"endpoint":{"id":4,"url":"https://shop.example.com/epay","enabled":false,"disabled_reason":"failing","failing_since":"2026-01-20 12:50:11","failures":412}}})"},
                {EventType::endpoint_recovered, "endpoint.recovered",
                 "An endpoint that was failing has taken a delivery again.", Kept::always,
                 EPAY_ENDPOINT("endpoint.recovered"),
                 R"({"type":"endpoint.recovered","timestamp":"2026-01-25T12:53:29.000001Z","data":{"endpoint":{"id":4,"url":"https://shop.example.com/epay","enabled":true,"disabled_reason":null,"failing_since":"2026-01-25 11:02:40","failures":17}}})"},
                {EventType::ping, "ping", "A test, sent when somebody asks for one.", Kept::always,
                 EPAY_ENVELOPE("ping", EPAY_OBJECT(R"("message")", R"("message":)" EPAY_TEXT)),
                 R"({"type":"ping","timestamp":"2026-01-25T12:53:29.000001Z","data":{"message":"Hello from Epay: this endpoint works."}})"},
};

}  // namespace

std::span<const EventKind> catalogue() { return kinds; }

const EventKind& kind_of(EventType type) {
  for (const EventKind& kind : kinds) {
    if (kind.type == type) return kind;
  }
  EPAY_CHECK(false);
}

std::string_view name_of(EventType type) { return kind_of(type).name; }

std::optional<EventType> find_type(std::string_view name) {
  for (const EventKind& kind : kinds) {
    if (kind.name == name) return kind.type;
  }
  return std::nullopt;
}

}  // namespace epay::events
