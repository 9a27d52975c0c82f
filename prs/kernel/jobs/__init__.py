"""Work that waits: jobs, schedules and the worker that runs them.

Owns the job table and the worker's heartbeat, and is the only door to the queue's library. Refuses
arguments that are not plain ids. Every service that sends work to the background calls `enqueue`.
"""
