// What the generated code calls at the start of every step; see samples.cpp.
#ifndef ASTROCYTE_SAMPLES_H
#define ASTROCYTE_SAMPLES_H

#include <cstdint>

namespace samples {
double at_step(int64_t step);
}

static inline double samples_at_step(const double step) {
  return samples::at_step(static_cast<int64_t>(step + 0.5));
}

#endif
