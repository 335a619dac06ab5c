// An example of a type of event as if it happened now: the catalogue's, with a reference, ids and times of its own.
#pragma once

#include <cstdint>
#include <string>

#include "events/event.h"

namespace epay::events {

struct ExampleMarks {
  std::string reference;
  std::int64_t first_id = 1;  // of what the example names; the next one has the next
  Timestamp now;
};

std::string make_example(EventType type, const ExampleMarks& marks);

}  // namespace epay::events
