#include "runtime/password_hasher.h"

namespace epay::runtime {

Task<Result<std::string>> PasswordHasher::hash(Secret password) {
  co_return co_await thread_.run(
      [password = std::move(password), salt = random_.bytes(password_salt_bytes),
       cost = cost_]() -> Result<std::string> { return password_hash(password, salt, cost); });
}

Task<Result<bool>> PasswordHasher::matches(Secret password, std::string hash) {
  co_return co_await thread_.run(
      [password = std::move(password), hash = std::move(hash), cost = cost_]() -> Result<bool> {
        if (!hash.empty()) return password_matches(password, hash);
        password_hash(password, std::string(password_salt_bytes, '\0'), cost);
        return false;
      });
}

}  // namespace epay::runtime
