"""Running the house on one machine: own servers, the supervisor behind `bin/demo`, the local message provider.

Comes in: the checkout and, if set, `DATABASE_URL` and `REDIS_URL`. Decides: which server binaries serve. Leaves: running
processes and the environment they share. For demo and tests only; production brings its own servers (docs/operations.md).
"""
