{{/* Mounts of every container of probe. */}}
{{- define "probe.mounts" -}}
{{- if include "probe.caVolume" . -}}
volumeMounts:
  - {name: ca, mountPath: /etc/upguard/ca, readOnly: true}
{{- end -}}
{{- end -}}

{{/* Which nodes probes go to. Spread as far as the cluster allows: a probe in the wrong place beats none. */}}
{{- define "probe.placement" -}}
topologySpreadConstraints:
{{- if .Values.topologySpreadConstraints }}
{{ toYaml .Values.topologySpreadConstraints | indent 2 }}
{{- else }}
{{- range tuple "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "probe.selector" (dict "at" $ "component" "probe") | nindent 8 }}
{{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}
