#!/bin/sh
# web | worker | beat; anything else is a command of manage.py.
set -eu
case "${1:-web}" in
  web)
    # the pool is for web alone: together with Celery's forks it has failed before
    export DATABASE_POOL="${DATABASE_POOL:-1}"
    exec python -m gunicorn thidua.wsgi:application --bind 0.0.0.0:8000 --worker-class gthread \
      --workers "${WEB_WORKERS:-2}" --threads "${WEB_THREADS:-4}" --graceful-timeout 30 --timeout 60 \
      --max-requests 2000 --max-requests-jitter 200 --no-control-socket --worker-tmp-dir /dev/shm
    ;;
  worker)
    exec python -m celery -A thidua.celery worker --loglevel WARNING --concurrency "${WORKER_PROCESSES:-2}" \
      --without-gossip --without-mingle
    ;;
  beat)
    exec python -m celery -A thidua.celery beat --loglevel WARNING --schedule /tmp/beat-schedule --pidfile ''
    ;;
  *)
    exec python manage.py "$@"
    ;;
esac
