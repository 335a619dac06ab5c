// The doors of an emulator: those of the program, and a second clock. The rail's time may be a test's to move, while
// the network goes on in its own.
#pragma once

#include "base/log.h"
#include "runtime/clock.h"
#include "runtime/network.h"
#include "runtime/random.h"

namespace epay::emulators {

struct Seams {
  Clock& clock;     // the rail's: when it decides, calls back, lets tokens expire
  Clock& io_clock;  // the one that the network's deadlines are on
  Network& network;
  Random& random;
  Log& log;
};

}  // namespace epay::emulators
