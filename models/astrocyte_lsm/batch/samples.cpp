// Shows one sample after another to the compiled liquid, and writes down what it answers.
//
// Runs inside Brian2's standalone binary, called at the start of every step: the network itself is
// Brian2's. At the border of two samples it resets what the source resets, puts the weights back
// (or lets them go on changing), seeds the random numbers with the sample's number, and sets the
// input. So a sample gives the same answer whichever samples were shown before it.
//
// The job comes in the file WORKBENCH_JOB, the answers go to files beside it; see
// models/astrocyte_lsm/batch/samples.py, which writes and reads them.
#include "samples.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "objects.h"

namespace samples {
namespace {

struct Field {
  double* (*data)();
  size_t (*size)();
};

#include "samples_table.h"  // cleared[], kept[], share(), drive(), A(), b_astro(), gain(), ...

struct Job {
  char magic[8];
  int64_t n, first, steps, n_inputs, events, restore, seed, record;
};

Job job;
std::string folder;
FILE* input = nullptr;
FILE* answers = nullptr;
FILE* spikes = nullptr;
std::vector<float> shares;
std::vector<int64_t> event_start;
std::vector<int32_t> event_step, event_unit;
size_t next_event = 0;
std::vector<double> before;  // weights, traces and calcium, one after the other
std::vector<uint16_t> counts;
uint32_t input_count = 0;
double sum_A = 0;
int64_t now = -1;  // number of the sample within the job

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::_Exit(2);
}

void take(void* to, size_t n) {
  if (n && std::fread(to, n, 1, input) != 1) fail("the job file is too short");
}

FILE* out(const char* name) {
  FILE* file = std::fopen((folder + name).c_str(), "wb");
  if (!file) fail("an answer file cannot be written");
  return file;
}

void open_job() {
  const char* path = std::getenv("WORKBENCH_JOB");
  if (!path) fail("This simulation is run by the circuit workbench.");
  folder = path;
  folder.resize(folder.rfind('/') + 1);
  input = std::fopen(path, "rb");
  if (!input) fail("the job file cannot be read");
  take(&job, sizeof job);
  if (std::memcmp(job.magic, "WBSAMPLE", 8) || job.n_inputs != n_inputs)
    fail("the job file is of another network");
  counts.assign(n_liquid, 0);
  if (job.events) {
    event_start.resize(job.n + 1);
    take(event_start.data(), event_start.size() * sizeof(int64_t));
    event_step.resize(event_start.back());
    event_unit.resize(event_start.back());
    take(event_step.data(), event_step.size() * sizeof(int32_t));
    take(event_unit.data(), event_unit.size() * sizeof(int32_t));
  } else {
    shares.resize(n_inputs);
  }
  answers = out("answers");
  if (job.record) spikes = out("spikes");
  for (const Field& f : kept) before.insert(before.end(), f.data(), f.data() + f.size());
}

void begin() {
  for (const Field& f : cleared) std::memset(f.data(), 0, f.size() * sizeof(double));
  *gain() = 1;
  *A() = *b_astro();
  if (job.restore) {
    size_t at = 0;
    for (const Field& f : kept) {
      std::memcpy(f.data(), before.data() + at, f.size() * sizeof(double));
      at += f.size();
    }
  }
  // Neighbouring seeds must not give related streams: mixed as by splitmix64.
  uint64_t z = static_cast<uint64_t>(job.seed) * 0x9E3779B97F4A7C15ull +
               static_cast<uint64_t>(job.first + now) + 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  for (auto& generator : brian::_random_generators) generator.seed(static_cast<uint32_t>(z));
  if (job.events) {
    next_event = event_start[now];
  } else {
    take(shares.data(), shares.size() * sizeof(float));
    for (size_t k = 0; k < shares.size(); k++) share()[k] = shares[k];
  }
  std::fill(counts.begin(), counts.end(), 0);
  input_count = 0;
  sum_A = 0;
}

void note(int64_t step) {  // the spikes of the step that is over
  const int32_t* fired = liquid_spikes();
  const int32_t n = fired[n_liquid];
  for (int32_t k = 0; k < n; k++) counts[fired[k]]++;
  const int32_t* given = input_spikes();
  const int32_t m = given[n_inputs];
  input_count += m;
  sum_A += *A();
  if (!spikes) return;
  for (int32_t k = 0; k < n + m; k++) {
    const int32_t unit = k < n ? fired[k] : n_liquid + given[k - n];
    const int32_t row[3] = {static_cast<int32_t>(now), static_cast<int32_t>(step), unit};
    std::fwrite(row, sizeof row, 1, spikes);
  }
}

void finish() {
  const float A_mean = static_cast<float>(sum_A / job.steps), A_end = static_cast<float>(*A());
  std::fwrite(&input_count, sizeof input_count, 1, answers);
  std::fwrite(&A_mean, sizeof A_mean, 1, answers);
  std::fwrite(&A_end, sizeof A_end, 1, answers);
  std::fwrite(counts.data(), sizeof(uint16_t), counts.size(), answers);
  std::fflush(answers);
}

[[noreturn]] void end() {
  bool bad = std::fclose(answers) != 0;
  if (spikes) bad = std::fclose(spikes) != 0 || bad;
  FILE* state = out("state");
  for (const Field& f : kept) bad = std::fwrite(f.data(), sizeof(double), f.size(), state) != f.size() || bad;
  bad = std::fclose(state) != 0 || bad;
  if (bad) fail("an answer file cannot be written: is the disk full?");
  std::_Exit(0);  // without Brian2's result files
}

}  // namespace

double at_step(int64_t step) {
  if (!input) open_job();
  const int64_t within = step % job.steps;
  if (step) note(within ? within - 1 : job.steps - 1);
  if (!within) {
    if (step) finish();
    if (++now == job.n) end();
    begin();
  }
  if (job.events) {
    const size_t stop = event_start[now + 1];
    for (; next_event < stop && event_step[next_event] == within; next_event++)
      drive()[event_unit[next_event]] = 1;
  }
  return 0;
}

}  // namespace samples
