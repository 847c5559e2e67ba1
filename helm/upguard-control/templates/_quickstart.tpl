{{/* Passwords of the try-out: made up once, kept in a Secret, and read from there when the release is upgraded. The answer
     is YAML: a map of keys of that Secret. Rendered several times in one run, so the first answer is remembered. */}}
{{- define "control.quickstart" -}}
{{- if not (hasKey .Values.quickstart "made") -}}
{{- $name := include "control.name" . -}}
{{- $kept := (lookup "v1" "Secret" .Release.Namespace (printf "%s-quickstart" $name)).data | default dict -}}
{{- $made := dict -}}
{{- range tuple "postgres-password" "redis-control-password" "auth-secret" "secrets-key" -}}
{{- $_ := set $made . (get $kept . | b64dec | default (randAlphaNum 40)) -}}
{{- end -}}
{{- $users := list -}}
{{- range .Values.quickstart.regions -}}
{{- $own := (lookup "v1" "Secret" $.Release.Namespace (printf "%s-region-%s" $name .)).data | default dict -}}
{{- $password := get $own "password" | b64dec | default (randAlphaNum 40) -}}
{{- $_ := set $made (printf "region %s" .) $password -}}
{{- $users = append $users (printf "%s:%s" . $password) -}}
{{- end -}}
{{- $_ := set $made "redis-regions" (join " " $users) -}}
{{- $_ := set .Values.quickstart "made" $made -}}
{{- end -}}
{{- toYaml .Values.quickstart.made -}}
{{- end -}}

{{/* Metadata of Secrets that outlive the release, as the volumes do that their passwords open. */}}
{{- define "control.kept" -}}
helm.sh/resource-policy: keep
{{- end -}}
