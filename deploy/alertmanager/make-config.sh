#!/bin/sh
# Prints Alertmanager's configuration: whom Prometheus' alerts about UpGuard itself go to. With SMTP_HOST a mail to ALERT_EMAIL,
# with ALERT_WEBHOOK a POST to that address; without either, alerts are seen in Grafana only.
set -eu

# A text as YAML has it between single quotes.
quoted() {
    printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"
}

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
    target_matchers: ['alertname =~ "UpguardLaneStalled|UpguardPusherLags|UpguardResultsBacklog|UpguardClosingLags|UpguardLaneWithoutOwner|UpguardCoverageLow|UpguardApiErrors|UpguardProbeRedisErrors"']
  - source_matchers: ['alertname = UpguardErrorBudgetBurnsFast']
    target_matchers: ['alertname = UpguardErrorBudgetBurnsSlowly']
  - source_matchers: ['alertname = UpguardControlAbsent']
    target_matchers: ['alertname = UpguardTargetDown', 'job =~ ".*upguard-(control|monitors).*"']

receivers:
  - name: operators
EOF

if [ -n "${SMTP_HOST:-}" ]; then
    : "${ALERT_EMAIL:?whom to mail, as SMTP_HOST is set}" "${SMTP_FROM:?from whom, as SMTP_HOST is set}"
    # TLS from the first byte is Alertmanager's own rule for port 465.
    case "${SMTP_SECURITY:-starttls}" in
        tls) usual=465 require_tls=false ;;
        none) usual=25 require_tls=false ;;
        *) usual=587 require_tls=true ;;
    esac
    port=${SMTP_PORT:-0}
    [ "$port" != 0 ] || port=$usual
    cat <<EOF
    email_configs:
      - to: $(quoted "$ALERT_EMAIL")
        from: $(quoted "$SMTP_FROM")
        smarthost: $(quoted "${SMTP_HOST}:${port}")
        require_tls: ${require_tls}
        auth_username: $(quoted "${SMTP_USER:-}")
        auth_password: $(quoted "${SMTP_PASSWORD:-}")
        send_resolved: true
EOF
    if [ -n "${SMTP_HELLO:-}" ]; then
        echo "        hello: $(quoted "$SMTP_HELLO")"
    fi
    if [ -n "${SMTP_CA:-}" ]; then
        echo "        tls_config: {ca_file: $(quoted "$SMTP_CA")}"
    fi
fi
if [ -n "${ALERT_WEBHOOK:-}" ]; then
    cat <<EOF
    webhook_configs:
      - url: $(quoted "${ALERT_WEBHOOK}")
        send_resolved: true
EOF
fi
