{{/* What a schema cannot say: values that are needed, or exclude each other. Each names the value to set. */}}
{{- define "control.refusals" -}}
{{- if .Values.quickstart.enabled -}}
{{- include "control.refusals.quickstart" . -}}
{{- else -}}
{{- include "control.refusals.servers" . -}}
{{- include "control.refusals.secrets" . -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.host is empty: set it to the name people type, such as upguard.example.org" -}}
{{- end -}}
{{- $from := 0 -}}
{{- range tuple .Values.ca.pem .Values.ca.existingConfigMap .Values.ca.existingSecret -}}
{{- if . }}{{ $from = add1 $from }}{{ end -}}
{{- end -}}
{{- if gt (int $from) 1 -}}
{{- fail "ca: set one of ca.pem, ca.existingConfigMap and ca.existingSecret" -}}
{{- end -}}
{{- range $server := tuple "postgres" "redis" -}}
{{- if and (index $.Values $server).privateCa (eq (int $from) 0) -}}
{{- fail (printf "%s.privateCa needs authorities: set ca.pem, ca.existingConfigMap or ca.existingSecret" $server) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.maxReplicas is less than autoscaling.minReplicas: raise it" -}}
{{- end -}}
{{- end -}}

{{- define "control.refusals.quickstart" -}}
{{- range $server := tuple "postgres" "redis" -}}
{{- $given := index $.Values $server -}}
{{- if or $given.url $given.existingSecret -}}
{{- fail (printf "quickstart.enabled brings a %s of its own: leave %s.url and %s.existingSecret empty, or set quickstart.enabled=false" $server $server $server) -}}
{{- end -}}
{{- end -}}
{{- if or .Values.postgres.privateCa .Values.redis.privateCa -}}
{{- fail "quickstart.enabled brings servers without TLS: set postgres.privateCa=false and redis.privateCa=false" -}}
{{- end -}}
{{- range $value := tuple "authSecret" "secretsKey" -}}
{{- if index $.Values.secrets $value -}}
{{- fail (printf "quickstart.enabled makes up secrets.%s: leave it empty, or set quickstart.enabled=false" $value) -}}
{{- end -}}
{{- end -}}
{{- if .Values.existingSecret -}}
{{- fail "quickstart.enabled makes up its secrets: leave existingSecret empty, or set quickstart.enabled=false" -}}
{{- end -}}
{{- end -}}

{{- define "control.refusals.servers" -}}
{{- range $server := tuple "postgres" "redis" -}}
{{- $given := index $.Values $server -}}
{{- if not (or $given.url $given.existingSecret) -}}
{{- fail (printf "%s.url is empty: set it, or %s.existingSecret to a Secret with the key %s; quickstart.enabled=true brings one for a try-out" $server $server $given.existingSecretKey) -}}
{{- end -}}
{{- if and $given.url $given.existingSecret -}}
{{- fail (printf "%s: set one of %s.url and %s.existingSecret" $server $server $server) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "control.refusals.secrets" -}}
{{- if not .Values.existingSecret -}}
{{- range $value, $key := dict "authSecret" "auth-secret" "secretsKey" "secrets-key" -}}
{{- $given := index $.Values.secrets $value -}}
{{- if not $given -}}
{{- fail (printf "secrets.%s is empty: set it to 32 random bytes or more (openssl rand -hex 32), or existingSecret to a Secret with the key %s" $value $key) -}}
{{- end -}}
{{- if lt (len $given) 32 -}}
{{- fail (printf "secrets.%s is shorter than 32 bytes: openssl rand -hex 32 makes a good one" $value) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- range $value, $given := .Values.secrets -}}
{{- if $given -}}
{{- fail (printf "secrets.%s and existingSecret exclude each other: put it into the Secret %s" $value $.Values.existingSecret) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
