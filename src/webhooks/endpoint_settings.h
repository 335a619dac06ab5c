// What an endpoint's owner may decide of it, as the API and the command line are told it, and the rules for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "events/endpoint.h"
#include "runtime/task.h"

namespace epay::http {
class Client;
}

namespace epay::webhooks {

// Nothing: it stays as it is. Something empty: it goes back to its default.
template <class T>
using Change = std::optional<std::optional<T>>;

struct Credentials {
  std::string type;                // "basic" or "bearer"
  std::string username, password;  // of basic
  std::string token;               // of bearer
};

struct EndpointChanges {
  std::optional<std::string> url;
  Change<std::string> description;
  Change<std::string> mode;                 // "test", "live", "all"
  Change<std::vector<std::string>> events;  // names of types, or "*" alone
  Change<std::int64_t> rate_limit;          // a second
  Change<std::int64_t> in_flight_max;
  Change<std::int64_t> timeout;                      // seconds
  Change<std::vector<std::int64_t>> retry_schedule;  // seconds
  Change<std::vector<std::pair<std::string, std::string>>> headers;
  Change<Credentials> credentials;

  bool none() const;
};

// What is wrong with them, all of it: the field by its name in the API, and a message that begins with that name.
// Whether the URL leads anywhere is for check_destination().
std::vector<FieldError> check_changes(const EndpointChanges& changes);
// They must have been checked.
void apply_changes(const EndpointChanges& changes, events::EndpointSettings& settings, events::RequestExtras& extras);

// Whether events may be sent to this URL, as far as can be known now: a name that does not resolve today may do so
// tomorrow, an address that must not be used never may. Error: invalid, for the field "url".
Task<Result<>> check_destination(http::Client& client, std::string url);

// As they are written on the wire.
std::string_view name_of(std::optional<Mode> mode);                   // "test", "live", "all"
std::vector<std::string_view> names_of(events::EventTypes types);     // "*" for all
std::string_view authorization_kind(std::string_view authorization);  // "basic", "bearer", "" for none

}  // namespace epay::webhooks
