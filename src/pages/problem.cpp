#include "pages/problem.h"

#include "pages/page.h"

namespace epay::pages {

bool wants_page(const http::Request& request) {
  return !request.path.starts_with("/api/") && !request.path.starts_with("/v1/") &&
         request.headers.get("accept").contains("text/html");
}

http::Response show_problem(const http::Request& request, int status, const std::string& allow, Random& random) {
  const Texts& texts = texts_for(request);
  const std::string kind = status == 404   ? "problem.not_found"
                           : status == 405 ? "problem.method"
                                           : "problem.unavailable";
  View view;
  view.set("status", std::to_string(status))
      .set("title", texts.at(kind + "_title"))
      .set("text", texts.at(kind + "_text"));
  auto response = render_page(request, "problem", std::move(view), texts, random, {.status = status});
  if (!allow.empty()) response.headers.add("Allow", allow);
  return response;
}

}  // namespace epay::pages
