"""The simulated satellite: a circle about the Earth, and what of the sky the Earth covers."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from testbench.simulate.physics.satellite import PERIOD_S, Satellite, draw_satellite

SATELLITE = Satellite(0.4, np.radians(29.0), 1.0, 2.0, -0.3, 0.7, 0.5)


def test_the_orbit_is_a_circle_at_620_km_with_its_inclination() -> None:
    time_s = np.linspace(0.0, PERIOD_S, 1000)
    position = SATELLITE.position_km(time_s)
    assert np.linalg.norm(position, axis=1) == pytest.approx(np.full(1000, 6991.0))
    latitude = np.degrees(np.arcsin(position[:, 2] / 6991.0))
    assert latitude.max() == pytest.approx(29.0, abs=0.01)
    assert position[-1] == pytest.approx(position[0])
    # 96 min, as the mission has it
    assert pytest.approx(96.0, abs=1.5) == PERIOD_S / 60.0


def test_the_quaternion_turns_the_axes() -> None:
    turned = Rotation.from_quat(SATELLITE.quaternion).as_matrix()
    assert turned == pytest.approx(SATELLITE.axes)
    z = SATELLITE.axes[:, 2]
    assert np.arctan2(z[1], z[0]) == pytest.approx(2.0)
    assert np.arcsin(z[2]) == pytest.approx(-0.3)


def test_the_earth_covers_what_lies_below() -> None:
    satellite = draw_satellite(np.random.default_rng(1), 0.0)
    time_s = satellite.grid(0.0, PERIOD_S)
    down = -satellite.position_km(time_s) / 6991.0
    separation = np.degrees(np.arccos(down @ satellite.axes[:, 2]))
    covered = satellite.covered(time_s)
    radius = np.degrees(np.arcsin(6371.0 / 6991.0))
    # the corners of the field of view are 54 degrees from its axis
    assert (covered[separation > radius + 55.0] == 0.0).all()
    assert (covered[separation < radius - 55.0] > 0.999).all()
    assert (np.abs(covered[np.abs(separation - radius) < 1.0] - 0.5) < 0.1).all()
