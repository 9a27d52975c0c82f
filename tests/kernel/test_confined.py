"""What strangers wrote is read in a child that can do no harm, and always ends."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from prs.kernel import confined
from prs.kernel.confined import Broken, OutOfBounds, Unfit, run
from tests.kernel import confined_jobs as jobs


def ask(function, *arguments, seconds=5, megabytes=200):
    return run(function, *arguments, seconds=seconds, megabytes=megabytes)


def test_plain_answers_come_back():
    assert ask(jobs.double, b"ab" * 1_000_000) == b"ab" * 2_000_000
    assert ask(jobs.double, [1, "two", None, 3.5]) == [1, "two", None, 3.5] * 2


def test_each_run_has_a_process_of_its_own_and_one_keeper():
    (first, keeper), (second, same_keeper) = ask(jobs.process_ids), ask(jobs.process_ids)

    assert keeper == same_keeper
    assert len({first, second, keeper, os.getpid()}) == 4


def test_a_refusal_reaches_the_caller_with_its_details():
    with pytest.raises(Unfit) as refused:
        ask(jobs.refuse)

    assert (refused.value.reason, refused.value.details) == ("too-blue", {"limit": 3})


def test_a_failure_comes_back_as_its_traceback():
    with pytest.raises(Broken, match="LookupError: no such thing"):
        ask(jobs.fail)


@pytest.mark.parametrize("endless", [jobs.spin, jobs.sleep])
def test_what_never_ends_is_ended(endless):
    started = time.monotonic()

    with pytest.raises(OutOfBounds):
        ask(endless, seconds=1)

    assert time.monotonic() - started < 30


def test_memory_is_bounded():
    assert ask(jobs.hoard, 50, megabytes=100) == 50 * 1024 * 1024
    with pytest.raises(OutOfBounds):
        ask(jobs.hoard, 200, megabytes=100)


@pytest.mark.parametrize("broken", [jobs.vanish, jobs.crash])
def test_a_child_that_dies_takes_nothing_with_it(broken):
    with pytest.raises(OutOfBounds):
        ask(broken)

    assert ask(jobs.double, 2) == 4


def test_no_secret_of_ours_is_in_reach(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for strangers")
    monkeypatch.setenv("DATABASE_URL", "postgres://also-not")

    assert set(ask(jobs.environment)) <= {*confined._KEPT_VARIABLES, "LC_CTYPE"}


def test_a_child_holds_no_connection_but_its_own():
    with socket.socket(), open("/etc/hostname", "rb"):  # noqa: PTH123
        links = ask(jobs.open_descriptors)

    assert len([link for link in links if link.startswith("socket:")]) == 1
    assert "/etc/hostname" not in links


def test_a_child_writes_no_file(tmp_path):
    with pytest.raises((Broken, OutOfBounds)):
        ask(jobs.write, str(tmp_path / "left.txt"))

    assert (tmp_path / "left.txt").read_text() == ""


def test_an_answer_is_never_a_class():
    with pytest.raises(OutOfBounds, match="plain data"):
        ask(jobs.answer_with_a_class)


def test_runs_of_many_threads_do_not_mix():
    answers: dict[int, int] = {}

    def work(number: int) -> None:
        answers[number] = ask(jobs.double, number, seconds=20)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {number: number * 2 for number in range(12)}


def test_a_keeper_that_was_killed_is_started_again():
    _, keeper = ask(jobs.process_ids)
    os.kill(keeper, 9)
    time.sleep(0.2)

    assert ask(jobs.double, 4) == 8
    assert ask(jobs.process_ids)[1] != keeper


def test_a_forked_process_has_a_keeper_of_its_own():
    _, keeper = ask(jobs.process_ids)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(ask(jobs.process_ids)[1]).encode())
        confined._keeper.stop()
        os._exit(0)
    os.waitpid(child, 0)
    theirs = int(os.read(reader, 20))
    os.close(reader)
    os.close(writer)

    assert theirs != keeper
    assert ask(jobs.process_ids)[1] == keeper


def test_the_keeper_ends_with_its_owner():
    reader, writer = os.pipe()
    owner = os.fork()
    if owner == 0:
        os.write(writer, str(ask(jobs.process_ids)[1]).encode())
        os.kill(os.getpid(), 9)
    os.waitpid(owner, 0)
    keeper = int(os.read(reader, 20))
    os.close(reader)
    os.close(writer)

    for _ in range(50):
        if not Path(f"/proc/{keeper}").exists() or "Z" in Path(f"/proc/{keeper}/stat").read_text():
            return
        time.sleep(0.1)
    pytest.fail("The keeper outlived its owner.")
