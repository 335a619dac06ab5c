#include "pages/phone_view.h"

#include <algorithm>

#include "base/crypto.h"
#include "images/qr.h"
#include "pages/format.h"
#include "pages/networks.h"

namespace epay::pages {
namespace {

using rails::simulator::OrderStatus;
using rails::simulator::Phone;
using rails::simulator::SimulatedOrder;
using rails::simulator::Voucher;

struct Message {
  Timestamp at;
  std::string kind, text;
};

std::string merchant_of(const SimulatedOrder& order, const Texts& texts) {
  return order.merchant.empty() ? std::string(texts.at("phone.unknown_merchant")) : order.merchant;
}

std::string_view reason_of(const SimulatedOrder& order) {
  const std::string failure = order.failure.value_or("");
  if (failure == "APPROVAL_REJECTED") return "phone.reason_declined";
  if (failure == "PAYMENT_NOT_APPROVED") return "phone.reason_pin";
  if (failure == "EXPIRED") return "phone.reason_expired";
  if (failure == "INVALID_OTP") return "phone.reason_code";
  if (failure == "INVALID_VOUCHER") return "phone.reason_voucher";
  return "phone.reason_other";
}

void add_messages(std::vector<Message>& messages, const SimulatedOrder& order, const Texts& texts) {
  const std::string amount = format_money(order.amount, texts);
  const std::string merchant = merchant_of(order, texts);
  if (order.code) {
    messages.push_back(
        {order.created_at, "code",
         texts.format("phone.code", {{"code", *order.code}, {"amount", amount}, {"merchant", merchant}})});
  }
  if (order.is_open()) return;
  const Timestamp at = order.decided_at.value_or(order.created_at);
  if (order.status == OrderStatus::failed) {
    messages.push_back(
        {at, "failed",
         texts.format("phone.failed",
                      {{"amount", amount}, {"merchant", merchant}, {"reason", texts.at(reason_of(order))}})});
    return;
  }
  const std::string kind = order.payout ? "received" : "paid";
  messages.push_back({at, kind, texts.format("phone." + kind, {{"amount", amount}, {"merchant", merchant}})});
}

Message message_of(const Voucher& voucher, const Texts& texts, Timestamp now) {
  const std::string_view key = voucher.used           ? "phone.voucher_used"
                               : voucher.is_good(now) ? "phone.voucher"
                                                      : "phone.voucher_old";
  return {voucher.created_at, "voucher",
          texts.format(key, {{"code", voucher.code}, {"time", format_time(voucher.expires_at, texts)}})};
}

std::vector<Message> messages_of(const Phone& phone, const Texts& texts, Timestamp now) {
  std::vector<Message> messages;
  for (const SimulatedOrder& order : phone.orders) add_messages(messages, order, texts);
  for (const Voucher& voucher : phone.vouchers) messages.push_back(message_of(voucher, texts, now));
  std::ranges::sort(messages, std::ranges::greater(), &Message::at);
  return messages;
}

View prompt_of(const Phone& phone, const Texts& texts) {
  const SimulatedOrder& order = phone.prompts.front();
  View prompt;
  prompt.set("reference", order.reference)
      .set("merchant", merchant_of(order, texts))
      .set("amount", format_money(order.amount, texts))
      .set("description", order.description.empty() ? order.reference : order.description)
      .set("until",
           texts.format("phone.until", {{"time", format_time(order.decides_at.value_or(order.created_at), texts)}}));
  if (order.wrong_pins > 0) {
    const std::string left = std::to_string(rails::simulator::wrong_pins_max - order.wrong_pins);
    prompt.set("wrong_pin", texts.format("phone.wrong_pin", {{"left", left}}));
  }
  if (phone.prompts.size() > 1) {
    prompt.set("more", texts.format("phone.more", {{"count", std::to_string(phone.prompts.size() - 1)}}));
  }
  return prompt;
}

void set_hand(View& view, const Phone& phone, const Texts& texts) {
  const bool always = rails::simulator::is_test_phone(phone.number);
  const std::string until = phone.held_until ? format_time(*phone.held_until, texts) : "";
  view.set("may_take", !always).set("held", phone.held_until.has_value());
  view.set("take_text", texts.at(phone.held_until ? "phone.keep" : "phone.take"));
  view.set("hand", always             ? std::string(texts.at("phone.hand_always"))
                   : phone.held_until ? texts.format("phone.hand_held", {{"time", until}})
                                      : std::string(texts.at("phone.hand_not")));
}

}  // namespace

std::string version_of(const Phone& phone, Timestamp now) {
  std::string shown;
  for (const SimulatedOrder& order : phone.orders) {
    shown += order.reference + "," + std::to_string(static_cast<int>(order.status)) + "," +
             std::to_string(order.wrong_pins) + (order.put_off ? "-;" : ";");
  }
  for (const Voucher& voucher : phone.vouchers) {
    shown += voucher.code + (voucher.used ? "u" : voucher.is_good(now) ? "g" : "o");
  }
  if (phone.held_until) shown += std::to_string(phone.held_until->micros);
  return hex_encode(to_bytes(sha256(shown))).substr(0, 16);
}

View view_of(const Phone& phone, std::string_view problem, const std::string& address, const Texts& texts,
             Timestamp now) {
  const std::string number = spaced_number(phone.number.national());
  View view;
  view.set("title", texts.format("phone.title", {{"number", number}}))
      .set("path", phone.number.national())
      .set("number", number)
      .set("network", network_label(guess_network(phone.number)))
      .set("version", version_of(phone, now))
      .set("idle", texts.at(phone.is_in_hand() ? "phone.idle" : "phone.idle_not_held"))
      .set("vouchers", rails::simulator::makes_vouchers(phone.number))
      .set("qr", images::qr_svg(address, texts.format("phone.qr_title", {{"number", number}})));
  if (!problem.empty()) view.set("problem", texts.at(problem));
  if (!phone.prompts.empty()) view.set("prompt", prompt_of(phone, texts));
  std::vector<View> waiting;
  for (const SimulatedOrder& order : phone.put_off) {
    const std::string amount = format_money(order.amount, texts);
    const std::string text =
        texts.format("phone.take_up", {{"amount", amount}, {"merchant", merchant_of(order, texts)}});
    waiting.emplace_back().set("reference", order.reference).set("text", text);
  }
  view.set("waiting", std::move(waiting));
  std::vector<View> messages;
  for (const Message& message : messages_of(phone, texts, now)) {
    if (messages.empty()) view.set("latest", message.text);
    messages.emplace_back()
        .set("kind", message.kind)
        .set("text", message.text)
        .set("time", format_time(message.at, texts));
  }
  view.set("no_messages", messages.empty()).set("messages", std::move(messages));
  set_hand(view, phone, texts);
  return view;
}

}  // namespace epay::pages
