# One image for every process: web (the default command), `flask worker --queue ingest`, `flask worker --queue work`,
# `flask scheduler`, and `flask db upgrade` before a release. compose.yaml shows them together.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt
COPY --from=packages /app/node_modules node_modules
COPY . .
RUN python crm_web/ops/assets.py --no-npm \
    && if [ -d crm_web/translations ]; then /opt/venv/bin/pybabel -q compile -d crm_web/translations; fi \
    && rm -rf node_modules \
    && /opt/venv/bin/python -m compileall -q crm_web migrations wsgi.py

FROM python:3.13-slim-bookworm
# Pango and fonts are for PDF reports.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin crm \
    && install -d -o crm -g crm -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CRM_ENV=production \
    CRM_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
CMD ["gunicorn", "wsgi:app"]
