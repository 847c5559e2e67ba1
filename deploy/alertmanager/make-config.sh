#!/bin/sh
# Prints Alertmanager's configuration: whom Prometheus' alerts about UpGuard itself go to. With SMTP_HOST a mail to ALERT_EMAIL,
# with ALERT_WEBHOOK a POST to that address; without either, alerts are seen in Grafana only.
set -eu

cat <<EOF
route:
  receiver: operators
  # Many regions or lanes of one alert are one message.
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 12h

# What follows from something worse is not told beside it.
inhibit_rules:
  - source_matchers: ['alertname = UpguardRegionWithoutProbe']
    target_matchers: ['alertname = UpguardStreamLagGrows']
    equal: [region]
  - source_matchers: ['alertname =~ "UpguardPostgresAway|UpguardRedisAway|UpguardControlAbsent"']
    target_matchers: ['alertname =~ "UpguardPusherLags|UpguardResultsBacklog|UpguardClosingLags|UpguardLaneWithoutOwner|UpguardCoverageLow|UpguardApiErrors|UpguardProbeRedisErrors"']

receivers:
  - name: operators
EOF

if [ -n "${SMTP_HOST:-}" ]; then
    cat <<EOF
    email_configs:
      - to: '${ALERT_EMAIL:?whom to mail, as SMTP_HOST is set}'
        from: '${SMTP_FROM:?from whom, as SMTP_HOST is set}'
        smarthost: '${SMTP_HOST}:${SMTP_PORT:-587}'
        auth_username: '${SMTP_USER:-}'
        auth_password: '${SMTP_PASSWORD:-}'
        send_resolved: true
EOF
fi
if [ -n "${ALERT_WEBHOOK:-}" ]; then
    cat <<EOF
    webhook_configs:
      - url: '${ALERT_WEBHOOK}'
        send_resolved: true
EOF
fi
