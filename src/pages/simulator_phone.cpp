#include "pages/simulator_phone.h"

#include "http/form.h"
#include "pages/networks.h"
#include "pages/page.h"
#include "pages/phone_view.h"
#include "pages/qr_file.h"

namespace epay::pages {
namespace {

namespace simulator = rails::simulator;

constexpr std::string_view root = "/simulator/phone";
constexpr std::size_t typed_shown_max = 32;

std::string path_of(const PhoneNumber& number) { return std::string(root) + "/" + number.national(); }

struct Listed {
  std::string_view number, text;
};
constexpr Listed listed[] = {
    {"0240000900", "phone.number_prompt"}, {"0200000900", "phone.number_voucher"},
    {"0270000900", "phone.number_prompt"}, {"0240000990", "phone.number_code"},
    {"0270000990", "phone.number_code"},
};

http::Response show_choice(const http::Request& request, int status, std::string_view typed, Random& random) {
  const Texts& texts = texts_for(request);
  std::vector<View> numbers;
  for (const Listed& one : listed) {
    const PhoneNumber number = *PhoneNumber::parse(one.number);
    numbers.emplace_back()
        .set("path", number.national())
        .set("number", spaced_number(number.national()))
        .set("network", network_label(guess_network(number)))
        .set("text", texts.at(one.text));
  }
  View view;
  view.set("title", texts.at("phone.choose_title")).set("typed", typed.substr(0, typed_shown_max));
  view.set("numbers", std::move(numbers));
  if (status != 200) view.set("problem", texts.at("phone.number_problem"));
  return render_page(request, "simulator/phones", std::move(view), texts, random, {.status = status});
}

// What went wrong, by its name in the address: the key of a text; "" for what is no such name.
std::string problem_key(const http::Request& request) {
  const std::string name = request.query_parameter("problem").value_or("");
  for (const std::string_view known : {"pin", "gone", "vouchers", "held", "unavailable"}) {
    if (name == known) return "phone.problem_" + name;
  }
  return "";
}

std::string_view problem_name(const Error& error, std::string_view action) {
  switch (error.code) {
    case ErrorCode::invalid: return "pin";
    case ErrorCode::not_found:
    case ErrorCode::conflict: return "gone";
    case ErrorCode::too_many_requests: return action == "voucher" ? "vouchers" : "held";
    default: return "unavailable";
  }
}

template <class T>
Result<> without_value(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

class PhonePages {
 public:
  PhonePages(simulator::Simulator& s, Clock& clock, Random& random) : simulator_(s), clock_(clock), random_(random) {}

  Task<http::Response> choose(http::Request& request) {
    const auto typed = request.query_parameter("number");
    if (!typed) co_return show_choice(request, 200, "", random_);
    const auto number = PhoneNumber::parse(*typed);
    if (!number) co_return show_choice(request, 422, *typed, random_);
    co_return see_other(path_of(*number));
  }

  Task<http::Response> show(http::Request& request) {
    const std::string& typed = request.path_parameters.at(0);
    const auto number = PhoneNumber::parse(typed);
    if (!number) co_return show_choice(request, 404, typed, random_);
    if (number->national() != typed) co_return see_other(path_of(*number));
    const auto phone = co_await simulator_.look_at_phone(*number);
    if (!phone) co_return http::Response::text(503, phone.error().message + "\n");
    const Texts& texts = texts_for(request);
    View view = view_of(*phone, problem_key(request), request.origin + path_of(*number), texts, clock_.now());
    co_return render_page(request, "simulator/phone", std::move(view), texts, random_);
  }

  Task<http::Response> state(http::Request& request) {
    const auto number = PhoneNumber::parse(request.path_parameters.at(0));
    if (!number) co_return http::Response::text(404, "");
    const auto phone = co_await simulator_.look_at_phone(*number);
    if (!phone) co_return http::Response::text(503, "");
    auto response = http::Response::text(200, version_of(*phone, clock_.now()));
    response.headers.add("Cache-Control", "no-store");
    co_return response;
  }

  Task<http::Response> act(http::Request& request) {
    const auto number = PhoneNumber::parse(request.path_parameters.at(0));
    if (!number) co_return show_choice(request, 404, request.path_parameters.at(0), random_);
    const auto form = http::read_form(request);
    if (!form) co_return http::Response::text(400, form.error().message + "\n");
    const std::string action(form->get("action"));
    const auto done = co_await act_on(*number, action, *form);
    if (done) co_return see_other(path_of(*number));
    if (done.error().code == ErrorCode::unsupported) co_return http::Response::text(400, done.error().message + "\n");
    co_return see_other(path_of(*number) + "?problem=" + std::string(problem_name(done.error(), action)));
  }

  Task<http::Response> show_qr(http::Request& request, QrFormat format) {
    const auto number = PhoneNumber::parse(request.path_parameters.at(0));
    if (!number) co_return show_choice(request, 404, request.path_parameters.at(0), random_);
    const Texts& texts = texts_for(request);
    co_return qr_file(request.origin + path_of(*number),
                      texts.format("phone.qr_title", {{"number", spaced_number(number->national())}}),
                      "phone-" + number->national(), format);
  }

 private:
  // Error besides the simulator's: unsupported, for what a phone cannot do.
  Task<Result<>> act_on(PhoneNumber number, std::string action, const http::Form& form) {
    const std::string reference(form.get("reference"));
    if (action == "approve") {
      co_return without_value(co_await simulator_.approve_prompt(number, reference, std::string(form.get("pin"))));
    }
    if (action == "decline") co_return without_value(co_await simulator_.decline_prompt(number, reference));
    if (action == "put_off") co_return without_value(co_await simulator_.put_prompt_off(number, reference, true));
    if (action == "take_up") co_return without_value(co_await simulator_.put_prompt_off(number, reference, false));
    if (action == "voucher") co_return without_value(co_await simulator_.make_voucher(number));
    if (action == "take") co_return co_await simulator_.take_phone(number);
    if (action == "put_down") co_return co_await simulator_.put_phone_down(number);
    co_return fail(ErrorCode::unsupported, "A phone cannot do that");
  }

  simulator::Simulator& simulator_;
  Clock& clock_;
  Random& random_;
};

}  // namespace

void add_simulator_phone(http::Router& router, simulator::Simulator& simulator, Clock& clock, Random& random) {
  const auto pages = std::make_shared<PhonePages>(simulator, clock, random);
  static constexpr const char* one = "/simulator/phone/{number}";
  router.add("GET", root, [pages](http::Request& request) { return pages->choose(request); });
  router.add("GET", one, [pages](http::Request& request) { return pages->show(request); });
  router.add("POST", one, [pages](http::Request& request) { return pages->act(request); });
  router.add("GET", "/simulator/phone/{number}/state",
             [pages](http::Request& request) { return pages->state(request); });
  router.add("GET", "/simulator/phone/{number}/qr.svg",
             [pages](http::Request& request) { return pages->show_qr(request, QrFormat::svg); });
  router.add("GET", "/simulator/phone/{number}/qr.png",
             [pages](http::Request& request) { return pages->show_qr(request, QrFormat::png); });
}

}  // namespace epay::pages
