# One image, three commands: web, worker, beat (docker-compose.yml). The same lock as the demo and the tests.
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1 tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/thidua --shell /usr/sbin/nologin thidua \
 && install -d -o thidua -g thidua /srv/thidua/var /srv/thidua/var/media

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 STATIC_ROOT=/srv/thidua/static-built
WORKDIR /srv/thidua
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.txt

COPY . .
# Needs neither a database nor a secret worth keeping; nothing of these values stays in the image.
RUN SECRET_KEY=build-only DATABASE_URL=postgres://nobody@/none ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --noinput

USER thidua
EXPOSE 8000
VOLUME /srv/thidua/var
STOPSIGNAL SIGTERM
ENTRYPOINT ["/srv/thidua/docker-entrypoint.sh"]
CMD ["web"]
