# One image for web, worker and scheduler; what it contains follows from the lock files.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends nodejs npm \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/portal
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY . .
# The keys of this step only let the settings load; they are gone with it.
RUN .venv/bin/python -m tools.assets \
 && SECRET_KEY=$(head -c 48 /dev/urandom | base64) FIELD_KEY=$(head -c 48 /dev/urandom | base64) \
    .venv/bin/python manage.py collectstatic --noinput --verbosity=0 \
 && rm -rf var/npm

FROM python:3.11-slim-bookworm
ENV PATH=/srv/portal/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
RUN useradd --system --uid 10001 --no-create-home portal
WORKDIR /srv/portal
COPY --from=build /srv/portal /srv/portal
RUN install -d -o portal -g portal var/files var/mail
USER portal
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind=0.0.0.0:8000", "--no-control-socket"]
