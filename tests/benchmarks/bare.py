"""The bare limit: the same web process and Django, a view that says hello, and next to nothing between.

The one middleware that is left is there because its package refuses to start without it.
"""

from prs.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.bare_urls"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
