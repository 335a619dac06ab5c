#include "rails/rail.h"

namespace epay::rails {

std::string_view name_of(RailId id) {
  switch (id) {
    case RailId::simulator: return "simulator";
    case RailId::mtn_momo: return "mtn";
    case RailId::paystack: return "paystack";
    case RailId::hubtel: return "hubtel";
    case RailId::mpgs: return "mpgs";
  }
  return "";
}

std::optional<RailId> rail_named(std::string_view name) {
  for (const RailId id : {RailId::simulator, RailId::mtn_momo, RailId::paystack, RailId::hubtel, RailId::mpgs}) {
    if (name_of(id) == name) return id;
  }
  return std::nullopt;
}

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
