"""The scenes that the matrix is played on: made once, for the cells change nothing but what they make."""

import pytest

from tests.matrix.expectation import EDITIONS
from tests.matrix.scene import ROOMY, Scene
from tests.world import opened


@pytest.fixture(scope="package")
def scenes(tmp_path_factory):
    """Give by edition an organization where everybody stands who can hold a role."""
    with opened(tmp_path_factory.mktemp("matrix"), limits=ROOMY) as world:
        found = {edition: Scene.make(world, edition) for edition in EDITIONS}
        for scene in found.values():
            scene.populate()
        yield found


@pytest.fixture(scope="package")
def neighbours(tmp_path_factory):
    """Give by edition two organizations, each with an owner who is not in the other, and all kinds of objects."""
    with opened(tmp_path_factory.mktemp("neighbours"), limits=ROOMY) as world:
        yield {edition: (Scene.make(world, edition), Scene.make(world, edition)) for edition in EDITIONS}
