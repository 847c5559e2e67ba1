#!/bin/sh
# Starts Alertmanager with the configuration that make-config.sh prints.
set -eu
umask 077
sh "$(dirname "$0")/make-config.sh" > /tmp/alertmanager.yml
exec /bin/alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager --cluster.listen-address=
