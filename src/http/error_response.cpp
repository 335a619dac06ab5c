#include "http/error_response.h"

#include "base/json_writer.h"

namespace epay::http {

Response error_response(int status, std::string_view message) {
  JsonWriter json;
  json.begin_object()
      .member("success", false)
      .member("error_type", status >= 500 ? "api_error" : "invalid_request_error")
      .member("message", message)
      .end_object();
  return Response::json(status, json.take());
}

}  // namespace epay::http
