{{/* Addresses that are not the internet: RFC 6890's registries, and what is relayed to such addresses. */}}
{{- define "probe.private4" -}}
- 0.0.0.0/8
- 10.0.0.0/8
- 100.64.0.0/10
- 127.0.0.0/8
- 169.254.0.0/16
- 172.16.0.0/12
- 192.0.0.0/24
- 192.168.0.0/16
- 198.18.0.0/15
- 224.0.0.0/4
- 240.0.0.0/4
{{- end -}}

{{- define "probe.private6" -}}
- "::/96"
- "64:ff9b::/96"
- "64:ff9b:1::/48"
- "100::/64"
- "2002::/16"
- "fc00::/7"
- "fe80::/10"
- "fec0::/10"
- "ff00::/8"
{{- end -}}
