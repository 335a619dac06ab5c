#include "pages/guest.h"

#include "pages/forgery.h"
#include "pages/page.h"
#include "pages/sign_in_cookies.h"
#include "pages/texts.h"

namespace epay::pages {
namespace {

constexpr std::size_t visit_chance = 32;

}  // namespace

http::Response guest_page(const http::Request& request, std::string_view template_name, View view, Random& random,
                          int status) {
  const Texts& texts = texts_for(request);
  Secret visit = visit_token(request);
  const bool is_new = visit.reveal().size() != visit_chance;
  if (is_new) visit = Secret(random.text(visit_chance, Random::letters_and_digits));
  view.set("csrf", masked_form_token(visit, random));
  std::vector<View> languages;
  for (const std::string_view name : language_names()) {
    if (name == texts.language()) continue;
    languages.push_back(View().set("code", name).set("name", texts_of(name).at("common.language_name")));
  }
  view.set("languages", std::move(languages));
  const std::string done = "notices." + request.query_parameter("done").value_or("");
  if (texts.has(done)) view.set("notice", texts.at(done));
  auto response = render_page(request, template_name, std::move(view), texts, random, {.status = status});
  if (is_new) set_visit_token(request, response, visit.reveal());
  if (request.query_parameter("lang")) set_language_choice(request, response, texts.language());
  return response;
}

bool is_guest_form(const http::Request& request, const http::Form& form) {
  return is_our_form(request, form, visit_token(request));
}

}  // namespace epay::pages
