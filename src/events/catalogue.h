// What there is to be told: every type of event with its meaning, the JSON schema of its body and an example. The API,
// the command line, the documentation and the tests all read this one list.
#pragma once

#include <span>
#include <string_view>

#include "events/event.h"

namespace epay::events {

enum class Kept {
  always,          // it stands in the list of events whoever asked for it
  when_asked_for,  // only where an endpoint asks for it: there is one for nearly every payment
};

struct EventKind {
  EventType type;
  std::string_view name;
  std::string_view description;
  Kept kept;
  std::string_view schema;   // JSON Schema 2020-12 of the body
  std::string_view example;  // a body, as it is sent
};

std::span<const EventKind> catalogue();
const EventKind& kind_of(EventType type);

}  // namespace epay::events
