{{/* Settings as environment variables: UPGUARD_<SECTION>__<KEY>. Give a dict of `name` (so far) and `value`. */}}
{{- define "control.settings" -}}
{{- range $key, $value := .value }}
{{- $name := printf "%s%s" $.name (upper $key) }}
{{- if kindIs "map" $value }}
{{- include "control.settings" (dict "name" (printf "%s__" $name) "value" $value) }}
{{- else if not (kindIs "invalid" $value) }}
{{ $name }}: {{ include "control.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A value as text. Whole numbers come as floating ones, and must not end as 1e+06. */}}
{{- define "control.text" -}}
{{- if kindIs "slice" . -}}
{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ printf "%.0f" . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end -}}

{{/* The Secret with the keys of settings that are secret. */}}
{{- define "control.secret" -}}
{{- if .Values.quickstart.enabled -}}
{{ include "control.name" . }}-quickstart
{{- else -}}
{{ default (include "control.name" .) .Values.existingSecret }}
{{- end -}}
{{- end -}}

{{/* Where a server's URL is. Give a dict of `at` and `server` (postgres or redis). */}}
{{- define "control.url" -}}
{{- $server := index .at.Values .server -}}
{{- if .at.Values.quickstart.enabled -}}
name: {{ include "control.secret" .at }}
key: {{ .server }}-url
{{- else if $server.existingSecret -}}
name: {{ $server.existingSecret }}
key: {{ $server.existingSecretKey }}
{{- else -}}
name: {{ include "control.name" .at }}
key: {{ .server }}-url
{{- end -}}
{{- end -}}

{{/* Whether a Secret of the chart's own is needed. */}}
{{- define "control.makesSecret" -}}
{{- if not .Values.quickstart.enabled -}}
{{- if not (and .Values.existingSecret .Values.postgres.existingSecret .Values.redis.existingSecret) -}}
yes
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where the file of authorities is mounted from; empty without one. */}}
{{- define "control.caVolume" -}}
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
  name: {{ include "control.name" $ }}-ca
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The environment of every container of control. */}}
{{- define "control.env" -}}
- name: UPGUARD_POSTGRES__URL
  valueFrom:
    secretKeyRef: {{- include "control.url" (dict "at" . "server" "postgres") | nindent 6 }}
- name: UPGUARD_REDIS__URL
  valueFrom:
    secretKeyRef: {{- include "control.url" (dict "at" . "server" "redis") | nindent 6 }}
- name: UPGUARD_AUTH__SECRET
  valueFrom:
    secretKeyRef: {name: {{ include "control.secret" . }}, key: auth-secret}
- name: UPGUARD_SECRETS__KEY
  valueFrom:
    secretKeyRef: {name: {{ include "control.secret" . }}, key: secrets-key}
- name: UPGUARD_AUTH__SECRETS
  valueFrom:
    secretKeyRef: {name: {{ include "control.secret" . }}, key: auth-secrets, optional: true}
- name: UPGUARD_SECRETS__KEYS
  valueFrom:
    secretKeyRef: {name: {{ include "control.secret" . }}, key: secrets-keys, optional: true}
- name: UPGUARD_SMTP__PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ include "control.secret" . }}, key: smtp-password, optional: true}
- name: UPGUARD_WATCHDOG__URL
  valueFrom:
    secretKeyRef: {name: {{ include "control.secret" . }}, key: watchdog-url, optional: true}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
