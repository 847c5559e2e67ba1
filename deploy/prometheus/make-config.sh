#!/bin/sh
# Prints Prometheus' configuration: what is scraped in the network of compose.yaml, and by which rules people are called. With
# METRICS_API_KEY (an API key of UpGuard with the scope `metrics`) also what monitors find.
set -eu

cat <<EOF
global:
  scrape_interval: 15s
  evaluation_interval: 15s

rule_files: ["${RULES:-/etc/upguard/rules}/*.yaml"]

alerting:
  alertmanagers:
    - static_configs: [{targets: ["alertmanager:9093"]}]

scrape_configs:
  - job_name: upguard-control
    static_configs: [{targets: ["control-1:9090", "control-2:9090"]}]

  # Every container of a region has an address of its own under its service's name: as many probes as run are found.
  - job_name: upguard-probe
    dns_sd_configs: [{names: [${PROBES:-probe-eu-west, probe-us-east}], type: A, port: 9091}]
EOF

if [ -n "${METRICS_API_KEY:-}" ]; then
    cat <<EOF

  # Any replica tells the whole page: the proxy asks one that is ready.
  - job_name: upguard-monitors
    metrics_path: /api/v1/metrics
    scrape_interval: 30s
    authorization: {credentials_file: "${KEY_FILE:-/tmp/api-key}"}
    static_configs: [{targets: ["proxy:8080"]}]
EOF
fi
