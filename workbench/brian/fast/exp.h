// exp() in the loops over neurons: several at once, or kept from the step before.
#ifndef WORKBENCH_EXP_H
#define WORKBENCH_EXP_H
#include <cmath>
#include <cstddef>
#include <vector>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__FMA__)
#define WORKBENCH_EXP_OF_MANY
// The compiler may call exp() for several neurons at once; workbench_exp.cpp has those functions.
extern "C" double exp(double) noexcept __attribute__((simd("notinbranch")));
#endif

namespace workbench {

// exp() of a number of each neuron that is mostly the one of the step before.
class KeptExp {
  static const int most = 1 << 20;  // neurons: 16 MB
  std::vector<double> given, result;

 public:
  double of(double x, int neuron) {
    if (neuron < 0 || neuron >= most) return std::exp(x);
    const size_t k = neuron;
    if (k >= given.size()) {
      given.resize(k + 1, 0.0);
      result.resize(k + 1, 1.0);
    }
    if (given[k] != x) {
      given[k] = x;
      result[k] = std::exp(x);
    }
    return result[k];
  }
};

}  // namespace workbench
#endif
