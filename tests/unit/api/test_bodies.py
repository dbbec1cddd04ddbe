"""Slow bodies end for others, and no body is refused."""

from contextlib import ExitStack

from eclgrmd.api.bodies import Bodies
from tests.support.paces import Known


def slow(number: int) -> list[Known]:
    return [Known(1.0, rate) for rate in range(number)]


def test_of_one_client_the_slowest_end_beyond_32() -> None:
    bodies, mine, others = Bodies(1000), slow(40), slow(1)
    with ExitStack() as stack:
        stack.enter_context(bodies.counted("other", others[0]))
        for pace in mine:
            stack.enter_context(bodies.counted("me", pace))
        assert [pace.given_up for pace in mine] == [True] * 8 + [False] * 32
    assert not others[0].given_up


def test_of_all_clients_the_slowest_end_beyond_the_limit() -> None:
    bodies, paces = Bodies(10), slow(15)
    with ExitStack() as stack:
        for number, pace in enumerate(paces):
            stack.enter_context(bodies.counted(f"client {number}", pace))
        assert [pace.given_up for pace in paces] == [True] * 5 + [False] * 10


def test_fast_bodies_and_those_that_have_just_begun_go_on() -> None:
    bodies = Bodies(10)
    paces = [Known(0.1, 0.0) for _ in range(50)] + [Known(10.0, 1e6) for _ in range(50)]
    with ExitStack() as stack:
        for pace in paces:
            stack.enter_context(bodies.counted("me", pace))
        assert not any(pace.given_up for pace in paces)


def test_many_that_began_together_end_when_they_prove_slow() -> None:
    bodies, paces = Bodies(1000), [Known(0.1, 0.0) for _ in range(100)]
    with ExitStack() as stack:
        for pace in paces:
            stack.enter_context(bodies.counted("me", pace))
        for pace in paces:
            pace.known = 1.0, 0.0
        stack.enter_context(bodies.counted("me", Known(0.0, 0.0)))
        assert sum(pace.given_up for pace in paces) == 100 - 31


def test_what_has_ended_is_not_counted() -> None:
    bodies, paces = Bodies(1), slow(3)
    for pace in paces:
        with bodies.counted("me", pace):
            pass
    assert not any(pace.given_up for pace in paces)
