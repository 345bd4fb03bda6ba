"""The order of the fields that compiled kernels read, which numba's disk cache does not watch.

It watches the file of the compiled function alone, and takes two tuples of one class and the same types for the same,
whatever the order of their fields. A kernel kept on disk would then read one array for another.
"""

from hashlib import sha256

import pytest

from vzforecast.hamiltonian import kernel as hamiltonian
from vzforecast.hamiltonian import layout as space
from vzforecast.hamiltonian import target
from vzforecast.path_kernel import kernel as paths
from vzforecast.path_kernel import layout

READ = {
    "hamiltonian": (
        hamiltonian,
        [
            *(space.Variables, space.Latent, space.Space, space.Trace),
            *(target.Prior, target.Terms, target.Signals, target.Leans, target.Rows, target.Target),
        ],
        (),
    ),
    "path_kernel": (
        paths,
        [layout.Course, layout.Couplings, layout.Law, layout.Start, layout.State, layout.Plan, layout.Log],
        (layout.FREE, layout.SHIFTED, layout.SILENT, layout.UNFORCED),
    ),
}


@pytest.mark.parametrize("name", list(READ))
def test_a_kernel_knows_the_fields_that_it_reads(name: str) -> None:
    kernel, tuples, constants = READ[name]
    text = repr([(one.__name__, one._fields) for one in tuples]) + repr(constants)
    digest = sha256(text.encode()).hexdigest()[:16]
    assert digest == kernel.FIELDS, (
        f"fields or constants changed: set FIELDS of {name}/kernel.py to {digest!r}, "
        "so that numba compiles that file again wherever it is on disk"
    )
