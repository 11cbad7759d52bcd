{# A pathway: which synapses get a spike at this step. Where all synapses have one delay, it keeps
   the spikes, not the synapses, and finds the synapses of a source by two offsets. Only for delays
   that differ it uses Brian2's queue. The order of the synapses is that of the queue. #}
{% macro cpp_file() %}
{% endmacro %}

{% macro h_file() %}
#ifndef _BRIAN_SYNAPSES_H
#define _BRIAN_SYNAPSES_H

#include <algorithm>
#include <vector>
#include "brianlib/spikequeue.h"

// Memory that is needed soon, and whose address the processor cannot foresee.
#ifdef __GNUC__
#define WORKBENCH_SOON(address) __builtin_prefetch(address, 1)
#else
#define WORKBENCH_SOON(address)
#endif

class SynapticPathway {
 public:
  enum { AHEAD = 12 };  // a list can be read so many synapses beyond its end

  // Synapses from `begin` to `end`: themselves, or places in a list of them; all of one source,
  // or of several (-1).
  struct Piece {
    const int32_t* list;
    int32_t begin, end, source;
  };

  int Nsource, Ntarget;
  std::vector<int>& sources;

  SynapticPathway(std::vector<int>& sources, int start, int stop)
      : Nsource(0), Ntarget(0), sources(sources), start(start), stop(stop), queue(start, stop),
        prepared(false), queued(false), in_order(true), delay(0), n_synapses(0), dt(0), now(0),
        ring(1) {}

  template <typename scalar>
  void prepare(int n_source, int n_target, scalar* delays, int n_delays, int* from, int n,
               double new_dt) {
    Nsource = n_source;
    Ntarget = n_target;
    const int first = n_delays ? steps(delays[0], new_dt) : 0;
    bool alike = true;
    for (int k = 1; k < n_delays; k++) alike = alike && steps(delays[k], new_dt) == first;
    const bool goes_on = first == delay && n == n_synapses && new_dt == dt;
    if (!queued && (!alike || (prepared && !goes_on))) use_queue();
    if (queued) {
      queue.prepare(delays, n_delays, from, n, new_dt);
      return;
    }
    if (!prepared) ring.resize(first + 1);
    prepared = true;
    delay = first;
    dt = new_dt;
    sort(from, n);
  }

  // Goes on where another engine stands: `arriving` are the synapses that spikes reach at this
  // step, at the next one, and so on. Synapses, delays and sources are those of that engine.
  template <typename scalar>
  void take_over(scalar* delays, int n_delays, int* from, int n, double new_dt,
                 const std::vector<std::vector<int32_t> >& arriving) {
    queue.queue.assign(1, std::vector<int32_t>());
    queue.offset = 0;
    queue.dt = 0;
    ring.assign(1, std::vector<int32_t>());
    now = 0;
    prepared = queued = false;
    prepare(Nsource, Ntarget, delays, n_delays, from, n, new_dt);
    size_t steps_left = arriving.size();
    while (steps_left && arriving[steps_left - 1].empty()) steps_left--;
    if (!queued && !take_as_spikes(from, arriving, steps_left)) {
      use_queue();
      queue.prepare(delays, n_delays, from, n, new_dt);
    }
    if (!queued) return;
    queue.ensure_delay(static_cast<int>(steps_left));
    for (size_t k = 0; k < steps_left; k++)  // a step begins with advance()
      queue.queue[(queue.offset + 1 + k) % queue.queue.size()] = arriving[k];
  }

  void advance() {
    if (queued) return queue.advance();
    ring[now].clear();
    now = now + 1 == ring.size() ? 0 : now + 1;
  }

  void push(int32_t* spikes, int n) {
    if (queued) return queue.push(spikes, n);
    if (!n) return;
    const int32_t* first = std::lower_bound(spikes, spikes + n, start);
    const int32_t* last = std::lower_bound(first, static_cast<const int32_t*>(spikes + n), stop);
    const size_t at = now + delay;
    std::vector<int32_t>& slot = ring[at < ring.size() ? at : at - ring.size()];
    slot.insert(slot.end(), first, last);
  }

  int pieces() { return queued ? 1 : ring[now].size(); }

  Piece piece(int k) {
    if (queued) {
      const std::vector<int32_t>& all = *queue.peek();
      return Piece{all.data(), 0, static_cast<int32_t>(all.size()), -1};
    }
    const int32_t source = ring[now][k];
    const int32_t* at = &offsets[source - start];
    return Piece{in_order ? NULL : order.data(), at[0], at[1], source};
  }

  // Of synapses that are listed, the numbers that an array has for them, in the order of the list.
  // The array is that of their targets, which does not change.
  const int32_t* listed(const int32_t* array) {
    if (queued || in_order) return NULL;
    if (targets.size() != order.size()) {
      targets.resize(order.size());
      for (size_t k = 0; k < order.size(); k++) targets[k] = array[order[k]];
    }
    return targets.data();
  }

  // The same as a list, for Brian2's own templates.
  std::vector<int32_t>* peek() {
    if (queued) return queue.peek();
    expand(ring[now], peeked);
    return &peeked;
  }

 private:
  const int start, stop;  // of the neurons of the source that are part of it
  CSpikeQueue queue;
  bool prepared, queued;
  bool in_order;  // sorted by source: the synapses of a source stand one after the other
  int delay;      // in steps
  int n_synapses;
  double dt;
  size_t now;
  std::vector<std::vector<int32_t> > ring;    // spikes by the step at which they arrive
  std::vector<int32_t> offsets, order;        // by source; synapses sorted by source
  std::vector<int32_t> targets;               // of `order`
  std::vector<int32_t> peeked;

  template <typename scalar>
  static int steps(scalar delay, double dt) {
    return static_cast<int>(delay / dt + 0.5);  // rounded as the queue does
  }

  void sort(const int* from, int n) {
    n_synapses = n;
    offsets.assign(stop - start + 1, 0);
    for (int k = 0; k < n; k++) offsets[from[k] - start + 1]++;
    for (size_t k = 1; k < offsets.size(); k++) offsets[k] += offsets[k - 1];
    in_order = std::is_sorted(from, from + n);
    order.clear();
    targets.clear();
    if (in_order) return;
    std::vector<int32_t> next(offsets);
    order.resize(n + AHEAD);
    for (int k = 0; k < n; k++) order[next[from[k] - start]++] = k;
  }

  void expand(const std::vector<int32_t>& spikes, std::vector<int32_t>& synapses) {
    synapses.clear();
    for (size_t k = 0; k < spikes.size(); k++)
      for (int32_t s = offsets[spikes[k] - start]; s < offsets[spikes[k] - start + 1]; s++)
        synapses.push_back(in_order ? s : order[s]);
  }

  // False where the synapses are not exactly those of some spikes of one delay.
  bool take_as_spikes(const int* from, const std::vector<std::vector<int32_t> >& arriving,
                      size_t steps_left) {
    if (steps_left > static_cast<size_t>(delay)) return false;
    std::vector<std::vector<int32_t> > spikes(steps_left);
    for (size_t k = 0; k < steps_left; k++) {
      for (size_t s = 0; s < arriving[k].size(); s++) {
        const int32_t source = from[arriving[k][s]];
        if (spikes[k].empty() || spikes[k].back() != source) spikes[k].push_back(source);
      }
      expand(spikes[k], peeked);
      if (peeked != arriving[k]) return false;
    }
    for (size_t k = 0; k < steps_left; k++) ring[(now + 1 + k) % ring.size()].swap(spikes[k]);
    return true;
  }

  // Delays differ, or changed since the last run: what is under way goes to the queue.
  void use_queue() {
    if (prepared) {
      queue.queue.resize(ring.size());
      queue.offset = 0;
      queue.dt = dt;
      for (size_t k = 0; k < ring.size(); k++)
        expand(ring[(now + k) % ring.size()], queue.queue[k]);
    }
    queued = true;
  }
};

#endif
{% endmacro %}
