// Which neurons of a group are refractory: a list in the order of their spikes, which grows at its
// end at spikes and shrinks at its beginning at the state update, so that nobody asks all the
// others. And which may have crossed the threshold.
#ifndef WORKBENCH_REFRACTORY_H
#define WORKBENCH_REFRACTORY_H

#include <algorithm>
#include <cstdint>
#include <vector>

namespace workbench {

struct Refractory;
// All lists of the program.
template <class T>
struct Refractories {
  static Refractory* first;
};
template <class T>
Refractory* Refractories<T>::first = nullptr;

struct Refractory {
  std::vector<int32_t> few;  // from `first` on
  size_t first = 0;
  bool known = false;   // the list holds all that are refractory
  bool listed = false;  // the state update keeps such a list
  int64_t limit = 0;    // steps of the refractory period when it was made
  std::vector<char> maybe;  // of each block of neurons: one may be above threshold
  bool looked = false;      // the state update has just found out
  Refractory* next;

  Refractory() : next(Refractories<void>::first) { Refractories<void>::first = this; }

  void add(int32_t neuron) {
    if (listed) few.push_back(neuron);
  }
  void clear() {
    few.clear();
    first = 0;
  }
  // Those that spiked first are the first that are no longer refractory.
  template <class Time>
  void order_by(const Time* last_spikes) {
    std::stable_sort(few.begin(), few.end(), [last_spikes](int32_t a, int32_t b) {
      return last_spikes[a] < last_spikes[b];
    });
  }
  // Give back the room of those that have left, seldom enough that it costs nothing.
  void shorten() {
    if (2 * first < few.size() + 64) return;
    few.erase(few.begin(), few.begin() + first);
    first = 0;
  }
  void forget() { known = looked = false; }
  bool must_test_all(int64_t now_limit) {
    const bool all = !known || limit != now_limit;
    known = listed = true;
    limit = now_limit;
    return all;
  }
};

// One list for each group; `Group` is only a name.
template <class Group>
struct RefractoryOf {
  static Refractory it;
};
template <class Group>
Refractory RefractoryOf<Group>::it;

// Something was written from outside: every list is made anew.
inline void forget_refractory() {
  for (Refractory* r = Refractories<void>::first; r; r = r->next) r->forget();
}

}  // namespace workbench
#endif
