// The live side of a compiled simulation. It runs inside Brian2's standalone binary, on the tick:
// samples states, drains the spike monitors, applies writes at exact ticks, keeps the pace, stands
// still when it is asked to, and answers questions while it stands.
//
// The worker talks on WORKBENCH_IN and listens on WORKBENCH_OUT, two pipes. All numbers are in
// the machine's own byte order: both ends are on one machine. Commands and messages are listed in
// workbench/engine/compiled/link.py. Many samples go through memory, which WORKBENCH_SHARED names.
#include "live.h"

#include <poll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "objects.h"
#include "workbench_refractory.h"

namespace workbench {
namespace {

struct Array {
  char type;     // d f i l b: double float int32 int64 bool
  void* where;   // the address of its first number stands there; or it is a vector
  const int* n;  // how many numbers it has; null for a vector

  void* data() const;
  size_t size() const;
  void resize(size_t new_size) const;  // of a vector
};
typedef std::vector<std::vector<int32_t>> Arriving;  // synapses, by the step at which spikes come
struct Pathway {
  void (*take_over)(const Arriving&);
};
template <class Delays>
void take_over(SynapticPathway& path, Delays& delays, double dt, const Arriving& arriving) {
  path.take_over(delays.data(), delays.size(), path.sources.data(), path.sources.size(), dt,
                 arriving);
}
struct Monitor {
  std::vector<int32_t>* i;
  std::vector<double>* t;
  int32_t* n;
  int32_t offset;
};

#include "live_table.h"  // arrays[], n_arrays, monitors[], n_monitors, pathways[], n_pathways,
                         // n_clocks, steps_per_tick, dt, first_step, look_at_clocks(),
                         // per_step: how many dt a step of the fastest clock has

struct Write {
  int kind;       // 0: a parameter, 1: an operation; parameters come first
  int64_t since;  // tick at which its operation began
  uint32_t array;
  std::vector<uint32_t> index;
  std::vector<double> value;
};
struct Entry {
  uint32_t array, index;
};
struct Run {  // entries that follow one another
  uint32_t start, count;
};
struct Watched {
  uint32_t array;
  Run run;
};
// Samples of one array every so many steps of a clock; with the extremes since the sample before.
struct Stream {
  uint32_t id, clock, array;
  int64_t every;
  bool extremes;
  bool single;       // in slots, numbers are floats
  double scale;      // of what is sent
  size_t chunk = 1;  // rows of a chunk of the store
  size_t rows = 0;   // in the latest one, with those that were sent
  std::vector<Run> runs;
  size_t width = 0;
  bool began = false;
  int64_t last = -1;
  std::vector<double> now, low, high;
  // What was not sent yet. A row: values, then the smallest and the largest.
  std::vector<int64_t> steps;
  size_t room = 0;    // for so many rows
  int32_t slot = -1;  // where they are; -1: in ``samples``
  std::vector<double> samples;
  bool flows = false;  // a full slot was sent since the last time that all was

  size_t numbers() const { return extremes ? 3 * width : width; }  // of a row
};
struct Finite {
  uint32_t array, start, stop;
};

const double POLL_EVERY_S = 0.002;
const double LOOK_EVERY_S = 2e-5;  // at the clock, which takes as long as a group of few neurons
const int MOST_UNSEEN = 16;        // ticks without a look at it
const double LATE_S = 0.25;              // as the other engine: more than this is not caught up
const size_t SEND_AT_SPIKES = 1u << 20;  // or earlier, when so many wait
const size_t SEND_AT_NUMBERS = 1u << 18;  // so many samples that go through the pipe
const size_t MOST_WAITING = 1u << 26;    // bytes; then the simulation waits for its reader
const size_t SHARED_FROM = 256;          // numbers in a row; fewer go through the pipe
const size_t PAST_CACHE_FROM = 1024;     // numbers that are copied at once
const double SLOT_WAIT_S = 0.05;         // for a reader that is slow; then through the pipe

int in_fd = -1, out_fd = -1;
std::map<int64_t, std::vector<Write>> due;
std::vector<Watched> watched;
size_t n_watched = 0;  // entries
std::vector<Stream> streams;
std::vector<int64_t> step_of(n_clocks, 0);  // of each clock, the step it is at
std::vector<Finite> finite;
std::vector<double> rows;    // sampled states, one row a tick
std::vector<int64_t> row_t;  // their ticks
std::vector<int32_t> spike_step, spike_unit;
int64_t step_base = 0;   // added to spike_step
int64_t tick_now = 0;
int64_t ticks_left = 0;  // until it stands still; -1: go on
bool asked = false;      // to stand still, and has not yet answered that it does
int64_t end_tick = -1;
double speed = 0;  // simulated ms a second; 0: as fast as possible
double send_every_s = 1.0 / 30;
double last_sent = 0, last_poll = 0, anchor_wall = 0, behind_ms = 0;
int64_t anchor_tick = -1;

double now_s() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

// Nobody is left to talk to: end at once, without writing Brian2's result files.
[[noreturn]] void leave(int code) { std::_Exit(code); }

// -- sending: a thread of its own, so that a slow reader does not hold up the simulation ---------

std::mutex lock;
std::condition_variable wake;
std::deque<std::string> queue;
size_t queued = 0;

void write_all(const char* from, size_t n) {
  while (n) {
    ssize_t done = ::write(out_fd, from, n);
    if (done < 0) {
      if (errno == EINTR) continue;
      leave(3);
    }
    from += done;
    n -= done;
  }
}

void sender() {
  for (;;) {
    std::string message;
    {
      std::unique_lock<std::mutex> held(lock);
      wake.wait(held, [] { return !queue.empty(); });
      message.swap(queue.front());
    }
    write_all(message.data(), message.size());
    std::unique_lock<std::mutex> held(lock);
    queued -= message.size();
    queue.pop_front();
    wake.notify_all();
  }
}

void send(std::string message) {
  std::unique_lock<std::mutex> held(lock);
  wake.wait(held, [] { return queued < MOST_WAITING; });
  queued += message.size();
  queue.push_back(std::move(message));
  wake.notify_all();
}

template <class T>
void put(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
void put(std::string& to, const std::vector<T>& values) {
  to.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// -- shared memory: slots that this program fills, and that the worker gives back ----------------

char* slots = nullptr;  // the numbers of the first one
std::atomic<int32_t>* in_use = nullptr;  // of each slot
int n_slots = 0;
size_t slot_bytes = 0, slot_apart = 0;  // of numbers; from one slot to the next

void map_slots() {
  const char* given = std::getenv("WORKBENCH_SHARED");
  int fd = -1, n = 0;
  size_t bytes = 0, before = 0, apart = 0;
  if (!given || std::sscanf(given, "%d %d %zu %zu %zu", &fd, &n, &bytes, &before, &apart) != 5)
    return;  // there is none
  const size_t flags = sysconf(_SC_PAGESIZE);
  void* at = mmap(nullptr, flags + n * apart, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (at == MAP_FAILED) return;
  in_use = static_cast<std::atomic<int32_t>*>(at);
  slots = static_cast<char*>(at) + flags + before;
  n_slots = n, slot_bytes = bytes, slot_apart = apart;
}

// A slot, or -1. To wait for one is better than the pipe, which copies all of it twice more; but
// not for long, as the worker may wait for us, and not again until it has given one back.
int free_slot() {
  static bool in_vain = false;
  for (const double end = now_s() + SLOT_WAIT_S;;) {
    for (int k = 0; k < n_slots; k++)
      if (!in_use[k].load(std::memory_order_acquire)) return in_use[k] = 1, in_vain = false, k;
    if (!n_slots || in_vain) return -1;
    if (now_s() > end) return in_vain = true, -1;
    timespec t = {0, 100000};
    nanosleep(&t, nullptr);
  }
}

// -- receiving ------------------------------------------------------------------------------------

bool heard(double seconds) {
  pollfd p = {in_fd, POLLIN, 0};
  int found = ::poll(&p, 1, seconds < 0 ? -1 : static_cast<int>(std::ceil(seconds * 1e3)));
  return found > 0;
}

void take(void* to, size_t n) {
  char* at = static_cast<char*>(to);
  while (n) {
    ssize_t got = ::read(in_fd, at, n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) leave(0);  // the worker is gone
    at += got;
    n -= got;
  }
}
template <class T>
T take() {
  T value;
  take(&value, sizeof value);
  return value;
}
template <class T>
std::vector<T> take_many(size_t n) {
  std::vector<T> values(n);
  take(values.data(), n * sizeof(T));
  return values;
}

// -- arrays ---------------------------------------------------------------------------------------

// What to do with a vector of whatever type.
#define WORKBENCH_OF_VECTOR(what)                                     \
  switch (type) {                                                     \
    case 'd': return static_cast<std::vector<double>*>(where)->what;  \
    case 'f': return static_cast<std::vector<float>*>(where)->what;   \
    case 'i': return static_cast<std::vector<int32_t>*>(where)->what; \
    case 'l': return static_cast<std::vector<int64_t>*>(where)->what; \
    default: return static_cast<std::vector<char>*>(where)->what;     \
  }

void* Array::data() const {
  if (n) {
    void* first;
    std::memcpy(&first, where, sizeof first);
    return first;
  }
  WORKBENCH_OF_VECTOR(data())
}

size_t Array::size() const {
  if (n) return *n;
  WORKBENCH_OF_VECTOR(size())
}

void Array::resize(size_t new_size) const { WORKBENCH_OF_VECTOR(resize(new_size)) }

double get(const Array& a, size_t k) {
  if (k >= a.size()) return std::nan("");
  void* p = a.data();
  switch (a.type) {
    case 'd': return static_cast<double*>(p)[k];
    case 'f': return static_cast<float*>(p)[k];
    case 'i': return static_cast<int32_t*>(p)[k];
    case 'l': return static_cast<int64_t*>(p)[k];
    default: return static_cast<char*>(p)[k];
  }
}

void set(const Array& a, size_t k, double value) {
  if (k >= a.size()) return;
  void* p = a.data();
  switch (a.type) {
    case 'd': static_cast<double*>(p)[k] = value; break;
    case 'f': static_cast<float*>(p)[k] = static_cast<float>(value); break;
    case 'i': static_cast<int32_t*>(p)[k] = static_cast<int32_t>(std::llround(value)); break;
    case 'l': static_cast<int64_t*>(p)[k] = std::llround(value); break;
    default: static_cast<char*>(p)[k] = value != 0;
  }
}

size_t width(char type) { return type == 'd' || type == 'l' ? 8 : type == 'b' ? 1 : 4; }

void apply(const Write& w) {
  const Array& a = arrays[w.array];
  for (size_t k = 0; k < w.index.size(); k++) set(a, w.index[k], w.value[k]);
  forget_refractory();  // it may have been written
}

void sample() {
  if (!n_watched) return;
  for (const Watched& w : watched) {
    const Array& a = arrays[w.array];
    if (a.type == 'd' && w.run.start + size_t(w.run.count) <= a.size()) {
      const double* first = static_cast<double*>(a.data()) + w.run.start;
      rows.insert(rows.end(), first, first + w.run.count);
    } else {
      for (uint32_t k = 0; k < w.run.count; k++) rows.push_back(get(a, w.run.start + k));
    }
  }
  row_t.push_back(tick_now);
}

void take_watched() {
  watched.clear();
  n_watched = take<uint32_t>();
  for (const Entry& e : take_many<Entry>(n_watched)) {
    if (!watched.empty()) {
      Watched& last = watched.back();
      if (last.array == e.array && last.run.start + last.run.count == e.index) {
        last.run.count++;
        continue;
      }
    }
    watched.push_back(Watched{e.array, Run{e.index, 1}});
  }
  rows.clear();
  row_t.clear();
  sample();
}

// Past the caches where many go to shared memory: another processor reads them next, and the
// simulation wants the caches for itself.
void copy_scaled(float* to, const double* from, size_t n, double scale) {
  size_t k = 0;
#ifdef __SSE2__
  if (n >= PAST_CACHE_FROM) {
    for (; reinterpret_cast<uintptr_t>(to + k) % 16 != 0; k++) to[k] = from[k] * scale;
    const __m128d by = _mm_set1_pd(scale);
    for (; k + 4 <= n; k += 4) {
      const __m128 two = _mm_cvtpd_ps(_mm_mul_pd(_mm_loadu_pd(from + k), by));
      const __m128 more = _mm_cvtpd_ps(_mm_mul_pd(_mm_loadu_pd(from + k + 2), by));
      _mm_stream_ps(to + k, _mm_movelh_ps(two, more));
    }
    _mm_sfence();
  }
#endif
  for (; k < n; k++) to[k] = from[k] * scale;
}

void copy_scaled(double* to, const double* from, size_t n, double scale) {
  size_t k = 0;
#ifdef __SSE2__
  if (n >= PAST_CACHE_FROM) {
    for (; reinterpret_cast<uintptr_t>(to + k) % 16 != 0; k++) to[k] = from[k] * scale;
    const __m128d by = _mm_set1_pd(scale);
    for (; k + 2 <= n; k += 2) _mm_stream_pd(to + k, _mm_mul_pd(_mm_loadu_pd(from + k), by));
    _mm_sfence();
  }
#endif
  for (; k < n; k++) to[k] = from[k] * scale;
}

// The present values of a stream's entries.
template <typename Number>
void read_into(Number* to, const Stream& s, double scale) {
  const Array& a = arrays[s.array];
  const size_t size = a.size();
  for (const Run& r : s.runs) {
    if (a.type == 'd' && r.start + size_t(r.count) <= size) {
      copy_scaled(to, static_cast<double*>(a.data()) + r.start, r.count, scale);
    } else {
      for (uint32_t k = 0; k < r.count; k++) to[k] = get(a, r.start + k) * scale;
    }
    to += r.count;
  }
}

// Room for the next row of a stream. A slot ends where a chunk of the store does, so that the
// worker can store it as it is.
void* next_row(Stream& s) {
  const size_t n = s.numbers(), row = s.steps.size();
  if (!row) {
    const size_t row_bytes = n * (s.single ? sizeof(float) : sizeof(double));
    s.room = n < SHARED_FROM ? 0 : std::min<size_t>(slot_bytes / row_bytes, s.chunk - s.rows);
    s.slot = s.room ? free_slot() : -1;
  }
  s.rows = (s.rows + 1) % s.chunk;
  if (s.slot >= 0) {
    char* first = slots + s.slot * slot_apart;
    return first + row * n * (s.single ? sizeof(float) : sizeof(double));
  }
  s.samples.resize((row + 1) * n);
  return s.samples.data() + row * n;
}

// The values, and behind them the extremes.
template <typename Number>
void put_row(Number* to, const Stream& s) {
  if (!s.extremes) return read_into(to, s, s.scale);
  for (const std::vector<double>* part : {&s.now, &s.low, &s.high})
    for (double value : *part) *to++ = value * s.scale;
}

bool is_full(const Stream& s) { return s.slot >= 0 && s.steps.size() == s.room; }

void sample(Stream& s, int64_t step) {
  const bool wanted = step % s.every == 0 && step > s.last;
  if (!wanted && !s.extremes) return;
  if (s.extremes) {
    s.now.resize(s.width);
    read_into(s.now.data(), s, 1.0);
    if (!s.began) s.low = s.high = s.now;
    for (size_t k = 0; k < s.width; k++) {
      if (s.now[k] < s.low[k]) s.low[k] = s.now[k];
      if (s.now[k] > s.high[k]) s.high[k] = s.now[k];
    }
    s.began = true;
  }
  if (!wanted) return;
  s.last = step;
  void* to = next_row(s);
  s.steps.push_back(step);
  if (s.single && s.slot >= 0)
    put_row(static_cast<float*>(to), s);
  else
    put_row(static_cast<double*>(to), s);
  if (s.extremes) s.low = s.high = s.now;  // the next stretch begins where this one ends
}

void sample_streams(uint32_t clock, int64_t step) {
  step_of[clock] = step;
  for (Stream& s : streams)
    if (s.clock == clock) sample(s, step);
}

// Others are sampled from here on; those that are sampled already go on.
void take_streams() {
  std::vector<Stream> wanted(take<uint32_t>());
  for (Stream& s : wanted) {
    s.id = take<uint32_t>();
    s.clock = take<uint32_t>();
    s.array = take<uint32_t>();
    s.every = take<int64_t>();
    s.extremes = take<int32_t>() != 0;
    s.single = take<int32_t>() != 0;
    s.scale = take<double>();
    s.chunk = take<uint64_t>();
    s.rows = take<uint64_t>() % s.chunk;
    s.runs = take_many<Run>(take<uint32_t>());
    for (const Run& r : s.runs) s.width += r.count;
    s.last = take<int64_t>();  // another engine may have sampled it before
    s.began = take<int32_t>() != 0;
    if (s.began) s.low = take_many<double>(s.width), s.high = take_many<double>(s.width);
    bool known = false;
    for (Stream& before : streams)
      if (before.id == s.id) std::swap(before, s), known = true;
    if (!known) sample(s, step_of[s.clock]);
  }
  streams.swap(wanted);
  for (const Stream& s : wanted)
    if (s.slot >= 0) in_use[s.slot] = 0;
}

// -- what is sent ---------------------------------------------------------------------------------

void drain() {
  for (int m = 0; m < n_monitors; m++) {
    const Monitor& from = monitors[m];
    const size_t n = from.i->size();
    if (spike_step.empty()) step_base = (tick_now - 1) * steps_per_tick * per_step;
    for (size_t k = 0; k < n; k++) {
      const int64_t step = std::llround((*from.t)[k] / dt) - first_step * per_step;
      spike_step.push_back(static_cast<int32_t>(step - step_base));
      spike_unit.push_back((*from.i)[k] + from.offset);
    }
    from.i->clear();
    from.t->clear();
    *from.n = 0;
  }
}

// Enough samples of a stream for a message, or of all streams that go through the pipe.
bool many_samples() {
  size_t n = 0;
  for (const Stream& s : streams) {
    if (is_full(s)) return true;
    n += s.samples.size();
  }
  return n >= SEND_AT_NUMBERS;
}

enum Which { FULL, RECENT, ALL };

// FULL: no samples whose slot is not yet full. RECENT: them too, but for streams that soon fill it.
void send_data(Which which = ALL) {
  std::vector<Stream*> sent;
  uint64_t more = 0;
  for (Stream& s : streams) {
    const bool later = which == FULL || (which == RECENT && s.flows);
    const bool waits = later && s.slot >= 0 && !is_full(s);
    s.flows = is_full(s) || (which == FULL && s.flows);
    if (s.steps.empty() || waits) continue;
    sent.push_back(&s);
    more += 24 + s.steps.size() * 8 + s.samples.size() * 8;
  }
  std::string m;
  m.reserve(128 + spike_step.size() * 8 + row_t.size() * 8 + rows.size() * 8 + more);
  m += 'D';
  put(m, tick_now);
  put(m, behind_ms);
  put(m, step_base);
  put(m, static_cast<uint64_t>(spike_step.size()));
  put(m, static_cast<uint64_t>(row_t.size()));
  put(m, static_cast<uint64_t>(n_watched));
  put(m, more);
  // The first array with values that are no numbers, how many, and the first of them.
  int64_t bad[3] = {-1, 0, 0};
  for (const Finite& f : finite) {
    const double* p = static_cast<double*>(arrays[f.array].data());
    for (uint32_t k = f.start; k < f.stop; k++) {
      uint64_t bits;  // isfinite() may be compiled away
      std::memcpy(&bits, p + k, sizeof bits);
      if ((bits & 0x7ff0000000000000ull) != 0x7ff0000000000000ull) continue;
      if (bad[0] < 0) bad[0] = &f - finite.data(), bad[2] = k - f.start;
      if (bad[0] == &f - finite.data()) bad[1]++;
    }
    if (bad[0] >= 0) break;
  }
  m.append(reinterpret_cast<const char*>(bad), sizeof bad);
  put(m, spike_step);
  put(m, spike_unit);
  put(m, row_t);
  put(m, rows);
  for (Stream* s : sent) {
    put(m, s->id);
    put(m, s->slot);
    put(m, static_cast<uint64_t>(s->steps.size()));
    put(m, static_cast<uint64_t>(s->numbers()));
    put(m, s->steps);
    put(m, s->samples);
    s->steps.clear();
    s->samples.clear();
    s->slot = -1;
  }
  send(std::move(m));
  spike_step.clear();
  spike_unit.clear();
  row_t.clear();
  rows.clear();
  if (which != FULL) last_sent = now_s();
}

void say(char what) {
  std::string m(1, what);
  put(m, tick_now);
  send(std::move(m));
}

// One answer to every H. What was said before it, H at a stand of its own or the end, was on its
// way when the worker asked: without the answer, the worker would take one for the other.
void answer() {
  if (asked) asked = false, say('A');
}

// -- going on where another engine stands ---------------------------------------------------------

void take_array() {
  const Array& a = arrays[take<uint32_t>()];
  const size_t n = take<uint64_t>();
  if (n != a.size()) {
    if (a.n) {
      std::fprintf(stderr, "an array of another size\n");
      leave(5);
    }
    a.resize(n);
  }
  if (n) take(a.data(), n * width(a.type));
}

void take_arriving() {
  const Pathway& to = pathways[take<uint32_t>()];
  Arriving arriving(take<uint32_t>());
  for (std::vector<int32_t>& synapses : arriving) synapses = take_many<int32_t>(take<uint32_t>());
  to.take_over(arriving);
}

// The arrays, and the clocks among them, are those of another tick.
void take_tick() {
  tick_now = take<int64_t>();
  const uint32_t seed = take<uint32_t>();
  for (auto& g : brian::_random_generators) g.seed(seed);
  step_of = take_many<int64_t>(n_clocks);
  anchor_tick = -1;
  look_at_clocks();
  forget_refractory();
}

// -- commands -------------------------------------------------------------------------------------

bool obey(bool standing);

// Nothing more is simulated; questions are answered until the worker hangs up.
[[noreturn]] void end(char how) {
  static bool ended = false;
  if (ended) leave(0);
  ended = true;
  drain();
  send_data();
  say(how);
  answer();
  for (;;) obey(true);
}

// Returns true when the simulation may go on.
bool obey(bool standing) {
  switch (take<char>()) {
    case 'H':
      ticks_left = 0;
      asked = true;
      if (standing) answer();
      return !standing;
    case 'G': ticks_left = take<int64_t>(); anchor_tick = -1; return true;
    case 'S': speed = take<double>(); anchor_tick = -1; break;
    case 'E': end_tick = take<int64_t>(); break;
    case 'W': {
      Write w;
      const int64_t at = take<int64_t>();
      w.kind = take<int32_t>();
      w.since = take<int64_t>();
      w.array = take<uint32_t>();
      const uint32_t n = take<uint32_t>();
      w.index = take_many<uint32_t>(n);
      w.value = take_many<double>(n);
      if (at < 0) apply(w);
      else due[at].push_back(std::move(w));
      break;
    }
    case 'R': {
      const Array& a = arrays[take<uint32_t>()];
      const size_t bytes = a.size() * width(a.type);
      std::string m(1, 'R');
      put(m, static_cast<uint64_t>(bytes));
      if (bytes) m.append(static_cast<const char*>(a.data()), bytes);
      send(std::move(m));
      break;
    }
    case 'T': take_watched(); break;
    case 'M': take_streams(); break;
    case 'P': take_array(); break;
    case 'U': take_arriving(); break;
    case 'J': take_tick(); break;
    case 'F': finite = take_many<Finite>(take<uint32_t>()); break;
    case 'Q': end('Q');
    default: std::fprintf(stderr, "unknown command\n"); leave(4);
  }
  return false;
}

void stand() {
  drain();
  send_data();
  say('H');
  answer();
  while (!obey(true)) {
  }
  last_sent = last_poll = now_s();
}

// The time, looked up as often as it matters: seldom while ticks follow one another quickly.
double about_now() {
  static double looked = 0;
  static int every = 1, left = 0;
  if (--left > 0) return looked;
  const double now = now_s(), since = now - looked;
  looked = now;
  if (since < LOOK_EVERY_S / 2)
    every = std::min(2 * every, MOST_UNSEEN);
  else if (since > LOOK_EVERY_S)
    every = std::max(every / 2, 1);
  left = every;
  return now;
}

void keep_pace(double now) {
  if (speed <= 0) {
    behind_ms = 0;
    return;
  }
  if (anchor_tick < 0) anchor_tick = tick_now, anchor_wall = now;
  const double tick_ms = 1e3 * steps_per_tick * per_step * dt;
  const double at = anchor_wall + (tick_now - anchor_tick) * tick_ms / speed;
  if (now - at > LATE_S) {
    anchor_tick = tick_now, anchor_wall = now;
    behind_ms = (now - at) * 1e3;
    return;
  }
  if (at - now > 1e-3 && now - last_sent >= send_every_s / 2) {
    drain();  // what this tick brought is seen before the wait, not after
    send_data();
  }
  for (double left = at - now_s(); left > 0 && ticks_left && anchor_tick >= 0; left = at - now_s()) {
    behind_ms = 0;
    if (left < 1e-3) {
      timespec t = {0, static_cast<long>(left * 1e9)};
      nanosleep(&t, nullptr);
    } else if (heard(std::floor(left * 1e3) * 1e-3)) {
      obey(false);
    }
  }
}

}  // namespace

void start() {
  const char* per_s = std::getenv("WORKBENCH_FPS");  // checked by the worker
  if (per_s) send_every_s = 1.0 / std::atof(per_s);
  const char* in = std::getenv("WORKBENCH_IN");
  const char* out = std::getenv("WORKBENCH_OUT");
  if (!in || !out) {
    std::fprintf(stderr, "This simulation is run by the circuit workbench.\n");
    leave(2);
  }
  in_fd = std::atoi(in);
  out_fd = std::atoi(out);
  const uint32_t seed = take<uint32_t>();
  for (auto& g : brian::_random_generators) g.seed(seed);
  find_counters();  // Brian2 has made its arrays by now
  map_slots();
  std::thread(sender).detach();
}

double at_clock(int64_t step, int clock) {
  sample_streams(clock, step);
  return 0;
}

double at_step(int64_t step) {
  sample_streams(0, step);
  if (step % steps_per_tick) return 0;
  tick_now = step / steps_per_tick;
  sample();
  if (tick_now == end_tick) end('E');
  if (ticks_left > 0 && tick_now) ticks_left--;
  double now = speed > 0 ? now_s() : about_now();
  if (ticks_left && now - last_poll >= POLL_EVERY_S) {
    while (ticks_left && heard(0)) obey(false);
    last_poll = now;
  }
  if (ticks_left) keep_pace(now);
  // Drained at every tick: the monitors stay small and in the cache.
  drain();
  if (speed > 0) now = now_s();
  const bool due_now = now - last_sent >= send_every_s;
  if (ticks_left && (due_now || spike_step.size() >= SEND_AT_SPIKES || many_samples()))
    send_data(due_now ? RECENT : FULL);
  if (!ticks_left) stand();
  const auto here = due.find(tick_now);
  if (here != due.end()) {
    std::vector<Write>& list = here->second;
    std::stable_sort(list.begin(), list.end(), [](const Write& a, const Write& b) {
      return a.kind != b.kind ? a.kind < b.kind : a.since < b.since;
    });
    for (const Write& w : list) apply(w);
    due.erase(here);
  }
  return 0;
}

}  // namespace workbench
