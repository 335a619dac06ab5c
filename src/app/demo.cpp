#include "app/demo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <fstream>

#include "base/html.h"
#include "base/json_writer.h"
#include "events/endpoint.h"
#include "http/json.h"
#include "merchants/merchant.h"
#include "webhooks/signer.h"

namespace epay::app {
namespace {

constexpr std::size_t arrivals_kept = 50;

std::string member(const http::Json* object, std::string_view name) {
  const http::Json* found = object == nullptr ? nullptr : object->find(name);
  return found == nullptr ? "" : found->text;
}

// Readable by its owner only: the credentials are shown once, and a demo wants them again.
bool write_notes(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == ssize_t(text.size());
  ::close(file);
  return written;
}

constexpr std::string_view style =
    ":root{color-scheme:light dark}body{margin:0 auto;max-width:860px;padding:24px 16px;font:16px/1.5 "
    "system-ui,sans-serif;"
    "background:#f1f5f9;color:#0f172a}h1{font-size:24px;margin:0 0 4px}p{margin:0 0 20px;color:#475569}"
    "article{background:#fff;border-radius:12px;padding:16px 20px;margin:0 0 14px;box-shadow:0 1px 3px #0f172a1f}"
    "header{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center;font-weight:600}"
    ".success{color:#047857}.failed{color:#b91c1c}time{margin-left:auto;font-weight:400;color:#64748b;font-size:14px}"
    "small{display:block;color:#64748b;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:13px;line-height:1.45;background:#f8fafc;border-radius:"
    "8px;"
    "padding:10px 12px;margin:10px 0 0}@media(prefers-color-scheme:dark){body{background:#0b1220;color:#e2e8f0}"
    "article{background:#162032}pre{background:#0f1829}p,time,small{color:#a3b1c6}.success{color:#34d399}.failed{color:"
    "#f87171}}";

}  // namespace

std::optional<Demo::Shop> Demo::read_notes(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto json = http::Json::parse(text);
  if (!json) return std::nullopt;
  Shop shop{.account = {.merchant_key = member(&*json, "merchant_key"),
                        .app_id = member(&*json, "app_id"),
                        .app_secret = member(&*json, "app_secret"),
                        .webhook_secret = member(&*json, "webhook_secret")},
            .email = member(&*json, "email"),
            .password = member(&*json, "password")};
  const std::string id = member(&*json, "merchant_id");
  std::from_chars(id.data(), id.data() + id.size(), shop.account.merchant.value);
  return shop;
}

std::string Demo::to_notes(const Shop& shop) {
  JsonWriter json;
  json.begin_object()
      .member("merchant_id", shop.account.merchant.value)
      .member("merchant_key", shop.account.merchant_key)
      .member("app_id", shop.account.app_id)
      .member("app_secret", shop.account.app_secret)
      .member("webhook_secret", shop.account.webhook_secret)
      .member("email", shop.email)
      .member("password", shop.password);
  return json.end_object().take();
}

Demo::Demo(Clock& clock, Random& random, Network& network, Log& log)
    : clock_(clock), network_(network), server_(clock, random, log, router_, {}), tasks_(clock, log, "demo") {
  router_.add("POST", "/webhook", [this](http::Request& request) { return receive(request); });
  router_.add("GET", "/", [this](http::Request&) -> Task<http::Response> { co_return page(); });
  router_.add("GET", "/latest", [this](http::Request&) -> Task<http::Response> {
    co_return http::Response::text(200, arrivals_.empty() ? "Nothing yet.\n" : arrivals_.front().body + "\n");
  });
  router_.set_fallback([](const http::Request&, const std::string&) {
    return http::Response::text(404, "The demo's receiver takes POST /webhook, and shows what came at /\n");
  });
}

Task<Result<Demo::Shop>> Demo::find_or_open_shop(VerbContext& context, std::string notes, std::string webhook_url) {
  const std::vector<std::string> loopback{"127.0.0.0/8"};
  auto known = read_notes(notes);
  if (known) {
    const auto moved = co_await context.database.write([&](db::Transaction& tx) -> Result<> {
      const auto endpoints = events::list_endpoints(tx, known->account.merchant);
      if (endpoints.empty()) return fail(ErrorCode::not_found, "the demo merchant is not in this database");
      // A rolled key is what programs have to give now.
      const auto merchant = merchants::find_merchant(tx, known->account.merchant);
      if (!merchant) return std::unexpected(merchant.error());
      known->account.merchant_key = merchant->merchant_key;
      return events::set_endpoint_url(tx, endpoints.front().key, webhook_url, context.clock.now());
    });
    if (moved) co_return *known;
  }
  // The account of an earlier demo whose notes are gone keeps its email.
  constexpr std::size_t password_length = 14;
  Shop shop{.email = "demo-" + context.random.text(6, Random::hex_digits) + "@example.com",
            .password = context.random.text(password_length, Random::letters_and_digits)};
  const auto account = co_await open_account(
      context, {"Epay demo shop", shop.email, "0240000000", shop.password, webhook_url}, loopback);
  if (!account) co_return std::unexpected(account.error());
  shop.account = *account;
  if (!write_notes(notes, to_notes(shop))) {
    co_return fail(ErrorCode::unavailable, "cannot write the demo's credentials to " + notes);
  }
  co_return shop;
}

Task<Result<>> Demo::start(VerbContext& context, SocketAddress service, std::string notes) {
  const auto loopback = IpAddress::loopback();
  auto listener = network_.listen({loopback, static_cast<std::uint16_t>(service.port + 1)}, std::nullopt);
  if (!listener) listener = network_.listen({loopback, 0}, std::nullopt);
  if (!listener) co_return std::unexpected(listener.error());
  const SocketAddress receiver = (*listener)->local();
  tasks_.spawn(server_.serve(*std::move(listener)));
  const auto shop =
      co_await find_or_open_shop(context, std::move(notes), "http://" + receiver.to_string() + "/webhook");
  if (!shop) co_return std::unexpected(shop.error());
  webhook_secret_ = shop->account.webhook_secret.value_or("");
  print_welcome(*shop, service, receiver);
  co_return Result<>();
}

void Demo::print_welcome(const Shop& shop, SocketAddress service, SocketAddress receiver) const {
  // Listening on every address is reached by the nearest.
  const bool everywhere = service.to_string().starts_with("0.0.0.0:") || service.to_string().starts_with("[::]:");
  if (everywhere) service.ip = IpAddress::loopback();
  const std::string api = "http://" + service.to_string() + "/api/v1";
  const Account& account = shop.account;
  const std::string owner =
      shop.password.empty() ? "" : "  log in as    " + shop.email + "   password " + shop.password + "\n";
  std::printf(
      "\n  Epay is running at http://%s (test mode: no real money moves).\n\n%s"
      "  merchant key %s   app id %s\n  app secret   %s\n  webhooks go to http://%s/webhook and are shown here below "
      "and at http://%s/\n\n"
      "  1. Get a token:\n\n"
      "TOKEN=$(curl -s %s/token -H 'Content-Type: application/json' -d '{\"merchant_key\":\"%s\",\"app_id\":\"%s\","
      "\"app_secret\":\"%s\"}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/'); echo $TOKEN\n\n"
      "  2. Charge a mobile wallet (the wallet 0240000451 refuses; \"payment_method\":\"card\" gives the address of a "
      "card page):\n\n"
      "curl -s %s/charge -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d "
      "'{\"reference\":\"demo-'$(date +%%s)'\",\"amount\":1,\"payment_method\":\"momo\",\"customer_name\":\"Ama "
      "Mensah\","
      "\"customer_email\":\"ama@example.com\",\"customer_telephone\":\"0201234567\",\"mobile_wallet_number\":"
      "\"0240000000\","
      "\"mobile_wallet_network\":\"mtn\",\"payment_description\":\"A first payment\"}'; echo\n\n"
      "  3. See the webhook, two seconds later, here below or with:\n\n"
      "curl -s http://%s/latest\n\n",
      service.to_string().c_str(), owner.c_str(), account.merchant_key.c_str(), account.app_id.c_str(),
      account.app_secret.c_str(), receiver.to_string().c_str(), receiver.to_string().c_str(), api.c_str(),
      account.merchant_key.c_str(), account.app_id.c_str(), account.app_secret.c_str(), api.c_str(),
      receiver.to_string().c_str());
  std::fflush(stdout);
}

Task<http::Response> Demo::receive(http::Request& request) {
  Arrival arrival{.at = clock_.now().to_wire(), .event = std::string(request.headers.get("epay-event"))};
  arrival.webhook_id = request.headers.get("webhook-id");
  arrival.body = request.body;
  const auto number = [&](std::string_view name, auto& into) {
    const std::string_view text = request.headers.get(name);
    std::from_chars(text.data(), text.data() + text.size(), into);
  };
  std::int64_t timestamp = 0;
  number("webhook-timestamp", timestamp);
  number("epay-delivery-attempt", arrival.attempt);
  constexpr std::string_view prefix = "whsec_";
  const auto secret =
      base64_decode(std::string_view(webhook_secret_).substr(std::min(prefix.size(), webhook_secret_.size())));
  if (secret) {
    const auto expected = webhooks::sign(Secret(*secret), {arrival.webhook_id, {timestamp * 1'000'000}, request.body});
    arrival.signature_ok = Secret(expected).equals(request.headers.get("webhook-signature"));
  }
  if (const auto json = http::Json::parse(request.body)) {
    const http::Json* transaction = json->find("transaction");
    arrival.reference = member(transaction, "reference");
    arrival.status = member(transaction, "status");
    arrival.amount = member(transaction, "amount");
  }
  std::printf("  webhook %zu  %s  %s  %s  amount %s  try %d  signature %s\n             %s\n", ++arrived_,
              arrival.at.c_str(), arrival.event.c_str(), arrival.reference.c_str(), arrival.amount.c_str(),
              arrival.attempt, arrival.signature_ok ? "ok" : "WRONG", arrival.body.c_str());
  std::fflush(stdout);
  arrivals_.push_front(std::move(arrival));
  if (arrivals_.size() > arrivals_kept) arrivals_.pop_back();
  co_return http::Response::text(200, "thank you\n");
}

http::Response Demo::page() const {
  std::string list;
  for (const Arrival& arrival : arrivals_) {
    const bool success = arrival.status == "success";
    list += "<article><header><span class=\"" + std::string(success ? "success" : "failed") + "\">" +
            escape_html(arrival.event) + "</span><span>" + escape_html(arrival.reference) + "</span><span>amount " +
            escape_html(arrival.amount) + "</span><time>" + arrival.at + " UTC</time></header><small>" +
            escape_html(arrival.webhook_id) + " · try " + std::to_string(arrival.attempt) + " · signature " +
            (arrival.signature_ok ? "ok" : "WRONG") + "</small><pre>" + escape_html(arrival.body) + "</pre></article>";
  }
  if (list.empty()) list = "<article>Nothing yet. Charge something: the commands are in the terminal.</article>";
  return http::Response::html(
      200,
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Webhooks received</title>"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"refresh\" "
      "content=\"2\">"
      "<style>" +
          std::string(style) + "</style><h1>Webhooks received</h1><p>" + std::to_string(arrived_) +
          " so far, the latest first. This is the demo merchant's own receiver.</p>" + list + "</html>");
}

}  // namespace epay::app
