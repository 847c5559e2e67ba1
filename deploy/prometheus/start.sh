#!/bin/sh
# Starts Prometheus with the configuration that make-config.sh prints. The file system is read-only: what is made up goes to /tmp.
set -eu
umask 077
printf %s "${METRICS_API_KEY:-}" > /tmp/api-key
sh "$(dirname "$0")/make-config.sh" > /tmp/prometheus.yml
exec /bin/prometheus --config.file=/tmp/prometheus.yml --storage.tsdb.path=/prometheus \
    --storage.tsdb.retention.time="${RETENTION:-30d}"
