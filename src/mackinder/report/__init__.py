"""Charts, map and page from a run."""

from __future__ import annotations

from mackinder.report.build import build_content
from mackinder.report.content import ReportContent
from mackinder.report.page import render_page, write_report

__all__ = ["ReportContent", "build_content", "render_page", "write_report"]
