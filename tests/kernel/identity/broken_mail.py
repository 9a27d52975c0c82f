from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    """A mail server that nobody answers at."""

    def send_messages(self, email_messages):
        raise ConnectionRefusedError
