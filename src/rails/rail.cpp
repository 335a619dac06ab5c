#include "rails/rail.h"

namespace epay::rails {

Task<Reply> Rail::refund(Order) { co_return Failed{"NOT_ALLOWED", "the rail gives nothing back"}; }

Result<News> Rail::read_callback(const http::Request&, std::string_view) const {
  return fail(ErrorCode::invalid, "The rail does not call back");
}

Task<Result<Money>> Rail::balance(Currency) {
  co_return fail(ErrorCode::unsupported, "The rail does not tell its balance");
}

Task<Result<AccountHolder>> Rail::look_up(Payee) {
  co_return fail(ErrorCode::unsupported, "The rail does not tell who owns an account");
}

}  // namespace epay::rails
