#include "http/router.h"

#include "base/check.h"
#include "http/error_response.h"

namespace epay::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (!segment.empty()) segments.push_back(segment);
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

Task<Response> answer_at_once(Response response) { co_return response; }

Response plain_fallback(const Request&, const std::string& allow) {
  if (allow.empty()) return error_response(404, "There is nothing at this address.");
  return error_response(405, "This address does not take that method.");
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  EPAY_CHECK(pattern.starts_with('/'));
  Route route{std::string(method), std::string(pattern), {}, std::move(handler)};
  for (const std::string_view segment : split(pattern)) route.segments.emplace_back(segment);
  routes_.push_back(std::move(route));
}

void Router::set_fallback(std::function<Response(const Request&, const std::string&)> fallback) {
  fallback_ = std::move(fallback);
}

Task<Response> Router::answer(Request& request) const {
  std::vector<std::string> decoded;
  for (const std::string_view segment : split(request.path)) {
    auto text = percent_decode(segment, false);
    // The server has refused malformed escapes already.
    decoded.push_back(text ? std::move(*text) : std::string(segment));
  }
  const auto fits = [&](const Route& route) {
    return std::equal(route.segments.begin(), route.segments.end(), decoded.begin(), decoded.end(),
                      [](const std::string& expected, const std::string& actual) {
                        return is_parameter(expected) || expected == actual;
                      });
  };
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  std::string allow;
  for (const Route& route : routes_) {
    if (!fits(route)) continue;
    if (route.method != method) {
      if (allow.find(route.method) == std::string::npos) allow += (allow.empty() ? "" : ", ") + route.method;
      continue;
    }
    request.route = route.pattern;
    request.path_parameters.clear();
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      if (is_parameter(route.segments[i])) request.path_parameters.push_back(std::move(decoded[i]));
    }
    return route.handler(request);
  }
  Response response = fallback_ ? fallback_(request, allow) : plain_fallback(request, allow);
  if (!allow.empty() && !response.headers.find("Allow")) response.headers.add("Allow", allow);
  return answer_at_once(std::move(response));
}

}  // namespace epay::http
