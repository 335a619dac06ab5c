// POST /api/v1/transactions/{reference}/input: the voucher or OTP that a rail asked the customer for.
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"

namespace epay::api {

Task<http::Response> Api::submit_input(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  FieldReader reader(*fields);
  const std::string input = reader.required_text("input", voucher_max);
  if (const auto error = reader.error()) co_return error_response(*error);

  const Scope scope = grant->integration.scope;
  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    // The key is written down with the answer only: a transaction takes a code once, and only while it waits for one.
    auto known = co_await recall(scope.merchant, claim);
    if (!known) co_return std::unexpected(known.error());
    if (*known) co_return **std::move(known);
    const auto started = co_await processor_.submit_input(scope, request.path_parameters.at(0), input);
    if (!started) co_return std::unexpected(started.error());
    JsonWriter json;
    json.begin_object().member("success", true).member("message", "Code submitted successfully").key("transaction");
    write_transaction(json, started->payment, WithCustomer::yes);
    co_return Reply{{200, json.end_object().take()}};
  };
  co_return co_await answer_once(request, scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
