{{/* Settings as environment variables: UPGUARD_PROBE__<KEY>. Give a dict of `name` (so far) and `value`. */}}
{{- define "probe.settings" -}}
{{- range $key, $value := .value }}
{{- $name := printf "%s%s" $.name (upper $key) }}
{{- if kindIs "map" $value }}
{{- include "probe.settings" (dict "name" (printf "%s__" $name) "value" $value) }}
{{- else if not (kindIs "invalid" $value) }}
{{ $name }}: {{ include "probe.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A value as text. Whole numbers come as floating ones, and must not end as 1e+06. */}}
{{- define "probe.text" -}}
{{- if kindIs "slice" . -}}
{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ printf "%.0f" . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end -}}

{{/* Where the file of authorities is mounted from; empty without one. */}}
{{- define "probe.caVolume" -}}
{{- with .Values.ca -}}
{{- if .existingSecret -}}
secret:
  secretName: {{ .existingSecret }}
  items: [{key: {{ .key | quote }}, path: ca.crt}]
{{- else if .existingConfigMap -}}
configMap:
  name: {{ .existingConfigMap }}
  items: [{key: {{ .key | quote }}, path: ca.crt}]
{{- else if .pem -}}
configMap:
  name: {{ include "probe.name" $ }}-ca
{{- end -}}
{{- end -}}
{{- end -}}
