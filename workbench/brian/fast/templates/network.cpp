{# The time loop. Objects are sorted by their clock once, not looked up in a set at every step, and
   the processor's clock is read only where somebody wants to know it. #}
{% macro cpp_file() %}
#include "network.h"
#include <cmath>
#include <ctime>

double Network::_last_run_time = 0.0;
double Network::_last_run_completed_fraction = 0.0;
bool Network::_globally_stopped = false;
bool Network::_globally_running = false;
Network* Network::running = NULL;

namespace {
const double SAME_TIME = 1e-14;

double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}
}  // namespace

Network::Network() : t(0.0) {}

void Network::clear() { objects.clear(); }

void Network::add(Clock* clock, codeobj_func func) {
  objects.push_back(std::make_pair(clock, func));
}

Clock* Network::find_due() {
  Clock* first = clocks[0].clock;
  for (size_t k = 1; k < clocks.size(); k++)
    if (clocks[k].clock->t[0] < first->t[0]) first = clocks[k].clock;
  const double now = first->t[0];
  for (size_t k = 0; k < clocks.size(); k++)
    clocks[k].due = std::fabs(clocks[k].clock->t[0] - now) <= SAME_TIME;
  return first;
}

void Network::look_at_clocks() { t = find_due()->t[0]; }

void Network::run(const double duration, report_function report, const double report_period) {
  const double t_start = t, t_end = t + duration;
  const std::clock_t start = std::clock();
  // In the order of their addresses: where two are due at almost the same time, the first gives t.
  std::set<Clock*> different;
  for (size_t k = 0; k < objects.size(); k++) different.insert(objects[k].first);
  clocks.clear();
  for (std::set<Clock*>::iterator c = different.begin(); c != different.end(); ++c) {
    (*c)->set_interval(t, t_end);
    clocks.push_back(Due{*c, true});
  }
  std::vector<Call> calls;
  for (size_t k = 0; k < objects.size(); k++) {
    if (!objects[k].second) continue;  // only its clock is wanted
    size_t which = 0;
    while (clocks[which].clock != objects[k].first) which++;
    calls.push_back(Call{which, objects[k].second});
  }
  if (report) report(0.0, 0.0, t_start, duration);
  double next_report = report_period;
  bool out_of_time = false;
  Clock* clock = clocks.empty() ? NULL : find_due();
  Network::_globally_running = true;
  running = this;
  Network::_globally_stopped = false;
  while (clock && clock->running() && !Network::_globally_stopped) {
    t = clock->t[0];
    if (clocks.size() == 1) {
      for (size_t k = 0; k < calls.size(); k++) calls[k].function();
      clock->tick();
    } else {
      for (size_t k = 0; k < calls.size(); k++)
        if (clocks[calls[k].clock].due) calls[k].function();
      for (size_t k = 0; k < clocks.size(); k++)
        if (clocks[k].due) clocks[k].clock->tick();
      clock = find_due();
    }
    if (report) {
      const double elapsed = seconds_since(start);
      if (elapsed > next_report) {
        report(elapsed, (clock->t[0] - t_start) / duration, t_start, duration);
        next_report += report_period;
      }
    }
{% if maximum_run_time is not none %}
    if (seconds_since(start) > {{maximum_run_time}}) {
      out_of_time = true;
      break;
    }
{% endif %}
  }
  Network::_globally_running = false;
  running = NULL;
  t = clock && (out_of_time || Network::_globally_stopped) ? clock->t[0] : t_end;
  _last_run_time = seconds_since(start);
  _last_run_completed_fraction = duration > 0 ? (t - t_start) / duration : 1.0;
  if (report) report(_last_run_time, _last_run_completed_fraction, t_start, duration);
}
{% endmacro %}

{% macro h_file() %}
#ifndef _BRIAN_NETWORK_H
#define _BRIAN_NETWORK_H

#include <stdlib.h>
#include <iostream>
#include <set>
#include <utility>
#include <vector>
#include "brianlib/clocks.h"

typedef void (*codeobj_func)();
typedef void (*report_function)(const double, const double, const double, const double);

class Network {
  struct Due {
    Clock* clock;
    bool due;  // at this step
  };
  struct Call {
    size_t clock;  // of the list of clocks
    codeobj_func function;
  };
  std::vector<Due> clocks;
  Clock* find_due();  // marks the clocks whose step is next; returns the earliest

 public:
  std::vector<std::pair<Clock*, codeobj_func> > objects;
  double t;
  static double _last_run_time;
  static double _last_run_completed_fraction;
  static bool _globally_stopped;
  static bool _globally_running;
  static Network* running;  // the one whose time loop runs

  Network();
  void clear();
  void add(Clock* clock, codeobj_func func);
  void run(const double duration, report_function report, const double report_period);
  void look_at_clocks();  // within the loop: they were set to another time
};

#endif
{% endmacro %}
