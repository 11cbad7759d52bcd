"""A live run with interventions, replayed: the same spikes, every one."""

import random

from toys import Toy

from workbench import Inject
from workbench.replay import differences, replay, same_spikes


def test_ten_interventions_are_replayed_exactly(go_on):
    rng = random.Random(4)
    session = Toy().start(seed=7, engine="numpy", speed=2000)
    try:
        for k in range(10):
            go_on(session, 60)
            if k % 2:
                session.do(Inject(None, "source", (rng.randrange(3),)))
            else:
                session.set("current", rng.uniform(1.1, 3))
        go_on(session, 200)
        live = session.stop()
    finally:
        session.close()
    again = replay(live, model=Toy())
    assert len(live.interventions) == 10
    assert len(live.steps) > 100
    assert differences(live, again) == 0
    assert same_spikes(live, again)
    assert again.duration_ms == live.duration_ms


def test_input_spikes_are_part_of_the_log():
    run = Toy().run(50, engine="numpy", input_spikes={"source": ([3, 3, 10], [0, 1, 2])})
    assert [e["kind"] for e in run.interventions] == ["input", "input"]
    assert same_spikes(run, replay(run, model=Toy()))
    assert run.spikes("source")[0].tolist() == [3, 3, 10]
