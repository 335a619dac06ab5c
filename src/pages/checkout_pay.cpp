// GET and POST /pay/{slug}: a payment page.
#include "merchants/merchant.h"
#include "pages/checkout.h"
#include "pages/checkout_form.h"
#include "pages/checkout_frame.h"
#include "pages/format.h"
#include "pages/logos.h"

namespace epay::pages {
namespace {

constexpr int not_found = 404;
constexpr int unprocessable = 422;

// The rule as the template shows it.
View amount_view(const payments::PageSettings& page, const CheckoutForm& form, const Texts& texts) {
  const payments::AmountRule& rule = page.amount;
  const auto shown = [&](std::int64_t minor) { return format_money({minor, page.currency}, texts); };
  View view = form.field("amount");
  view.set("currency", page.currency.code());
  if (rule.kind == payments::AmountKind::fixed) view.set("fixed", shown(*rule.fixed));
  if (rule.kind == payments::AmountKind::open) view.set("open", true);
  std::string hint;
  if (rule.least && rule.most) {
    hint = texts.format("pay.amount_between", {{"least", shown(*rule.least)}, {"most", shown(*rule.most)}});
  } else if (rule.least) {
    hint = texts.format("pay.amount_least", {{"least", shown(*rule.least)}});
  } else if (rule.most) {
    hint = texts.format("pay.amount_most", {{"most", shown(*rule.most)}});
  }
  if (!hint.empty()) view.set("hint", hint);
  if (rule.kind != payments::AmountKind::choices) return view;
  std::vector<View> choices;
  for (const std::int64_t minor : rule.choices) {
    const std::string decimal = Money{minor, page.currency}.to_decimal();
    choices.push_back(
        View().set("value", decimal).set("label", shown(minor)).set("chosen", form.value("choice") == decimal));
  }
  view.set("choices", View().set("list", std::move(choices)).set("other", rule.other));
  view.set("other_chosen", form.value("choice") == payments::other_choice);
  return view;
}

std::vector<View> fields_view(const std::vector<payments::PageField>& fields, const CheckoutForm& form) {
  using payments::FieldKind;
  std::vector<View> list;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const payments::PageField& field = fields[i];
    const std::string name = payments::field_name(i);
    View view = form.field(name);
    view.set("name", name)
        .set("label", field.label)
        .set("required", field.required)
        .set("is_text", field.kind == FieldKind::text)
        .set("is_number", field.kind == FieldKind::number)
        .set("is_choice", field.kind == FieldKind::choice)
        .set("is_checkbox", field.kind == FieldKind::checkbox)
        .set("ticked", form.value(name) == payments::ticked);
    std::vector<View> choices;
    for (const std::string& choice : field.choices)
      choices.push_back(View().set("label", choice).set("chosen", form.value(name) == choice));
    view.set("choices", std::move(choices));
    list.push_back(std::move(view));
  }
  return list;
}

struct Closed {
  std::string_view kind;
  int status;
};

Closed closed_as(payments::PageState state) {
  switch (state) {
    case payments::PageState::inactive: return {"ended.inactive", 404};
    case payments::PageState::expired: return {"ended.page_expired", 410};
    case payments::PageState::sold_out: return {"ended.sold_out", 410};
    case payments::PageState::open: break;
  }
  return {"ended.unavailable", 503};
}

}  // namespace

http::Response CheckoutPages::page_closed(const http::Request& request, const payments::CountedPage& page,
                                          payments::PageState state) {
  const Texts& texts = texts_for(request);
  const auto [kind, status] = closed_as(state);
  const std::string title(texts.at(std::string(kind) + "_title"));
  View view;
  view.set("heading", title)
      .set("text", texts.format(std::string(kind) + "_text", {{"page", page.page.settings.name}}))
      .set("tone", "quiet");
  return render_checkout(
      request, "checkout/ended", std::move(view), texts, random_,
      {.title = title, .mode = page.page.mode, .status = status, .frame_ancestors = frame_ancestors_of(page.page)});
}

http::Response CheckoutPages::page_without_methods(const http::Request& request, const payments::PaymentPage& page,
                                                   const std::string& merchant) {
  const Texts& texts = texts_for(request);
  const std::string title(texts.at("ended.no_method_title"));
  View view;
  view.set("heading", title)
      .set("text", texts.format("ended.no_method_text", {{"page", page.settings.name},
                                                         {"currency", page.settings.currency.code()},
                                                         {"merchant", merchant}}))
      .set("tone", "quiet");
  return render_checkout(
      request, "checkout/ended", std::move(view), texts, random_,
      {.title = title, .mode = page.mode, .status = not_found, .frame_ancestors = frame_ancestors_of(page)});
}

http::Response CheckoutPages::page_form(const http::Request& request, const payments::PaymentPage& page,
                                        const std::string& merchant, const CheckoutForm& form, int status,
                                        bool scripts) {
  const Texts& texts = texts_for(request);
  const payments::PageSettings& settings = page.settings;
  View view;
  view.set("page_name", settings.name)
      .set("merchant", merchant)
      .set("monogram", monogram_of(merchant))
      .set("amount", amount_view(settings, form, texts))
      .set("name", form.field("name"))
      .set("email", form.field("email"))
      .set("telephone", form.field("telephone"))
      .set("note", form.field("note"))
      .set("fields", fields_view(settings.fields, form))
      .set("methods", form.methods_view(methods_of({page.key.merchant, page.mode}, settings.currency)))
      .set("form", form.value("form"));
  if (settings.description) view.set("description", *settings.description);
  if (settings.logo) view.set("logo", image_url(page.key.merchant, *settings.logo));
  if (!form.good()) view.set("errors", View().set("list", form.errors()));
  const std::string title = (form.good() ? "" : std::string(texts.at("pay.error_title")) + " · ") + settings.name;
  return render_checkout(request, "checkout/pay", std::move(view), texts, random_,
                         {.title = title,
                          .mode = page.mode,
                          .status = status,
                          .frame_ancestors = frame_ancestors_of(page),
                          .scripts = scripts});
}

http::Response CheckoutPages::preview(const http::Request& request, const payments::PaymentPage& page,
                                      const std::string& merchant) {
  return page_form(request, page, merchant, CheckoutForm(texts_for(request)), 200, false);
}

Task<Result<CheckoutPages::FoundPage>> CheckoutPages::find_page(std::string slug) {
  co_return co_await database_.read([&slug](db::Transaction& tx) -> Result<FoundPage> {
    auto page = payments::find_page_by_slug(tx, slug);
    if (!page) return std::unexpected(page.error());
    const auto merchant = merchants::find_merchant(tx, page->page.key.merchant);
    if (!merchant) return std::unexpected(merchant.error());
    // What is found is for showing.
    if (!page->page.settings.logo) page->page.settings.logo = merchant->logo;
    return FoundPage{*std::move(page), merchant->name};
  });
}

Task<http::Response> CheckoutPages::show_page(http::Request& request) {
  const auto found = co_await find_page(request.path_parameters.at(0));
  if (!found) co_return problem(request, found.error());
  const payments::PaymentPage& page = found->page.page;
  const auto state = payments::state_of(page, found->page.totals, clock_.now());
  if (state != payments::PageState::open) co_return page_closed(request, found->page, state);
  if (!methods_of({page.key.merchant, page.mode}, page.settings.currency).any()) {
    co_return page_without_methods(request, page, found->merchant);
  }
  if (request.method == "GET") {
    if (views_.empty()) flush_.notify();
    ++views_[page.key];
  }
  CheckoutForm form(texts_for(request));
  form.set("form", random_.text(payments::checkout_token_length, Random::letters_and_digits));
  co_return page_form(request, page, found->merchant, form, 200);
}

Task<http::Response> CheckoutPages::pay_page(http::Request& request) {
  const Texts& texts = texts_for(request);
  auto found = co_await find_page(request.path_parameters.at(0));
  if (!found) co_return problem(request, found.error());
  const payments::PaymentPage& page = found->page.page;
  const Methods methods = methods_of({page.key.merchant, page.mode}, page.settings.currency);
  if (!methods.any()) co_return page_without_methods(request, page, found->merchant);
  auto form = CheckoutForm::read(request, texts);
  if (!form) co_return problem(request, {ErrorCode::invalid, "no form"});
  if (!payments::is_checkout_token(form->value("form")))
    form->set("form", random_.text(payments::checkout_token_length, Random::letters_and_digits));

  // In the order of the page, so that the summary of what is wrong is too.
  const Money amount = form->amount(page.settings);
  const payments::NewCustomer customer = form->customer();
  const auto answers = form->answers(page.settings.fields);
  const auto note = form->note();
  const MethodChoice method = form->method(methods);
  if (!form->good()) co_return page_form(request, page, found->merchant, *form, unprocessable);
  if (const auto wait = attempts_by_address_.take(request.client.to_string(), clock_.ticks(), members_.living())) {
    form->wrong_says("", wait_message("pay_error.too_many_from_here", *wait, texts));
    co_return page_form(request, page, found->merchant, *form, 429);
  }

  payments::NewPagePayment wanted{.page = page.key,
                                  .token = std::string(form->value("form")),
                                  .customer = customer,
                                  .amount = amount,
                                  .description = note,
                                  .answers = answers};
  const bool card = method.channel == rails::Channel::card;
  wanted.method = card ? payments::Method::card : payments::Method::momo;
  if (method.wallet) wanted.wallet_number = method.wallet->national();
  if (method.network) wanted.wallet_network = std::string(method.network->wire_name);
  const auto token = co_await processor_.open_page_payment(std::move(wanted));
  if (!token) {
    // Somebody was faster, or the merchant has closed or changed the page meanwhile.
    found = co_await find_page(request.path_parameters.at(0));
    if (!found) co_return problem(request, found.error());
    const auto state = payments::state_of(found->page.page, found->page.totals, clock_.now());
    if (state != payments::PageState::open) co_return page_closed(request, found->page, state);
    form->wrong_says("", std::string(texts.at("pay_error.try_again")));
    co_return page_form(request, found->page.page, found->merchant, *form, 503);
  }
  if (!card) co_return see_other(with_kept_query(request, "/checkout/" + *token));
  // Nobody is disturbed by a card's page: the customer goes on at once.
  auto checkout = co_await find(*token);
  if (!checkout) co_return problem(request, checkout.error());
  if (checkout->surcharge_minor > 0) co_return see_other(with_kept_query(request, "/checkout/" + *token));
  form->set("attempt", "1");
  co_return co_await begin(request, *std::move(checkout), *std::move(form));
}

}  // namespace epay::pages
