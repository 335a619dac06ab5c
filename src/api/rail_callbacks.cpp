#include "api/rail_callbacks.h"

#include "api/replies.h"

namespace epay::api {
namespace {

int status_of(ErrorCode code) {
  if (code == ErrorCode::unauthenticated) return 401;
  return code == ErrorCode::not_found ? 404 : 400;
}

http::Response refusal(int status, std::string_view message) {
  return http::Response::json(status, error_body("invalid_request_error", message));
}

class RailCallbacks {
 public:
  RailCallbacks(const rails::Rails& rails, const rails::CallbackTokens& tokens, rails::CallbackSink& sink, Log& log)
      : rails_(rails), tokens_(tokens), sink_(sink), log_(log) {}

  http::Response hear(const http::Request& request) const {
    const std::string& name = request.path_parameters[0];
    const auto rails = rails_.named(name);
    if (rails.empty()) return refusal(404, "There is nothing at this address");
    std::string reference;
    if (request.path_parameters.size() > 1) {
      const auto known = tokens_.reference_in(name, request.path_parameters[1]);
      if (!known) return refusal(404, "There is nothing at this address");
      reference = *known;
    }
    return hear(request, rails, reference);
  }

 private:
  // A rail that is on in both modes has keys for each: whichever of them the callback fits.
  http::Response hear(const http::Request& request, const std::vector<rails::Rail*>& rails,
                      const std::string& reference) const {
    Error refused{ErrorCode::not_found, ""};
    for (const rails::Rail* rail : rails) {
      const auto news = rail->read_callback(request, reference);
      if (!news) {
        refused = news.error();
        continue;
      }
      log_.info("rail_callback", {{"rail", rail->name()}, {"reference", news->reference}});
      // It may be about what is not ours to know.
      if (!news->reference.empty()) sink_.on_callback(news->reference, news->claim);
      return http::Response::text(200, "ok\n");
    }
    log_.warning("rail_callback_refused",
                 {{"rail", rails.front()->name()}, {"client", request.client.to_string()}, {"error", refused.message}});
    return refusal(status_of(refused.code), refused.message);
  }

  const rails::Rails& rails_;
  const rails::CallbackTokens& tokens_;
  rails::CallbackSink& sink_;
  Log& log_;
};

}  // namespace

void add_rail_callbacks(http::Router& router, const rails::Rails& rails, const rails::CallbackTokens& tokens,
                        rails::CallbackSink& sink, Log& log) {
  const RailCallbacks callbacks(rails, tokens, sink, log);
  for (const char* method : {"POST", "PUT"}) {
    for (const char* pattern : {"/cb/{rail}", "/cb/{rail}/{token}"}) {
      router.add(method, pattern,
                 [callbacks](http::Request& request) -> Task<http::Response> { co_return callbacks.hear(request); });
    }
  }
}

}  // namespace epay::api
