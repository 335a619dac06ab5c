#include "events/example.h"

#include <gtest/gtest.h>

#include "events/catalogue.h"
#include "http/json.h"

namespace epay::events {
namespace {

constexpr Timestamp now{1'700'000'000'123'456};

TEST(Example, IsTheCataloguesButForItsMarks) {
  for (const EventKind& kind : catalogue()) {
    const std::string made = make_example(kind.type, {"EP-abc", 7'000, now});
    EXPECT_TRUE(http::Json::parse(made)) << made;
    // With the catalogue's own marks it is the catalogue's example, key by key.
    const auto shape = [](std::string text) {
      bool in_text = false;
      std::erase_if(text, [&](char c) {
        if (c == '"') in_text = !in_text;
        return (c >= '0' && c <= '9') || (in_text && std::string_view("TZ.").contains(c));
      });
      return text;
    };
    if (!kind.example.contains("reference")) EXPECT_EQ(shape(made), shape(std::string(kind.example)));
  }
}

TEST(Example, HasAReferenceIdsAndTimesOfItsOwn) {
  EXPECT_EQ(make_example(EventType::refund_success, {"EP-abc", 7'000, now}),
            R"({"type":"refund.success","timestamp":"2023-11-14T22:13:20.123456Z","data":{"refund":{"id":7000,)"
            R"("reference":"EP-abc","transaction_reference":"EP-abc","amount":"5","currency":"GHS",)"
            R"("status":"success","reason":"One ticket returned","created_at":"2023-11-14 22:13:20",)"
            R"("updated_at":"2023-11-14 22:13:20"},"transaction":{"id":7001,"reference":"EP-abc",)"
            R"("payment_method":"momo","payment_no":"0240000000","amount":"22.5","status":"success",)"
            R"("created_at":"2023-11-14 22:13:20","updated_at":"2023-11-14 22:13:20","type":"payments",)"
            R"("description":"Two tickets","amount_refunded":"5"}}})");
}

}  // namespace
}  // namespace epay::events
