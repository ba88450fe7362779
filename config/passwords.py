"""The hash of passwords: Argon2id at the cost that OWASP's password storage sheet gives as a minimum."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: dear for who guesses, a few hundredths of a second for who signs in (reliability C4.2)."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
