// The auditor must notice: each row is something that must never happen.
#include "simulation/auditor.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace epay::simulation {
namespace {

Plan two_orders() {
  Plan plan;
  plan.orders = {
      {.reference = "one", .key = "k1", .amount = {100, Currency::ghs()}, .email = "a@b.c", .telephone = "02"},
      {.reference = "two", .amount = {200, Currency::ghs()}, .email = "a@b.c", .telephone = "02"}};
  return plan;
}

class Desk {
 public:
  Desk() {
    auditor.open_account(0, 1, "whsec_" + base64_encode("secret"));
    auditor.sent(one());
    auditor.sent(two());
  }
  const Order& one() const { return plan.orders[0]; }
  const Order& two() const { return plan.orders[1]; }
  void tell(const std::string& id, const std::string& status, const std::string& amount = "1") {
    const std::string body =
        R"({"success":)" + std::string(status == "success" ? "true" : "false") +
        R"(,"transaction":{"reference":"one","payment_method":"momo","amount":")" + amount + R"(","status":")" +
        status + R"(","description":null,"customer":{"name":"","email":"a@b.c","telephone":"02"},"page":null}})";
    Message message{0, id, std::to_string(clock.now().unix_seconds()), "", body};
    message.signature =
        "v1," + base64_encode(to_bytes(hmac_sha256("secret", id + "." + message.timestamp + "." + body)));
    auditor.received(message);
  }

  SimClock clock;
  Plan plan = two_orders();
  Auditor auditor{clock, plan};
};

struct Row {
  const char* what;
  void (*happens)(Desk&);
  const char* failure;  // a part of it; "" for none
};

const Row rows[] = {
    {"the same answer again",
     [](Desk& d) {
       d.auditor.answered(d.one(), 200, "a");
       d.auditor.answered(d.one(), 200, "a");
     },
     ""},
    {"another answer under a key",
     [](Desk& d) {
       d.auditor.answered(d.one(), 200, "a");
       d.auditor.answered(d.one(), 200, "b");
     },
     "two answers"},
    {"accepted twice without a key",
     [](Desk& d) {
       d.auditor.answered(d.two(), 200, "a");
       d.auditor.answered(d.two(), 200, "a");
     },
     "accepted twice"},
    {"a key forgotten", [](Desk& d) { d.auditor.answered(d.one(), 409, "The reference one has been used already"); },
     "same key"},
    {"a server error", [](Desk& d) { d.auditor.answered(d.one(), 500, "oops"); }, "answered 500"},
    {"told once, delivered",
     [](Desk& d) {
       d.tell("m1", "success");
       d.auditor.delivered("m1", d.clock.ticks());
     },
     ""},
    {"told again, the answer lost",
     [](Desk& d) {
       d.tell("m1", "success");
       d.tell("m1", "success");
     },
     ""},
    {"told again after its answer",
     [](Desk& d) {
       d.tell("m1", "success");
       d.auditor.delivered("m1", d.clock.ticks());
       d.tell("m1", "success");
     },
     "came again"},
    {"told again after a crash",
     [](Desk& d) {
       d.tell("m1", "success");
       d.auditor.delivered("m1", d.clock.ticks());
       d.auditor.service_died();
       d.tell("m1", "success");
     },
     ""},
    {"the same news under a new id",
     [](Desk& d) {
       d.tell("m1", "success");
       d.tell("m2", "success");
     },
     "told already"},
    {"one id with two bodies",
     [](Desk& d) {
       d.tell("m1", "failed");
       d.tell("m1", "success");
     },
     "two bodies"},
    {"another amount", [](Desk& d) { d.tell("m1", "success", "1.5"); }, "another order"},
    {"success, then failed", [](Desk& d) { d.auditor.saw_status(d.one(), "success", "failed"); }, "is shown as failed"},
    {"failed, then success, too early",
     [](Desk& d) {
       d.tell("m1", "failed");
       d.tell("m2", "success");
     },
     "before it could expire"},
    {"failed, then success, late",
     [](Desk& d) {
       d.tell("m1", "failed");
       d.clock.run_for(minutes(11));
       d.tell("m2", "success");
     },
     ""},
    {"a wrong signature", [](Desk& d) { d.auditor.received({0, "m1", "1", "v1,x", "{}"}); }, "wrong signature"},
};

TEST(Auditor, NoticesWhatMustNotBe) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    Desk desk;
    row.happens(desk);
    const std::string failure = desk.auditor.failure().value_or("");
    EXPECT_EQ(failure.empty(), *row.failure == 0) << failure;
    EXPECT_NE(failure.find(row.failure), std::string::npos) << failure;
  }
}

}  // namespace
}  // namespace epay::simulation
