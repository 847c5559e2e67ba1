{{/* Everything is named after the release: short, and the same in every command. */}}
{{- define "control.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What selects pods: never changed, since a Deployment's selector cannot be. Give a dict of `at` (the root) and `component`. */}}
{{- define "control.selector" -}}
app.kubernetes.io/name: upguard-control
app.kubernetes.io/instance: {{ .at.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "control.labels" -}}
{{ include "control.selector" . }}
app.kubernetes.io/part-of: upguard
app.kubernetes.io/version: {{ .at.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .at.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .at.Chart.Name .at.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Give a dict of `image` and `at`. */}}
{{- define "control.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ default .at.Chart.AppVersion .image.tag }}
{{- end -}}
{{- end -}}

{{- define "control.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "control.name" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* What the standard `restricted` asks of a pod, and of each container. */}}
{{- define "control.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "control.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "control.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if .Values.ingress.enabled -}}
{{ ternary "https" "http" .Values.ingress.tls.enabled }}://{{ .Values.ingress.host }}
{{- end -}}
{{- end -}}
