#include "rails/hubtel/hubtel.h"

#include "base/crypto.h"
#include "base/json_writer.h"
#include "rails/failure_code.h"
#include "rails/hubtel/replies.h"
#include "rails/order_text.h"
#include "rails/reply_reader.h"

namespace epay::rails::hubtel {
namespace {

constexpr std::size_t description_max = 100;
// Nothing is documented; a question is wanted only where no callback came.
constexpr int queries_per_second_max = 5;

struct ChannelName {
  std::string_view network, channel;
};
constexpr ChannelName channels[] = {{"mtn", "mtn-gh"}, {"telecel", "vodafone-gh"}, {"airteltigo", "tigo-gh"}};

// "" where Hubtel does not know the network.
std::string_view channel_of(std::string_view network) {
  for (const ChannelName& name : channels) {
    if (name.network == network) return name.channel;
  }
  return "";
}

Failed not_to_be_sent(std::string_view why) { return {std::string(failure::configuration), std::string(why)}; }

Addresses read_addresses(Settings& settings) {
  const std::string one = settings.text_or("url", "");
  auto each = settings.object("addresses");
  if (!one.empty()) {
    if (each) settings.problem("addresses", "cannot stand beside url, which is the address of all of them");
    const std::string all = settings.address("url", one);
    return {all, all, all, all, all + "/v2", all, all};
  }
  const auto address = [&](std::string_view name, std::string_view otherwise) {
    return each ? each->address(name, otherwise) : std::string(otherwise);
  };
  Addresses addresses{.receive = address("receive", "https://rmp.hubtel.com"),
                      .status = address("status", "https://api-txnstatus.hubtel.com"),
                      .send = address("send", "https://smp.hubtel.com"),
                      .payout_status = address("payout_status", "https://smrsc.hubtel.com"),
                      .verify = address("verify", "https://rnv.hubtel.com/v2"),
                      .refund = address("refund", "https://refund-api.hubtel.com"),
                      .balance = address("balance", "https://trnf.hubtel.com")};
  if (each) each->end();
  return addresses;
}

}  // namespace

Options read_options(Settings& settings) {
  Options options{.mode = settings.mode("mode"),
                  .api_id = settings.text("api_id"),
                  .api_key = settings.secret("api_key"),
                  .pos_sales_id = settings.text_or("pos_sales_id", ""),
                  .prepaid_account = settings.text_or("prepaid_account", ""),
                  .addresses = read_addresses(settings)};
  if (options.pos_sales_id.empty() && options.prepaid_account.empty())
    settings.problem("pos_sales_id", "is missing, and so is prepaid_account: one of the two is needed");
  return options;
}

Hubtel::Hubtel(const RailTools& tools, Options options)
    : tools_(tools),
      options_(std::move(options)),
      receive_(tools.log, tools.client, "hubtel", options_.addresses.receive),
      status_(tools.log, tools.client, "hubtel", options_.addresses.status),
      send_(tools.log, tools.client, "hubtel", options_.addresses.send),
      payout_status_(tools.log, tools.client, "hubtel", options_.addresses.payout_status),
      verify_(tools.log, tools.client, "hubtel", options_.addresses.verify),
      refund_(tools.log, tools.client, "hubtel", options_.addresses.refund),
      balance_(tools.log, tools.client, "hubtel", options_.addresses.balance) {}

Capabilities Hubtel::capabilities() const {
  return {.refunds = !options_.pos_sales_id.empty(),
          .wants_customer = true,
          .first_query_after = seconds(60),
          .customer_window = seconds(90),
          .queries_per_second_max = queries_per_second_max};
}

bool Hubtel::serves(const Need& need) const {
  const bool payout = need.kind == OrderKind::payout;
  const bool account = !(payout ? options_.prepaid_account : options_.pos_sales_id).empty();
  const bool channel = need.channel == Channel::momo || (payout && need.channel == Channel::bank);
  const bool network = need.channel == Channel::bank || need.network.empty() || !channel_of(need.network).empty();
  return serves_mode(need.mode) && need.currency == Currency::ghs() && account && channel && network;
}

std::string Hubtel::callback_address(const Order& order) const {
  return tools_.callbacks.address(order.origin, name(), order.reference);
}

Task<Heard> Hubtel::send(RailHttp& host, RailRequest request) {
  request.headers.add("Authorization", "Basic " + base64_encode(options_.api_id + ":" + options_.api_key.reveal()));
  if (!request.body.empty()) request.headers.add("Content-Type", "application/json");
  return host.send(std::move(request));
}

Task<Heard> Hubtel::get(RailHttp& host, std::string path, std::string about) {
  co_return co_await send(
      host, {.method = "GET", .path = std::move(path), .time_max = query_time_max, .about = std::string_view(about)});
}

Task<Reply> Hubtel::create(RailHttp& host, Create what, std::string reference) {
  Heard heard = co_await send(host, {.path = std::move(what.path),
                                     .body = std::move(what.body),
                                     .time_max = create_time_max,
                                     .once = true,
                                     .about = std::string_view(reference)});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  co_return reply_to_create(std::get<RailAnswer>(heard));
}

Task<Reply> Hubtel::collect(Order order) {
  const std::string_view channel = channel_of(order.network);
  if (channel.empty() || !order.wallet) co_return not_to_be_sent("Hubtel does not know this network");
  JsonWriter json;
  json.begin_object();
  if (!order.name.empty()) json.member("CustomerName", order.name);
  json.member("CustomerMsisdn", order.wallet->international());
  if (!order.email.empty()) json.member("CustomerEmail", order.email);
  json.member("Channel", channel).key("Amount").raw(fixed_decimal(order.amount));
  json.member("PrimaryCallbackURL", callback_address(order));
  json.member("Description", plain_text(order.description, description_max));
  json.member("ClientReference", order.reference).end_object();
  co_return co_await create(
      receive_,
      {"/merchantaccount/merchants/" + http::percent_encode(options_.pos_sales_id) + "/receive/mobilemoney",
       json.take()},
      order.reference);
}

Task<Reply> Hubtel::pay_out(Order order) {
  const bool bank = order.channel == Channel::bank;
  const std::string_view channel = channel_of(order.network);
  if (bank ? !order.bank : channel.empty() || !order.wallet)
    co_return not_to_be_sent("Hubtel does not know this account");
  std::string path = "/api/merchants/" + http::percent_encode(options_.prepaid_account) + "/send/";
  JsonWriter json;
  json.begin_object();
  if (bank) {
    path += "bank/gh/" + http::percent_encode(order.bank->bank);
    json.member("BankAccountNumber", order.bank->number);
    if (!order.name.empty()) json.member("BankAccountName", order.name);
  } else {
    path += "mobilemoney";
    // Where the name is not known its document asks for the number.
    json.member("RecipientName", order.name.empty() ? order.wallet->international() : order.name);
    json.member("RecipientMsisdn", order.wallet->international()).member("Channel", channel);
  }
  json.key("Amount").raw(fixed_decimal(order.amount));
  json.member(bank ? "PrimaryCallbackUrl" : "PrimaryCallbackURL", callback_address(order));
  json.member("Description", plain_text(order.description, description_max));
  json.member("ClientReference", order.reference).end_object();
  co_return co_await create(send_, {std::move(path), json.take()}, order.reference);
}

Task<Reply> Hubtel::refund(Order order) {
  if (!order.original || !order.original->rail_id)
    co_return not_to_be_sent("Hubtel's own number of the payment is not known");
  if (order.amount != order.original->amount)
    co_return Failed{std::string(failure::not_permitted), "Hubtel gives back the whole of a payment only"};
  // The order's id is the transaction's: both stand in the callback, and are the same.
  Heard heard = co_await send(
      refund_, {.path = "/refund/" + http::percent_encode(options_.pos_sales_id) + "/order/" +
                        http::percent_encode(*order.original->rail_id),
                .body = JsonWriter().begin_object().member("callbackUrl", callback_address(order)).end_object().take(),
                .time_max = create_time_max,
                .once = true,
                .about = std::string_view(order.reference)});
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  co_return reply_to_refund(std::get<RailAnswer>(heard), order);
}

Task<Reply> Hubtel::submit_input(Order order, std::string) { return query(std::move(order)); }

Task<Reply> Hubtel::query(Order order) {
  const bool refund = order.kind == OrderKind::refund;
  if (refund && !order.original) co_return Unknown{"a refund of nothing"};
  const bool payout = order.kind == OrderKind::payout;
  const std::string asked = "?clientReference=" + (refund ? order.original->reference : order.reference);
  Heard heard =
      payout ? co_await get(
                   payout_status_,
                   "/api/merchants/" + http::percent_encode(options_.prepaid_account) + "/transactions/status" + asked,
                   order.reference)
             : co_await get(status_, "/transactions/" + http::percent_encode(options_.pos_sales_id) + "/status" + asked,
                            order.reference);
  if (auto reply = reply_without_answer(heard)) co_return *std::move(reply);
  co_return reply_to_query(std::get<RailAnswer>(heard), order, tools_.clock.now());
}

Result<News> Hubtel::read_callback(const http::Request& request, std::string_view reference) const {
  if (reference.empty()) return fail(ErrorCode::not_found, "Hubtel calls back at an address of each order's own");
  News news{.reference = std::string(reference)};
  // Nothing is signed: it is a reason to ask, whatever stands in it.
  const auto json = http::Json::parse(request.body);
  const http::Json* data = json ? data_of(*json) : nullptr;
  if (data != nullptr && word_of(*data, "ClientReference") == news.reference) news.claim = claim_of(*json);
  return news;
}

Task<Result<Money>> Hubtel::balance(Currency currency) {
  if (options_.prepaid_account.empty() || currency != Currency::ghs())
    co_return fail(ErrorCode::unsupported, "Hubtel holds nothing to send in this currency");
  const Heard heard = co_await get(
      balance_, "/api/inter-transfers/prepaid/" + http::percent_encode(options_.prepaid_account), "balance");
  const auto* answer = std::get_if<RailAnswer>(&heard);
  if (answer == nullptr) co_return fail(ErrorCode::unavailable, "Hubtel did not answer");
  const http::Json* data = data_of(answer->json);
  const auto held = data != nullptr ? word_of(*data, "amount") : std::nullopt;
  if (answer->status != 200 || !held) co_return fail(ErrorCode::unavailable, "Hubtel said " + in_words(*answer));
  if (held->find_first_not_of("0.") == std::string::npos) co_return Money{0, currency};
  const auto money = major_units(part_of(*data, "amount"), currency);
  if (!money) co_return fail(ErrorCode::unavailable, "Hubtel names a balance that cannot be read");
  co_return *money;
}

Task<Result<AccountHolder>> Hubtel::look_up(Payee payee) {
  const bool bank = payee.channel == Channel::bank && payee.bank;
  const std::string_view channel = channel_of(payee.network);
  if (options_.pos_sales_id.empty() || (!bank && (channel.empty() || !payee.wallet)))
    co_return fail(ErrorCode::unsupported, "Hubtel does not know this account");
  const std::string base = "/merchantaccount/merchants/" + http::percent_encode(options_.pos_sales_id);
  const std::string place =
      bank ? "/bank/verify/" + http::percent_encode(payee.bank->bank) + "/" + http::percent_encode(payee.bank->number)
           : "/mobilemoney/verify?channel=" + std::string(channel) + "&customerMsisdn=" + payee.wallet->international();
  const Heard heard = co_await get(verify_, base + place, "look-up");
  const auto* answer = std::get_if<RailAnswer>(&heard);
  if (answer == nullptr) co_return fail(ErrorCode::unavailable, "Hubtel did not answer");
  const std::string code = word_of(answer->json, "ResponseCode").value_or("");
  const bool unknown = (code == "2001" || code == "3000") && answer->status != 424 && answer->status < 500;
  if (unknown) co_return fail(ErrorCode::not_found, "Nobody has this account");
  const http::Json* data = data_of(answer->json);
  if (answer->status != 200 || code != "0000" || data == nullptr)
    co_return fail(ErrorCode::unavailable, "Hubtel said " + in_words(*answer));
  const http::Json* registered = part_of(*data, "IsRegistered");
  if (registered != nullptr && !registered->truth) co_return fail(ErrorCode::not_found, "This number has no wallet");
  const auto status = word_of(*data, "Status");
  co_return AccountHolder{.active = !status || http::equal_ignoring_case(*status, "active"),
                          .name = word_of(*data, "Name")};
}

}  // namespace epay::rails::hubtel
