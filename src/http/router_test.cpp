#include "http/router.h"

#include <gtest/gtest.h>

#include "simulation/run_task.h"

namespace epay::http {
namespace {

struct Row {
  std::string method, path, answer;
};

Handler named(std::string name) {
  return [name](Request& request) -> Task<Response> {
    std::string body = name;
    for (const std::string& parameter : request.path_parameters) body += " " + parameter;
    return [](std::string text) -> Task<Response> { co_return Response::text(200, text); }(std::move(body));
  };
}

void check(const Router& router, const Row& row) {
  simulation::SimClock clock;
  Request request;
  request.method = row.method;
  request.path = row.path;
  const Response response = simulation::run_task(clock, router.answer(request));
  const std::string allow(response.headers.get("Allow"));
  if (response.status != 200) EXPECT_EQ(request.route, "");
  EXPECT_EQ(response.status == 200 ? response.body : std::to_string(response.status) + " " + allow, row.answer)
      << row.method << " " << row.path;
}

TEST(Router, FindsTheRoute) {
  Router router;
  router.add("GET", "/", named("root"));
  router.add("GET", "/customers", named("list"));
  router.add("POST", "/customers", named("create"));
  router.add("GET", "/customers/new", named("form"));
  router.add("GET", "/customers/{id}", named("show"));
  router.add("PUT", "/customers/{id}/cards/{card}", named("card"));
  const Row rows[] = {
      {"GET", "/", "root"},
      {"HEAD", "/", "root"},
      {"GET", "/customers", "list"},
      {"POST", "/customers", "create"},
      {"GET", "/customers/new", "form"},
      {"GET", "/customers/7", "show 7"},
      {"GET", "/c%75stomers/a%2Fb%20c", "show a/b c"},
      {"GET", "/customers/%7Bid%7D", "show {id}"},
      {"PUT", "/customers/7/cards/9", "card 7 9"},
      {"GET", "/customers/7/cards/9", "405 PUT"},
      {"DELETE", "/customers", "405 GET, POST"},
      {"HEAD", "/customers/7/cards/9", "405 PUT"},
      {"get", "/customers", "405 GET, POST"},
      {"GET", "/Customers", "404 "},
      {"GET", "/customers/7/cards", "404 "},
      {"GET", "/customers/7/cards/9/x", "404 "},
  };
  for (const Row& row : rows) check(router, row);
}

TEST(Router, LetsTheFallbackAnswer) {
  Router router;
  router.add("GET", "/a", named("a"));
  router.set_fallback([](const Request& request, const std::string& allow) {
    return Response::text(200, "fallback " + request.path + " " + allow);
  });
  check(router, {"GET", "/b", "fallback /b "});
  check(router, {"POST", "/a", "fallback /a GET"});
}

TEST(Message, DecodesFormsAndQueries) {
  const auto form = parse_form("a=1&b=x+y%21&c&=d&&a=2");
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(*form, (std::vector<std::pair<std::string, std::string>>{
                       {"a", "1"}, {"b", "x y!"}, {"c", ""}, {"", "d"}, {"a", "2"}}));
  for (const char* bad : {"a=%", "a=%1", "a=%g1", "%zz=1"}) EXPECT_FALSE(parse_form(bad)) << bad;
  Request request;
  request.query = "a=1&b=%32&b=3&c=%";
  EXPECT_EQ(request.query_parameter("a"), "1");
  EXPECT_EQ(request.query_parameter("b"), "2");
  EXPECT_EQ(request.query_parameter("c"), std::nullopt);
  EXPECT_EQ(request.query_parameter("d"), std::nullopt);
  EXPECT_EQ(percent_encode("a b/\xC3\xA9~"), "a%20b%2F%C3%A9~");
}

}  // namespace
}  // namespace epay::http
