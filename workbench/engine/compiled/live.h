// What the generated code of a compiled simulation calls; see live.cpp.
#ifndef WORKBENCH_LIVE_H
#define WORKBENCH_LIVE_H

#include <cstdint>

namespace workbench {
// Before anything else: take the seed from the worker.
void start();
// At the start of every time step.
double at_step(int64_t step);
// The same of a clock that is not the fastest one.
double at_clock(int64_t step, int clock);
}  // namespace workbench

static inline double workbench_at_step(const double step) {
  return workbench::at_step(static_cast<int64_t>(step + 0.5));
}

static inline double workbench_at_clock(const double step, const double clock) {
  return workbench::at_clock(static_cast<int64_t>(step + 0.5), static_cast<int>(clock + 0.5));
}

#endif
