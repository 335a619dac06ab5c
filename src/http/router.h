// Which function answers which request.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "runtime/task.h"

namespace epay::http {

using Handler = std::function<Task<Response>(Request&)>;

class Router {
 public:
  // `pattern` is a path whose segments are literal or "{name}": "/api/v1/customers/{id}". Of several that fit the one
  // added first answers. The handler lives as long as the router, so it may be a closure that is itself a coroutine.
  void add(std::string_view method, std::string_view pattern, Handler handler);
  // What answers when no route fits the path (`allow` empty), or fits it but not the method (`allow`: "GET, POST").
  void set_fallback(std::function<Response(const Request&, const std::string& allow)> fallback);

  // HEAD is answered by GET's handler.
  Task<Response> answer(Request& request) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;  // a parameter is "{…}"
    Handler handler;
  };
  std::vector<Route> routes_;
  std::function<Response(const Request&, const std::string&)> fallback_;
};

}  // namespace epay::http
