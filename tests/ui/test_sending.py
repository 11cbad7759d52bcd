"""What a drawing sends is what the browser reads back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Deserializer, Serializer
from bokeh.document import Document
from bokeh.models import ColumnDataSource, Range1d

from panels.bokeh_internals.batching import FEW, SHORT, Changes

ARRAYS = {
    "few": (np.linspace(0, 1, 12, dtype=np.float32), 0),
    "square": (np.arange(6.0).reshape(2, 3), 0),
    "many": (np.linspace(0, 1, FEW + 1), 0),
    "gaps": (np.array([0.5, np.nan, np.inf]), 0),
    "numbers": (np.arange(4, dtype=np.int32), 0),
    "image": (np.arange(6, dtype=np.uint8).reshape(2, 3), 0),
    "every other": (np.arange(4.0 * FEW)[::2], 0),
    "turned": (np.arange(6, dtype=np.uint8).reshape(2, 3).T, 0),
    "none": (np.empty(0), 0),
    "no bytes": (np.empty((0, 3), np.uint8), 0),
    "short": (np.arange(SHORT, dtype=np.uint8), 0),
    "long": (np.arange(SHORT + 1, dtype=np.uint8), 1),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_arrives_as_it_was(name):
    array, parts = ARRAYS[name]
    changes = Changes(set())
    text = serialize_json(changes.encode(array))
    back = Deserializer().decode(json.loads(text), changes.buffers)
    assert np.array_equal(back, array, equal_nan=array.dtype.kind == "f")
    assert back.shape == array.shape
    assert back.dtype == array.dtype
    assert len(changes.buffers) == parts


def test_a_model_that_the_browser_has_is_named_and_a_new_one_is_told():
    document = Document()
    known, new = ColumnDataSource(), Range1d(1, 2)
    document.add_root(known)
    document.models.flush_synced()
    changes = Changes(document.models.synced_references)
    assert not changes.has_ref(new)
    reported = changes.encode([known, new, new])
    assert reported == Serializer(references={known}).encode([known, new, new])
    assert reported[0] == known.ref
    assert reported[1]["attributes"]["start"] == 1
    assert reported[2] == new.ref
    assert changes.has_ref(known) and changes.has_ref(new)
