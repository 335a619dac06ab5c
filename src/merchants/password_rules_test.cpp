#include "merchants/password_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace epay::merchants {
namespace {

std::string_view judged(std::string_view password) {
  const auto fault = password_fault(password, {"ama.mensah@example.com", "Creativo Designs", "0240000000"});
  return fault ? code_of(*fault) : "";
}

TEST(PasswordRules, SayWhatIsWrong) {
  const std::string longest(password_max_bytes, 'x');
  struct Row {
    std::string_view password, code;
  };
  for (const auto& [password, code] : {
           Row{"correct horse battery", ""},
           Row{"kwaku-lemon-41", ""},
           Row{"Zq4!xv9PwT", ""},
           Row{"ɔdɔ yɛ wu ampa", ""},
           Row{"", "password_short"},
           Row{"Zq4!xv9Pw", "password_short"},
           Row{"éééééééé", "password_short"},  // characters count, not bytes
           Row{"password12", "password_common"},
           Row{"Password123", "password_common"},
           Row{"P@ssw0rd2024!", "password_common"},
           Row{"1234567890", "password_common"},
           Row{"qwertyuiop", "password_common"},
           Row{"QWERTYuiop", "password_common"},
           Row{"dragondragon", "password_common"},
           Row{"creativo123", "password_personal"},
           Row{"Mensah-2024", "password_personal"},
           Row{"0240000000", "password_personal"},
           Row{"creativo lemon battery", ""},  // enough of its own
           Row{"zzzzzzzzzzzz", "password_simple"},
           Row{"abababababab", "password_simple"},
           Row{"mnopqrstuvwx", "password_simple"},
       }) {
    EXPECT_EQ(judged(password), code) << password;
  }
  EXPECT_EQ(judged("Zq4!xv9PwT" + longest), "password_long");
}

TEST(PasswordRules, NobodysNameIsInEveryPassword) {
  EXPECT_EQ(password_fault("correct horse battery", {"", "@example.com", "a b c"}), std::nullopt);
}

}  // namespace
}  // namespace epay::merchants
