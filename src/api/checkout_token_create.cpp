// POST /api/v1/charge/token
#include "api/api.h"
#include "api/fields.h"
#include "api/limits.h"
#include "api/replies.h"
#include "http/client.h"
#include "payments/checkout.h"

namespace epay::api {
namespace {

std::string body_of(std::string_view token) {
  JsonWriter json;
  json.begin_object().member("success", true).member("token", token).member("message", "Charge created successfully");
  return json.end_object().take();
}

struct Wanted {
  payments::NewPayment payment;
  std::optional<std::string> redirect_url;  // where the customer goes on afterwards
};

Result<Wanted> parse_checkout(const std::vector<Field>& fields, Scope scope) {
  FieldReader reader(fields);
  const Currency currency = reader.currency_or_ghs("currency");
  payments::NewPayment payment{.scope = scope, .reference = reader.required_text("reference", reference_max)};
  payment.life = payments::checkout_life;
  payment.checkout = true;
  payment.amount = reader.required_amount("amount", currency);
  payment.customer =
      payments::NewCustomer{reader.required_text("customer_name", name_max), reader.required_email("customer_email"),
                            reader.required_text("customer_telephone", telephone_max)};
  payment.description = reader.optional_text("payment_description", description_max);
  auto redirect_url = reader.optional_text("redirect_url", payments::redirect_url_max);
  if (redirect_url) {
    if (const auto url = http::Url::parse(*redirect_url); !url) reader.malformed("redirect_url", url.error().message);
  }
  if (const auto error = reader.error()) return std::unexpected(*error);
  return Wanted{std::move(payment), std::move(redirect_url)};
}

}  // namespace

Task<http::Response> Api::create_checkout_token(http::Request& request) {
  const auto grant = co_await authenticator_.authenticate(request);
  if (!grant) co_return error_response(grant.error());
  const auto fields = read_fields(request);
  if (!fields) co_return error_response(fields.error());
  auto wanted = parse_checkout(*fields, grant->integration.scope);
  if (!wanted) co_return error_response(wanted.error());
  const Currency currency = wanted->payment.amount.currency;
  const Mode mode = wanted->payment.scope.mode;
  if (!processor_.serves({.mode = mode, .channel = rails::Channel::momo, .currency = currency}) &&
      !processor_.serves({.mode = mode, .channel = rails::Channel::card, .currency = currency})) {
    co_return error_response(
        {ErrorCode::unsupported, "No payment rail that is switched on serves " + std::string(currency.code())});
  }

  const auto work = [&](Claim claim) -> Task<Result<Reply>> {
    const std::string token = random_.text(payments::checkout_token_length, Random::letters_and_digits);
    wanted->payment.key = claim;
    wanted->payment.now = clock_.now();
    events::Recorded recorded;
    auto reply = co_await database_.write([&](db::Transaction& tx) -> Result<Reply> {
      auto opening = payments::open_payment(tx, wanted->payment);
      if (!opening) return std::unexpected(opening.error());
      if (auto* stored = std::get_if<payments::StoredAnswer>(&*opening)) return Reply{std::move(*stored), true};
      // A request that was never answered gets a token of its own for the payment that it opened.
      payments::create_checkout(tx, std::get<payments::Opened>(*opening).payment,
                                {.token = token, .redirect_url = wanted->redirect_url});
      recorded = std::move(std::get<payments::Opened>(*opening).recorded);
      return Reply{{200, body_of(token)}};
    });
    if (reply) dispatcher_.publish(std::move(recorded));
    co_return reply;
  };
  co_return co_await answer_once(request, grant->integration.scope.merchant, AtRest::plain, work);
}

}  // namespace epay::api
