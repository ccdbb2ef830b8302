import pytest

from feedpub.steps import done, in_step


def work(name, steps, log):
    for step in range(steps):
        log.append((name, step))
        yield
    return name


def test_each_step_is_done_by_all_before_the_next():
    log = []
    assert in_step([work("a", 2, log), work("b", 2, log)]) == ["a", "b"]
    assert log == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


def test_results_stand_in_the_order_of_the_works_whichever_ends_first():
    assert in_step([work("a", 3, []), work("b", 0, []), work("c", 1, [])]) == ["a", "b", "c"]


def test_no_work_has_no_results():
    assert in_step([]) == []


def test_one_piece_of_work_is_done_to_its_end():
    log = []
    assert done(work("a", 3, log)) == "a"
    assert len(log) == 3


def test_what_a_step_raises_is_raised():
    def failing():
        yield
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_step([work("a", 3, []), failing()])
