{{/* Mounts of every container of control. */}}
{{- define "control.mounts" -}}
{{- if include "control.caVolume" . -}}
volumeMounts:
  - {name: ca, mountPath: /etc/upguard/ca, readOnly: true}
{{- end -}}
{{- end -}}

{{/* Which nodes replicas go to. Spread as far as the cluster allows: a replica in the wrong place beats none. */}}
{{- define "control.placement" -}}
topologySpreadConstraints:
{{- if .Values.topologySpreadConstraints }}
{{ toYaml .Values.topologySpreadConstraints | indent 2 }}
{{- else }}
{{- range tuple "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "control.selector" (dict "at" $ "component" "control") | nindent 8 }}
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
