"""The product's settings with a hello page, for what one request costs."""

from prs.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
