// exp() in the loops over neurons: several at once, or kept from the step before; and before them,
// of what is the same for all neurons.
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

// exp() of a number that is mostly the one of the step before, at one place of a program.
namespace {
template <int place>
struct ExpAsBefore {
  template <class Number>
  static auto of(Number x) -> decltype(std::exp(x)) {
    static Number given = 0;
    static decltype(std::exp(x)) result = 1;
    if (x != given) {
      given = x;
      result = std::exp(x);
    }
    return result;
  }
};
}  // namespace

}  // namespace workbench

// With -ffast-math, the compiler may join calls of exp(), which it could not see here.
#ifdef __FAST_MATH__
#define WORKBENCH_EXP_AS_BEFORE(...) exp(__VA_ARGS__)
#else
#define WORKBENCH_EXP_AS_BEFORE(...) workbench::ExpAsBefore<__COUNTER__>::of(__VA_ARGS__)
#endif
#endif
