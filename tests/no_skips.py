"""A plugin of pytest's: where PLOTART_NO_SKIPS=1, a skip is a failure, unless it is for what no installation brings."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from needs import ELSEWHERE

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _told(report) if not hasattr(report, "wasxfail") else report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _told(report)


def _told(report: Report) -> Report:
    """The report, as a failure if it was skipped for a reason that doesn't count here (`needs.py`)."""
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if _counts(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing is to be skipped (PLOTART_NO_SKIPS): {reason}"
    return report


def _counts(reason: str) -> bool:
    """Whether this skip is a failure here."""
    return os.environ.get("PLOTART_NO_SKIPS") == "1" and not reason.startswith(tuple(f"needs {w}" for w in ELSEWHERE))
