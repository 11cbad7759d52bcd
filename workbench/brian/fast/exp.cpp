// exp() of several numbers, each bit for bit that of the C library.
//
// The method is that of glibc since 2.28 and of Arm's Optimized Routines: x = k ln2/128 + r, and
// exp(x) = 2^(k/128) exp(r), the first from a table, exp(r) - 1 from a polynomial of degree 5, every
// operation in the same order and rounded as there. Whether the library here does the same is tried
// when the program starts; if it does not, its own exp() is called for one number after the other.
#include "workbench_exp.h"

#ifdef WORKBENCH_EXP_OF_MANY
#include <cstdint>

namespace {

// For i = 0 ... 127: how far 2^(i/128) is from the nearest number, relative to it, and the bits of
// that number without i/128 in its exponent.
const uint64_t table[256] = {%TABLE%};

const double LIMIT = 512;  // beyond it comes what is no normal number
const double PER_LN2 = 184.6649652337873, LN2_HIGH = 0.005415212348111709,
             LN2_LOW = 1.2864023111638344e-14;  // 128/ln2, and ln2/128 in two parts
// Added, it leaves the nearest whole number in the last bits.
const double TO_WHOLE = 6755399441055744.0;
const double C2 = 0.49999999999996786, C3 = 0.16666666666665886, C4 = 0.0416666808410674,
             C5 = 0.008333335853059549;

template <int W>
struct Of {
  typedef double Numbers __attribute__((vector_size(8 * W)));
  typedef int64_t Bits __attribute__((vector_size(8 * W)));
};

template <int W>
inline typename Of<W>::Numbers fused(
    typename Of<W>::Numbers a, typename Of<W>::Numbers b, typename Of<W>::Numbers c) {
  typename Of<W>::Numbers sum;
  for (int k = 0; k < W; k++) sum[k] = __builtin_fma(a[k], b[k], c[k]);
  return sum;
}

template <int W>
inline bool any(typename Of<W>::Bits x) {
  typename Of<W / 2>::Bits low, high;
  __builtin_memcpy(&low, &x, sizeof low);
  __builtin_memcpy(&high, reinterpret_cast<const char*>(&x) + sizeof low, sizeof high);
  return any<W / 2>(low | high);
}
template <>
inline bool any<2>(Of<2>::Bits x) {
  return (x[0] | x[1]) != 0;
}

template <int W>
inline typename Of<W>::Numbers within_limit(typename Of<W>::Numbers x) {
  typedef typename Of<W>::Numbers Numbers;
  typedef typename Of<W>::Bits Bits;
  const Numbers zero = {};
  Numbers whole = fused<W>(x, zero + PER_LN2, zero + TO_WHOLE);
  const Bits k = (Bits)whole, at = (k & 127) * 2;
  whole -= TO_WHOLE;
  const Numbers r = fused<W>(whole, zero - LN2_LOW, fused<W>(whole, zero - LN2_HIGH, x));
  Bits low, high;
  for (int n = 0; n < W; n++) low[n] = table[at[n]], high[n] = table[at[n] + 1];
  const Numbers scale = (Numbers)(high + (k << 45)), r2 = r * r;
  Numbers sum = fused<W>(r2, fused<W>(r, zero + C3, zero + C2), (Numbers)low + r);
  sum = fused<W>(r2 * r2, fused<W>(r, zero + C5, zero + C4), sum);
  return fused<W>(scale, sum, scale);
}

// Whether all of it is as the library's, for numbers of all sizes within the limit.
bool as_the_library() {
  typedef Of<4>::Numbers Numbers;
  for (int n = 0; n < 1024; n++) {
    Numbers x;
    for (int k = 0; k < 4; k++) {
      const double part = (4 * n + k) * 0.6180339887498949;
      const double size = k == 3 ? LIMIT : k == 2 ? 20.0 : k == 1 ? 1.0 : 1e-3;
      x[k] = size * (2 * (part - static_cast<int64_t>(part)) - 1);
    }
    const Numbers found = within_limit<4>(x);
    for (int k = 0; k < 4; k++) {
      const double given = found[k], expected = exp(x[k]);
      if (__builtin_memcmp(&given, &expected, sizeof given)) return false;
    }
  }
  return true;
}
const bool same = as_the_library();

template <int W>
inline typename Of<W>::Numbers exp_of(typename Of<W>::Numbers x) {
  if (__builtin_expect(!same || any<W>(~((x < LIMIT) & (x > -LIMIT))), 0)) {
    for (int k = 0; k < W; k++) x[k] = exp(x[k]);
    return x;
  }
  return within_limit<W>(x);
}

}  // namespace

// The names that the compiler calls, by the width of a vector and what the processor can do.
extern "C" {
Of<2>::Numbers _ZGVbN2v_exp(Of<2>::Numbers x) { return exp_of<2>(x); }
Of<4>::Numbers _ZGVcN4v_exp(Of<4>::Numbers x) { return exp_of<4>(x); }
Of<4>::Numbers _ZGVdN4v_exp(Of<4>::Numbers x) { return exp_of<4>(x); }
#ifdef __AVX512F__
Of<8>::Numbers _ZGVeN8v_exp(Of<8>::Numbers x) { return exp_of<8>(x); }
#endif
}
#endif
