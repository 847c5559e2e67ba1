{{/* What a schema cannot say: values that are needed, or exclude each other. Each names the value to set. */}}
{{- define "probe.refusals" -}}
{{- if not .Values.region -}}
{{- fail "region is empty: set it to where these probes stand, such as eu-west" -}}
{{- end -}}
{{- if not (or .Values.redis.url .Values.redis.existingSecret) -}}
{{- fail (printf "redis.existingSecret is empty: set it to a Secret with the key %s, or set redis.url" .Values.redis.existingSecretKey) -}}
{{- end -}}
{{- if and .Values.redis.url .Values.redis.existingSecret -}}
{{- fail "redis: set one of redis.url and redis.existingSecret" -}}
{{- end -}}
{{- $from := 0 -}}
{{- range tuple .Values.ca.pem .Values.ca.existingConfigMap .Values.ca.existingSecret -}}
{{- if . }}{{ $from = add1 $from }}{{ end -}}
{{- end -}}
{{- if gt (int $from) 1 -}}
{{- fail "ca: set one of ca.pem, ca.existingConfigMap and ca.existingSecret" -}}
{{- end -}}
{{- if and .Values.redis.privateCa (eq (int $from) 0) -}}
{{- fail "redis.privateCa needs authorities: set ca.pem, ca.existingConfigMap or ca.existingSecret" -}}
{{- end -}}
{{- include "probe.refusals.scaling" . -}}
{{- end -}}

{{- define "probe.refusals.scaling" -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "autoscaling.enabled and keda.enabled exclude each other: set one of them" -}}
{{- end -}}
{{- if and .Values.keda.enabled (not .Values.keda.prometheus) -}}
{{- fail "keda.prometheus is empty: set it to the URL of the Prometheus that scrapes control" -}}
{{- end -}}
{{- range tuple "autoscaling" "keda" -}}
{{- $of := index $.Values . -}}
{{- if and $of.enabled (gt (int $of.minReplicas) (int $of.maxReplicas)) -}}
{{- fail (printf "%s.maxReplicas is less than %s.minReplicas: raise it" . .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
