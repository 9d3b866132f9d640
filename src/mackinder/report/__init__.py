"""Charts, map and page from a run."""

from __future__ import annotations

from mackinder.report.build import build_content
from mackinder.report.content import ReportContent
from mackinder.report.page import render_page, write_report
from mackinder.report.runpage import report_of_run

__all__ = ["ReportContent", "build_content", "render_page", "report_of_run", "write_report"]
