{{/* Everything is named after the release: short, and the same in every command. */}}
{{- define "probe.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What selects pods: never changed, since a Deployment's selector cannot be. Give a dict of `at` (the root) and `component`. */}}
{{- define "probe.selector" -}}
app.kubernetes.io/name: upguard-probe
app.kubernetes.io/instance: {{ .at.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "probe.labels" -}}
{{ include "probe.selector" . }}
app.kubernetes.io/part-of: upguard
app.kubernetes.io/version: {{ .at.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .at.Release.Service }}
upguard.io/region: {{ .at.Values.region | quote }}
helm.sh/chart: {{ printf "%s-%s" .at.Chart.Name .at.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "probe.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "probe.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "probe.name" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* What the standard `restricted` asks of a pod, and of each container. */}}
{{- define "probe.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- with .Values.sysctls }}
sysctls:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "probe.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
