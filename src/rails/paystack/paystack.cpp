#include "rails/paystack/paystack.h"

#include "base/crypto.h"
#include "base/json_writer.h"
#include "rails/failure_code.h"
#include "rails/paystack/replies.h"
#include "rails/reply_reader.h"

namespace epay::rails::paystack {
namespace {

constexpr int queries_per_second_max = 10;
constexpr std::size_t reason_max = 100;

// Its name of a network, in charges and as a "bank" of transfers.
struct NetworkNames {
  std::string_view network, provider, bank;
};
constexpr NetworkNames networks[] = {{"mtn", "mtn", "MTN"}, {"telecel", "vod", "VOD"}, {"airteltigo", "atl", "ATL"}};

const NetworkNames* names_of(std::string_view network) {
  for (const NetworkNames& names : networks) {
    if (names.network == network) return &names;
  }
  return nullptr;
}

// The amount in minor units, and its currency.
void write_amount(JsonWriter& json, const Money& amount) {
  json.member("amount", amount.minor).member("currency", amount.currency.code());
}

}  // namespace

Options read_options(Settings& settings) {
  return {.mode = settings.mode("mode"),
          .url = settings.address("url", "https://api.paystack.co"),
          .secret_key = settings.secret("secret_key"),
          .currency = settings.currency("currency", "GHS"),
          .default_email = settings.text_or("default_email", "")};
}

Paystack::Paystack(const RailTools& tools, Options options)
    : options_(std::move(options)), http_(tools.log, tools.client, "paystack", options_.url) {}

Capabilities Paystack::capabilities() const {
  return {.idempotent_by_reference = true,
          .refunds = true,
          .partial_refunds = true,
          .wants_customer = true,
          .first_query_after = seconds(10),
          .customer_window = seconds(180),
          .queries_per_second_max = queries_per_second_max};
}

bool Paystack::serves(const Need& need) const {
  const bool network = need.channel != Channel::momo || need.network.empty() || names_of(need.network) != nullptr;
  const bool way = need.kind != OrderKind::collect || need.channel != Channel::bank;
  const bool card_out = need.kind == OrderKind::payout && need.channel == Channel::card;
  return serves_mode(need.mode) && need.currency == options_.currency && network && way && !card_out;
}

Task<Heard> Paystack::send(RailRequest request) {
  request.headers.add("Authorization", "Bearer " + options_.secret_key.reveal());
  if (!request.body.empty()) request.headers.add("Content-Type", "application/json");
  return http_.send(std::move(request));
}

// The reference is taken: the first request arrived.
Task<Reply> Paystack::find_again(Order order) {
  Reply reply = co_await query(std::move(order));
  if (std::holds_alternative<NotFound>(reply)) co_return Unknown{"the reference is taken, and is not found"};
  if (auto* not_asked = std::get_if<NotSent>(&reply)) co_return Unknown{std::move(not_asked->cause)};
  co_return reply;
}

Task<Reply> Paystack::collect(Order order) {
  if (order.email.empty()) order.email = options_.default_email;
  if (order.email.empty())
    co_return Failed{std::string(failure::configuration), "Paystack wants an email: give default_email"};
  if (order.channel == Channel::card) co_return co_await send_to_card_page(std::move(order));
  co_return co_await collect_from_wallet(std::move(order));
}

Task<Reply> Paystack::collect_from_wallet(Order order) {
  const NetworkNames* names = names_of(order.network);
  if (names == nullptr || !order.wallet)
    co_return Failed{std::string(failure::configuration), "Paystack does not know this network"};
  JsonWriter json;
  json.begin_object().member("email", order.email);
  write_amount(json, order.amount);
  json.member("reference", order.reference).key("mobile_money").begin_object();
  json.member("phone", order.wallet->national()).member("provider", names->provider).end_object();
  RailRequest request{
      .path = "/charge", .body = json.end_object().take(), .time_max = create_time_max, .about = order.reference};
  Heard heard = co_await send(std::move(request));
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  if (is_duplicate(answer)) co_return co_await find_again(std::move(order));
  if (member_of(answer.json, "data") == nullptr) co_return reply_without_data(answer, true);
  Reply reply = reply_of_charge(answer, order.amount.currency);
  // The customer's voucher came with the charge: it is what Paystack asks for now.
  const auto* pending = std::get_if<Pending>(&reply);
  const bool asks = pending != nullptr && pending->next == Pending::Next::input;
  if (!asks || !order.voucher || order.voucher->empty()) co_return reply;
  std::string voucher = *order.voucher;
  Reply told = co_await submit_input(std::move(order), std::move(voucher));
  // Not told: the charge waits for it.
  if (std::holds_alternative<NotSent>(told)) co_return reply;
  co_return told;
}

Task<Reply> Paystack::send_to_card_page(Order order) {
  JsonWriter json;
  json.begin_object().member("email", order.email);
  write_amount(json, order.amount);
  json.member("reference", order.reference);
  if (!order.return_url.empty()) json.member("callback_url", order.return_url);
  json.key("channels").begin_array().value("card").end_array();
  RailRequest request{.path = "/transaction/initialize",
                      .body = json.end_object().take(),
                      .time_max = create_time_max,
                      .about = order.reference};
  Heard heard = co_await send(std::move(request));
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  if (is_duplicate(answer)) co_return co_await find_again(std::move(order));
  const http::Json* data = member_of(answer.json, "data");
  const auto url = data != nullptr ? text_of(*data, "authorization_url") : std::nullopt;
  if (!url || answer.status >= 300) co_return reply_without_data(answer, true);
  co_return Pending{.next = Pending::Next::redirect, .redirect_url = *url};
}

Task<Reply> Paystack::submit_input(Order order, std::string input) {
  RailRequest request{
      .path = "/charge/submit_otp",
      .body = JsonWriter().begin_object().member("otp", input).member("reference", order.reference).end_object().take(),
      .time_max = create_time_max,
      .about = order.reference};
  Heard heard = co_await send(std::move(request));
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  const http::Json* data = member_of(answer.json, "data");
  if (data != nullptr && text_of(*data, "status")) co_return reply_of_charge(answer, order.amount.currency);
  const bool wrong = answer.is_json && answer.status >= 400 && answer.status < 500 && answer.status != 429;
  if (wrong) co_return Pending{.next = Pending::Next::input, .input_refused = true};
  co_return reply_without_data(answer, false);
}

Task<Reply> Paystack::pay_out(Order order) {
  const bool bank = order.channel == Channel::bank;
  const NetworkNames* names = names_of(order.network);
  if (bank ? !order.bank : names == nullptr || !order.wallet)
    co_return Failed{std::string(failure::configuration), "Paystack does not know this account"};
  JsonWriter recipient;
  recipient.begin_object().member("type", bank ? "ghipss" : "mobile_money");
  recipient.member("name", order.name.empty() ? "Customer" : order.name);
  recipient.member("account_number", bank ? order.bank->number : order.wallet->national());
  recipient.member("bank_code", bank ? std::string_view(order.bank->bank) : names->bank);
  recipient.member("currency", order.amount.currency.code());
  Heard made = co_await send({.path = "/transferrecipient",
                              .body = recipient.end_object().take(),
                              .time_max = query_time_max,
                              .about = order.reference});
  const auto* recipient_answer = std::get_if<RailAnswer>(&made);
  // No money moves by it, whatever became of it.
  if (recipient_answer == nullptr) co_return NotSent{"Paystack did not make the recipient"};
  const http::Json* data = member_of(recipient_answer->json, "data");
  const auto code = data != nullptr ? text_of(*data, "recipient_code") : std::nullopt;
  if (!code) {
    const bool refused = recipient_answer->is_json && recipient_answer->status >= 400 &&
                         recipient_answer->status < 500 && recipient_answer->status != 401 &&
                         recipient_answer->status != 429;
    if (refused) co_return Failed{std::string(failure::no_wallet), in_words(*recipient_answer)};
    co_return NotSent{"Paystack did not make the recipient: " + in_words(*recipient_answer)};
  }
  JsonWriter transfer;
  transfer.begin_object().member("source", "balance");
  write_amount(transfer, order.amount);
  transfer.member("recipient", *code).member("reference", order.reference);
  transfer.member("reason", order.description.substr(0, reason_max));
  Heard heard = co_await send({.path = "/transfer",
                               .body = transfer.end_object().take(),
                               .time_max = create_time_max,
                               .about = order.reference});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  if (is_duplicate(answer)) co_return co_await find_again(std::move(order));
  if (member_of(answer.json, "data") == nullptr) co_return reply_without_data(answer, true);
  co_return reply_of_transfer(answer, order.amount.currency);
}

Task<Reply> Paystack::refund(Order order) {
  if (!order.original) co_return Failed{std::string(failure::configuration), "a refund of nothing"};
  JsonWriter json;
  json.begin_object().member("transaction", order.original->reference);
  write_amount(json, order.amount);
  json.member("merchant_note", order.reference).member("customer_note", order.description.substr(0, reason_max));
  Heard heard = co_await send({.path = "/refund",
                               .body = json.end_object().take(),
                               .time_max = create_time_max,
                               .once = true,
                               .about = order.reference});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  const http::Json* data = member_of(answer.json, "data");
  if (data == nullptr || answer.status >= 300) co_return reply_without_data(answer, true);
  co_return reply_of_refund(*data, order.amount.currency);
}

Task<Reply> Paystack::query_refund(Order order) {
  if (!order.original) co_return Unknown{"a refund of nothing"};
  Heard heard = co_await send({.method = "GET",
                               .path = "/refund?transaction=" + http::percent_encode(order.original->reference),
                               .time_max = query_time_max,
                               .about = order.reference});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  const http::Json* data = member_of(answer.json, "data");
  if (answer.status != 200 || data == nullptr || data->kind != http::Json::Kind::array)
    co_return reply_without_data(answer, false);
  for (const http::Json& refund : data->items) {
    if (text_of(refund, "merchant_note") == order.reference) co_return reply_of_refund(refund, order.amount.currency);
  }
  co_return NotFound{};
}

Task<Reply> Paystack::query(Order order) {
  if (order.kind == OrderKind::refund) co_return co_await query_refund(std::move(order));
  const bool payout = order.kind == OrderKind::payout;
  const std::string_view place = payout                           ? "/transfer/verify/"
                                 : order.channel == Channel::card ? "/transaction/verify/"
                                                                  : "/charge/";
  Heard heard = co_await send({.method = "GET",
                               .path = std::string(place) + order.reference,
                               .time_max = query_time_max,
                               .about = order.reference});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  const auto& answer = std::get<RailAnswer>(heard);
  if (is_not_found(answer)) co_return NotFound{};
  Reply reply =
      payout ? reply_of_transfer(answer, order.amount.currency) : reply_of_charge(answer, order.amount.currency);
  // The page that the customer was sent to is still the place to pay at.
  auto* pending = std::get_if<Pending>(&reply);
  if (pending != nullptr && order.channel == Channel::card && pending->next == Pending::Next::wait)
    pending->next = Pending::Next::redirect;
  co_return reply;
}

Result<News> Paystack::read_callback(const http::Request& request, std::string_view) const {
  const auto mac = hmac_sha512(options_.secret_key.reveal(), request.body);
  const std::string expected = hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
  if (!Secret(expected).equals(request.headers.get("x-paystack-signature")))
    return fail(ErrorCode::unauthenticated, "The signature of this webhook is wrong");
  const auto json = http::Json::parse(request.body);
  const http::Json* data = json ? member_of(*json, "data") : nullptr;
  if (data == nullptr) return fail(ErrorCode::invalid, "This webhook has no data");
  const std::string event = text_of(*json, "event").value_or("");
  News news;
  if (event.starts_with("charge.") || event.starts_with("transfer."))
    news.reference = text_of(*data, "reference").value_or("");
  if (event == "charge.success" || event == "transfer.success") news.claim = Claim::succeeded;
  if (event == "transfer.failed") news.claim = Claim::failed;
  if (event == "transfer.reversed") news.claim = Claim::reversed;
  // A dispute is not the end of a payment, and a refund's webhook does not say which of ours it is.
  if (event.starts_with("charge.dispute")) news.reference.clear();
  return news;
}

Task<Result<Money>> Paystack::balance(Currency currency) {
  const Heard heard = co_await send({.method = "GET", .path = "/balance", .time_max = query_time_max});
  const auto* answer = std::get_if<RailAnswer>(&heard);
  const http::Json* data = answer != nullptr ? member_of(answer->json, "data") : nullptr;
  if (data == nullptr) co_return fail(ErrorCode::unavailable, "Paystack does not tell its balance");
  for (const http::Json& item : data->items) {
    if (text_of(item, "currency") != currency.code()) continue;
    if (text_of(item, "balance") == "0") co_return Money{0, currency};
    if (const auto money = minor_units(member_of(item, "balance"), currency)) co_return *money;
  }
  co_return fail(ErrorCode::unavailable, "Paystack names no balance in this currency");
}

Task<Result<AccountHolder>> Paystack::look_up(Payee payee) {
  const NetworkNames* names = names_of(payee.network);
  const bool bank = payee.channel == Channel::bank && payee.bank;
  if (!bank && (names == nullptr || !payee.wallet))
    co_return fail(ErrorCode::unsupported, "Paystack does not know this account");
  const std::string number = bank ? payee.bank->number : payee.wallet->national();
  const std::string code = bank ? payee.bank->bank : std::string(names->bank);
  const Heard heard = co_await send({.method = "GET",
                                     .path = "/bank/resolve?account_number=" + http::percent_encode(number) +
                                             "&bank_code=" + http::percent_encode(code),
                                     .time_max = query_time_max});
  const auto* answer = std::get_if<RailAnswer>(&heard);
  if (answer == nullptr) co_return fail(ErrorCode::unavailable, "Paystack did not answer");
  const bool unknown = answer->status == 400 || answer->status == 404 || answer->status == 422;
  if (unknown) co_return fail(ErrorCode::not_found, "Nobody has this account");
  const http::Json* data = member_of(answer->json, "data");
  if (answer->status != 200 || data == nullptr)
    co_return fail(ErrorCode::unavailable, "Paystack said " + in_words(*answer));
  co_return AccountHolder{.name = text_of(*data, "account_name")};
}

}  // namespace epay::rails::paystack
