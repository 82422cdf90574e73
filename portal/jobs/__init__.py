"""Background work: rows in PostgreSQL are the truth; whoever rings (NOTIFY, Celery, the sweeper) only wakes it."""
