#include "simulation/trace.h"

#include <cstdio>

namespace epay::simulation {

void Trace::add(std::string_view line) {
  const auto mix = [this](unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; };
  for (std::int64_t micros = clock_.ticks().micros; micros != 0; micros >>= 8) mix(static_cast<unsigned char>(micros));
  for (const char c : line) mix(static_cast<unsigned char>(c));
  if (!print_) return;
  std::printf("%14.6f %.*s\n", static_cast<double>(clock_.ticks().micros) / 1e6, static_cast<int>(line.size()),
              line.data());
}

}  // namespace epay::simulation
